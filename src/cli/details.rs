//! What an operator says of whitelist entries, as arguments that several commands take.

use chrono::NaiveDate;
use clap::Args;

use super::services::Services;
use crate::model::comment_text::CommentText;
use crate::planning::details::Details;

/// What the register says of an entry.
#[derive(Debug, Args)]
pub struct DetailArguments {
    /// The customer's name.
    #[arg(long, value_name = "NAME", value_parser = CommentText::new)]
    pub customer: Option<CommentText>,
    /// A note, e.g. "Primary uplink".
    #[arg(long, value_name = "TEXT", value_parser = CommentText::new)]
    pub note: Option<CommentText>,
    /// The last day on which the entry is needed, YYYY-MM-DD.
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub expires: Option<NaiveDate>,
    /// The day on which to review the entry, YYYY-MM-DD.
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub review: Option<NaiveDate>,
    /// Take over an entry that belongs to another customer.
    #[arg(long)]
    pub reassign: bool,
}

/// A day, as an argument.
fn day(text: &str) -> Result<NaiveDate, String> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .map_err(|_| "not a valid date; use YYYY-MM-DD, e.g. 2027-05-22".to_owned())
}

impl DetailArguments {
    /// With the operator and the ticket.
    pub fn details(self, services: &Services) -> Details {
        Details {
            customer: self.customer,
            note: self.note,
            expires: self.expires,
            review: self.review,
            reassign: self.reassign,
            ticket: services.global.ticket.clone(),
            by: services.by(),
        }
    }
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
