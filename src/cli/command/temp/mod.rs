//! `f2bctl temp`: the runbook's "Add a temporary runtime ignoreip", with an end.

use std::sync::Arc;

use clap::{Args, Subcommand};

use crate::checks::warnings::survey;
use crate::cli::details::DetailArguments;
use crate::cli::network::separated;
use crate::cli::runner::{Reported, change, report};
use crate::cli::services::Services;
use crate::document::{Document, Failure, FailureKind, Report, Temporary};
use crate::model::observed::{Observed, Part};
use crate::model::text::Text;
use crate::model::timespan::Timespan;
use crate::procedure::{Temp, TempAct, temporary};

/// Whitelist entries that expire by themselves.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Whitelist an address in every asterisk jail (or those of --jail) for a time; the host ends it by itself.
    Add(Timed),
    /// List the temporary entries with the time that is left.
    List,
    /// Move the end of a temporary entry to a later time, never to an earlier one.
    Extend(Timed),
    /// End a temporary entry now.
    Remove(Targets),
    /// Turn a temporary entry into a customer's permanent one, as `onboard` does.
    Keep(Keep),
}

/// Which entries.
#[derive(Debug, Args)]
pub struct Targets {
    /// Addresses or small networks.
    #[arg(value_name = "ADDR", required = true)]
    pub targets: Vec<String>,
}

/// Which entries, and for how long.
#[derive(Debug, Args)]
pub struct Timed {
    /// Addresses or small networks.
    #[arg(value_name = "ADDR", required = true)]
    pub targets: Vec<String>,
    /// How long from now on, e.g. 45m, 12h or 2d; at most 7d.
    #[arg(long = "for", value_name = "DURATION", value_parser = Timespan::parse_with_unit)]
    pub span: Timespan,
    /// Only in this jail (may be given several times); without it in every jail whose name begins with `asterisk`.
    #[arg(long = "jail", value_name = "JAIL")]
    pub jails: Vec<String>,
}

/// Which entries are kept, and their customers.
#[derive(Debug, Args)]
pub struct Keep {
    /// Addresses or small networks.
    #[arg(value_name = "ADDR", required = true)]
    pub targets: Vec<String>,
    /// What the register of customers says of them.
    #[command(flatten)]
    pub details: DetailArguments,
}

impl Command {
    /// The command as it is typed.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Add(_) => "temp add",
            Self::List => "temp list",
            Self::Extend(_) => "temp extend",
            Self::Remove(_) => "temp remove",
            Self::Keep(_) => "temp keep",
        }
    }
}

const PARTS: &[Part] = &[
    Part::JailLocal,
    Part::Server,
    Part::Changes,
    Part::Lock,
    Part::Temporary,
    Part::Origins,
];

/// Runs the command.
pub async fn run(services: Arc<Services>, command: Command) -> Vec<Document> {
    let name = command.name();
    let procedure = match command {
        Command::List => return report(services, name, PARTS, |_, _, observed| list(observed)).await,
        Command::Add(Timed { targets, span, jails }) => Temp {
            targets: separated(&targets),
            act: TempAct::Add(services.grant(span, jails)),
        },
        Command::Extend(Timed { targets, span, jails }) => Temp {
            targets: separated(&targets),
            act: TempAct::Extend(services.grant(span, jails)),
        },
        Command::Remove(Targets { targets }) => Temp {
            targets: separated(&targets),
            act: TempAct::Remove,
        },
        Command::Keep(Keep { details, .. }) if details.customer.is_none() => {
            let failure =
                Failure::new(FailureKind::Usage, "a permanent entry needs a customer").hint("pass --customer NAME");
            return vec![Document::failed(name, None, &failure)];
        }
        Command::Keep(Keep { targets, details }) => Temp {
            targets: separated(&targets),
            act: TempAct::Keep(details.details(&services)),
        },
    };
    change(services, procedure).await
}

fn list(observed: &Observed) -> Reported {
    let rows = temporary(observed)?;
    let ender = observed.temporary.value().and_then(|register| register.ender.clone());
    let temporary = Temporary {
        temporary: rows,
        ender: ender.map(Text::from),
    };
    Ok(Report::from(temporary).warned(survey(observed)))
}
