//! `f2bctl rollback`: the runbook's "Rollback to the pre-split single jail", without what goes wrong with it by hand.

use std::sync::Arc;

use clap::Args;

use crate::cli::runner::change;
use crate::cli::services::Services;
use crate::document::{Document, Failure, FailureKind};
use crate::procedure::{Customers, Rollback};
use crate::ui::ask_choice;

/// Roll back to the single asterisk jail from before the split; the split's filters are kept in the journal.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The backup: its path, its name, or a part of the name that no other has; the newest pre-split one by default.
    #[arg(value_name = "BACKUP")]
    pub backup: Option<String>,
    /// Keep whitelisted the customers that the backup does not have.
    #[arg(long, conflicts_with = "drop_whitelist")]
    pub carry_whitelist: bool,
    /// Use the whitelist of the backup.
    #[arg(long)]
    pub drop_whitelist: bool,
    /// The log that the single jail reads, if the backup names another one.
    #[arg(long, value_name = "PATH", value_parser = Rollback::checked_path)]
    pub set_logpath: Option<String>,
}

/// Runs the command.
pub async fn run(services: Arc<Services>, arguments: Arguments) -> Vec<Document> {
    let customers = match chosen(&services, &arguments) {
        Ok(customers) => customers,
        Err(failure) => return vec![Document::failed("rollback", None, &failure)],
    };
    let procedure = Rollback {
        backup: arguments.backup,
        customers,
        log_path: arguments.set_logpath,
    };
    change(services, procedure).await
}

/// What becomes of the customers: this has no default, so that nobody loses them by a habit of saying yes.
fn chosen(services: &Services, arguments: &Arguments) -> Result<Customers, Failure> {
    if arguments.carry_whitelist {
        return Ok(Customers::Carry);
    }
    if arguments.drop_whitelist {
        return Ok(Customers::Drop);
    }
    if services.global.yes || !services.output.can_ask() {
        return Err(Failure::new(
            FailureKind::Usage,
            "choose what happens to the customers whitelisted since the backup; nothing was changed",
        )
        .hint("pass --carry-whitelist to keep them whitelisted")
        .hint("pass --drop-whitelist to use the whitelist of the backup"));
    }
    let choices = ["Keep them whitelisted", "Drop them: use the whitelist of the backup"];
    match ask_choice("What happens to the customers whitelisted since the backup", &choices) {
        Some(0) => Ok(Customers::Carry),
        Some(_) => Ok(Customers::Drop),
        None => Err(Failure::new(FailureKind::Interrupted, "cancelled; nothing was changed")),
    }
}
