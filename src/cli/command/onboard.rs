//! `f2bctl onboard`: the runbook's "Adding a new customer", whole.

use std::sync::Arc;

use chrono::NaiveDate;
use clap::Args;

use crate::cli::runner::change;
use crate::cli::services::Services;
use crate::document::{Document, Failure, FailureKind};
use crate::model::comment_text::CommentText;
use crate::model::network::Network;
use crate::procedure::{Details, Onboard};
use crate::ui::ask_text;

/// Whitelist a customer's network: back up, add with its comment, reload, verify, lift its members' bans.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The customer's public networks or addresses, e.g. 203.0.113.0/28.
    #[arg(value_name = "NETWORK")]
    pub networks: Vec<String>,
    /// What the register says of them.
    #[command(flatten)]
    pub said: Said,
}

/// What the register says of an entry.
#[derive(Debug, Args)]
pub struct Said {
    /// Whose it is.
    #[arg(long, value_name = "NAME", value_parser = CommentText::new)]
    pub customer: Option<CommentText>,
    /// What else there is to say, e.g. "Primary uplink".
    #[arg(long, value_name = "TEXT", value_parser = CommentText::new)]
    pub note: Option<CommentText>,
    /// The last day on which it is meant to be there, YYYY-MM-DD.
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub expires: Option<NaiveDate>,
    /// The day on which it is to be looked at again, YYYY-MM-DD.
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub review: Option<NaiveDate>,
}

/// A day, as an argument.
fn day(text: &str) -> Result<NaiveDate, String> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .map_err(|_| "no day of the calendar; write it as YYYY-MM-DD, e.g. 2027-05-22".to_owned())
}

impl Said {
    /// With the operator and the ticket.
    pub fn details(self, services: &Services) -> Details {
        Details {
            customer: self.customer,
            note: self.note,
            expires: self.expires,
            review: self.review,
            ticket: services.global.ticket.clone(),
            by: services.by(),
        }
    }
}

/// Runs the command.
pub async fn run(services: Arc<Services>, arguments: Arguments) -> Vec<Document> {
    let (networks, said) = match completed(&services, arguments) {
        Ok(complete) => complete,
        Err(failure) => return vec![Document::failed("onboard", None, &failure)],
    };
    let details = said.details(&services);
    change(services, Onboard { networks, details }).await
}

/// Asks for what is missing, where there is somebody to ask.
fn completed(services: &Services, arguments: Arguments) -> Result<(Vec<String>, Said), Failure> {
    let Arguments { mut networks, mut said } = arguments;
    let asking = services.output.can_ask() && !services.global.yes;
    let given_up = || Failure::new(FailureKind::Interrupted, "given up; nothing was changed");
    if networks.is_empty() {
        if !asking {
            return Err(missing(
                services,
                "a network",
                "e.g. `f2bctl onboard 203.0.113.0/28 --customer NAME`",
            ));
        }
        let check = |text: &str| {
            Network::parse(text.trim())
                .map(|_| ())
                .map_err(|error| error.to_string())
        };
        let typed = ask_text(
            "The customer's public network (ask their IT; usually a /29 or /28)",
            check,
        );
        networks.push(typed.ok_or_else(given_up)?.trim().to_owned());
    }
    if said.customer.is_none() {
        if !asking {
            return Err(missing(services, "--customer NAME", "every entry says whose it is"));
        }
        let check = |text: &str| CommentText::new(text).map(|_| ()).map_err(|error| error.to_string());
        let typed = ask_text("The customer's name", check).ok_or_else(given_up)?;
        said.customer = CommentText::new(&typed).ok();
    }
    Ok((networks, said))
}

fn missing(services: &Services, what: &str, hint: &'static str) -> Failure {
    // At a terminal it is the flag alone that keeps the question away.
    let why = match services.output.can_ask() {
        true => "--yes lets nothing be asked",
        false => "there is no terminal to ask on",
    };
    Failure::new(FailureKind::Usage, format!("{what} is missing, and {why}")).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::day;

    #[test]
    fn a_day_is_one_of_the_calendar() {
        assert_eq!(
            day("2028-02-29").map(|day| day.to_string()).as_deref(),
            Ok("2028-02-29")
        );
        for wrong in ["tomorrow", "2027-02-29", "22.05.2027", ""] {
            assert!(day(wrong).is_err_and(|why| why.contains("YYYY-MM-DD")), "{wrong}");
        }
    }
}
