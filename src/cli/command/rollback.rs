//! `f2bctl rollback`: the runbook's "Rollback to the pre-split single jail", without what goes wrong with it by hand.

use std::sync::Arc;

use clap::Args;

use crate::cli::runner::{change, name_of, with_host};
use crate::cli::services::Services;
use crate::document::{Document, Failure, FailureKind};
use crate::model::host_name::HostName;
use crate::model::observed::Part;
use crate::procedure::{Customers, Rollback};
use crate::remote::host::Host;
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

/// What tells which backups there are, and whether fail2ban can read them.
const PARTS: &[Part] = &[Part::Backups, Part::BackupTexts, Part::Server];

/// Runs the command.
pub async fn run(services: Arc<Services>, arguments: Arguments) -> Vec<Document> {
    let mut procedure = Rollback {
        backup: arguments.backup.clone(),
        customers: Customers::Carry,
        log_path: arguments.set_logpath.clone(),
    };
    if will_ask(&services, &arguments)
        && let Err(failed) = has_a_backup(&services, &procedure).await
    {
        return vec![*failed];
    }
    procedure.customers = match chosen(&services, &arguments) {
        Ok(customers) => customers,
        Err(failure) => return vec![Document::failed("rollback", None, &failure)],
    };
    change(services, procedure).await
}

/// Whether somebody is asked what becomes of the customers.
fn will_ask(services: &Services, arguments: &Arguments) -> bool {
    let is_chosen = arguments.carry_whitelist || arguments.drop_whitelist;
    !is_chosen && !services.global.yes && services.output.can_ask()
}

/// Looks for the backup on each host: nobody is asked about customers of one that is not there.
async fn has_a_backup(services: &Services, procedure: &Rollback) -> Result<(), Box<Document>> {
    let failed = |name: Option<&HostName>, failure: Failure| Box::new(Document::failed("rollback", name, &failure));
    for host in services.hosts().map_err(|failure| failed(None, failure))? {
        let name = name_of(&host);
        let look = async |link: &mut Host| link.observe(PARTS, &mut |_| ()).await;
        let observed = with_host(services, &host, look)
            .await
            .map_err(|failure| failed(Some(&name), failure))?;
        procedure
            .backup_of(&observed)
            .map_err(|refusal| failed(Some(&name), refusal.into()))?;
    }
    Ok(())
}

/// What becomes of the customers: this has no default, so that nobody loses them by a habit of saying yes.
fn chosen(services: &Services, arguments: &Arguments) -> Result<Customers, Failure> {
    if arguments.carry_whitelist {
        return Ok(Customers::Carry);
    }
    if arguments.drop_whitelist {
        return Ok(Customers::Drop);
    }
    if !will_ask(services, arguments) {
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
