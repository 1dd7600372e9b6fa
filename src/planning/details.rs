//! What an operator says of a whitelist entry, and the register line that comes of it.

use chrono::NaiveDate;

use crate::model::comment_text::CommentText;
use crate::model::jail_local::{Metadata, Registration};
use crate::model::network::Network;

use super::refusal::Refusal;

/// What the register says of an entry, as far as the operator gave it; what is absent stays as it is in the file.
#[derive(Debug, Clone, Default)]
pub struct Details {
    /// The customer's name.
    pub customer: Option<CommentText>,
    /// A note.
    pub note: Option<CommentText>,
    /// The last day on which the entry is meant to be there.
    pub expires: Option<NaiveDate>,
    /// The day on which it is to be looked at again.
    pub review: Option<NaiveDate>,
    /// `--reassign`: an entry of another customer may be taken over.
    pub reassign: bool,
    /// The ticket.
    pub ticket: Option<String>,
    /// Who works.
    pub by: String,
}

impl Details {
    /// Dates that have passed are typing errors.
    ///
    /// # Errors
    /// A usage refusal of the first that is before today.
    pub fn dates_lie_ahead(&self, today: NaiveDate) -> Result<(), Refusal> {
        for (flag, date) in [("--expires", self.expires), ("--review", self.review)] {
            if let Some(date) = date.filter(|date| *date < today) {
                return Err(
                    Refusal::usage(format!("{flag} {date} has passed; on the host it is {today}"))
                        .hint("give a day that is still to come"),
                );
            }
        }
        Ok(())
    }

    /// The register line of a network: what is there, with what was given on top; a new line also says who and when.
    ///
    /// # Errors
    /// A usage refusal if a value cannot be in the comment, or if there is no customer at all.
    pub fn registration(
        &self,
        network: Network,
        present: Option<&Registration>,
        today: NaiveDate,
    ) -> Result<Registration, Refusal> {
        let customer = self
            .customer
            .clone()
            .or_else(|| present.map(|line| line.customer.clone()));
        let customer = customer
            .ok_or_else(|| Refusal::usage(format!("{network} needs a customer")).hint("pass --customer NAME"))?;
        let mut metadata = present.map(|line| line.metadata.clone()).unwrap_or_default();
        if present.is_none() {
            set(&mut metadata, "by", &self.by)?;
            set(&mut metadata, "on", &today.to_string())?;
        }
        if let Some(ticket) = &self.ticket {
            set(&mut metadata, "ticket", ticket)?;
        }
        for (key, date) in [("review", self.review), ("expires", self.expires)] {
            if let Some(date) = date {
                set(&mut metadata, key, &date.to_string())?;
            }
        }
        Ok(Registration {
            network,
            customer,
            note: self.note.clone().or_else(|| present.and_then(|line| line.note.clone())),
            metadata,
        })
    }
}

/// Writes a value into the `key=value` part of a register line.
///
/// # Errors
/// A usage refusal if the value cannot be there.
pub fn set(metadata: &mut Metadata, key: &str, value: &str) -> Result<(), Refusal> {
    metadata
        .set(key, value)
        .map_err(|error| Refusal::usage(format!("{key}: {error}")))
}
