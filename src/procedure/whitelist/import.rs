//! Import a register of customers: every row by the guard-rails of onboarding, all of them in one change or none.

use chrono::NaiveDate;

use crate::model::jail_local::{Metadata, Registration};
use crate::model::observed::Observed;
use crate::model::register_table::TableRow;
use crate::planning::details::set;
use crate::planning::draft::Draft;
use crate::planning::entry_index::EntryIndex;
use crate::planning::policy::{Allowed, Guard};
use crate::planning::procedure::Procedure;
use crate::planning::reading::jail_local;
use crate::planning::refusal::Refusal;
use crate::planning::whitelisting::{Whitelisting, needs_a_key, whitelist};

/// How many refused rows are listed.
const MOST_LISTED: usize = 20;

/// The request: the rows of a table that was read, and what new lines say besides.
#[derive(Debug, Clone)]
pub struct Import {
    /// The rows.
    pub rows: Vec<TableRow>,
    /// `--reassign`: entries of other customers may be taken over.
    pub reassign: bool,
    /// The ticket, for rows that name none.
    pub ticket: Option<String>,
    /// Who works, for rows that do not say who added them.
    pub by: String,
}

impl Import {
    /// Holds every row against the guard-rails, before any host is asked.
    ///
    /// # Errors
    /// One refusal that tells of all rows.
    pub fn allowed(&self, guard: &Guard) -> Result<Vec<Allowed>, Refusal> {
        let mut good = Vec::new();
        let mut refused: Vec<(usize, Refusal)> = Vec::new();
        for row in &self.rows {
            match guard.whitelisting(&row.network) {
                Ok(allowed) => good.push(allowed),
                Err(refusal) => refused.push((row.line, refusal)),
            }
        }
        all_or_none(refused).map(|()| good)
    }

    fn registration(
        &self,
        row: &TableRow,
        allowed: &Allowed,
        listed: &EntryIndex,
        today: NaiveDate,
    ) -> Result<Registration, Refusal> {
        let network = allowed.network;
        let present = listed.registration(&network);
        let mut metadata = match present {
            Some(line) => line.metadata.clone(),
            None => self.first_pairs(row, today)?,
        };
        for (key, value) in row.metadata.iter() {
            set(&mut metadata, key, value)?;
        }
        let registration = Registration {
            network,
            customer: row.customer.clone(),
            note: row.note.clone().or_else(|| present.and_then(|line| line.note.clone())),
            metadata,
        };
        // An entry that is there as it is may have expired; it is not this import that puts it there.
        if present != Some(&registration) {
            not_expired(&registration, today)?;
        }
        Ok(registration)
    }

    /// Who and when are first, as they do after onboarding.
    fn first_pairs(&self, row: &TableRow, today: NaiveDate) -> Result<Metadata, Refusal> {
        let mut metadata = Metadata::new();
        let given = |key: &str| row.metadata.get(key).map(str::to_owned);
        set(&mut metadata, "by", &given("by").unwrap_or_else(|| self.by.clone()))?;
        set(&mut metadata, "on", &given("on").unwrap_or_else(|| today.to_string()))?;
        if let Some(ticket) = given("ticket").or_else(|| self.ticket.clone()) {
            set(&mut metadata, "ticket", &ticket)?;
        }
        Ok(metadata)
    }
}

impl Procedure for Import {
    fn command(&self) -> &'static str {
        "whitelist import"
    }

    fn reads_the_disk(&self, observed: &Observed) -> bool {
        needs_a_key(observed)
    }

    fn draft(&self, observed: &Observed, guard: &Guard) -> Result<Draft, Refusal> {
        let allowed = self.allowed(guard)?;
        let listed = EntryIndex::of(jail_local(observed)?);
        let mut draft = Draft::default();
        let mut registrations = Vec::new();
        let mut refused = Vec::new();
        for (row, allowed) in self.rows.iter().zip(allowed) {
            match self.registration(row, &allowed, &listed, observed.clock.today()) {
                Ok(registration) => {
                    if listed.registration(&allowed.network) != Some(&registration) {
                        draft.warnings.extend(listed.neighbours(&allowed.network));
                    }
                    draft.warnings.extend(allowed.warnings);
                    registrations.push(registration);
                }
                Err(refusal) => refused.push((row.line, refusal)),
            }
        }
        all_or_none(refused)?;
        let into = Whitelisting {
            label: "import",
            reassign: self.reassign,
            ..Whitelisting::default()
        };
        whitelist(&mut draft, into, &registrations, observed, guard)?;
        Ok(draft)
    }
}

fn not_expired(registration: &Registration, today: NaiveDate) -> Result<(), Refusal> {
    let day: Option<NaiveDate> = registration.metadata.get("expires").and_then(|day| day.parse().ok());
    match day.filter(|day| *day < today) {
        Some(day) => Err(Refusal::usage(format!(
            "{} expired on {day}; on the host it is {today}",
            registration.network
        ))),
        None => Ok(()),
    }
}

/// Nothing, if no row is refused; else one refusal that names each row. The first decides its kind.
fn all_or_none(refused: Vec<(usize, Refusal)>) -> Result<(), Refusal> {
    let Some((_, first)) = refused.first() else {
        return Ok(());
    };
    let mut listed: Vec<String> = refused
        .iter()
        .take(MOST_LISTED)
        .map(|(line, refusal)| format!("\n  | number {line}: {}", refusal.message))
        .collect();
    if refused.len() > MOST_LISTED {
        listed.push(format!("\n  | and {} more", refused.len() - MOST_LISTED));
    }
    let message = format!(
        "the file is not imported, because some of its entries are refused:{}",
        listed.concat()
    );
    let mut refusal = Refusal::new(first.kind, message).hint("correct them or take them out; nothing was changed");
    refusal.hints.extend(first.hints.iter().cloned());
    Err(refusal)
}
