//! Onboard a customer (runbook, "Adding a new customer"): the entry with its comment, in force in every jail, and the
//! bans of its members lifted, since whitelisting alone does not lift a ban.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, NaiveDate, TimeZone as _};

use crate::model::comment_text::{CommentText, escaped};
use crate::model::jail_local::{JailLocal, Metadata, Registration};
use crate::model::network::Network;
use crate::model::observed::{Jail, Observed, Part};
use crate::model::operation::{BansOf, Edit};

use super::Procedure;
use super::draft::{Draft, ServerMove};
use super::entry_index::EntryIndex;
use super::guard::{Allowed, Guard};
use super::reading::{edit_refusal, jail_local, new_jail_local, server};
use super::refusal::Refusal;
use super::reload::server_move;
use super::requirement::Requirement;
use super::unban::members;
use super::unlisted;
use crate::document::{Warning, WarningCode};

/// The section in which a file names others to be read before and after it.
const INCLUDES: &str = "INCLUDES";

/// The request.
#[derive(Debug, Clone)]
pub struct Onboard {
    /// Networks as typed.
    pub networks: Vec<String>,
    /// What is said of them.
    pub details: Details,
}

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
    /// The ticket.
    pub ticket: Option<String>,
    /// Who works.
    pub by: String,
}

impl Details {
    /// Dates that have passed are typing errors.
    ///
    /// # Errors
    /// A usage refusal of the first that lies before today.
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

    /// The register line of a network: what stands there, with what was given on top; a new line also says who and when.
    ///
    /// # Errors
    /// A usage refusal if a value cannot stand in the comment, or if there is no customer at all.
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
        let customer = customer.ok_or_else(|| {
            Refusal::usage(format!("{network} needs to say whose it is")).hint("pass --customer NAME")
        })?;
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

fn set(metadata: &mut Metadata, key: &str, value: &str) -> Result<(), Refusal> {
    metadata
        .set(key, value)
        .map_err(|error| Refusal::usage(format!("{key}: {error}")))
}

impl Procedure for Onboard {
    fn command(&self) -> &'static str {
        "onboard"
    }

    fn parts(&self) -> &'static [Part] {
        &[Part::Firewall]
    }

    fn reads_the_disk(&self, observed: &Observed) -> bool {
        needs_a_key(observed)
    }

    fn draft(&self, observed: &Observed, guard: &Guard) -> Result<Draft, Refusal> {
        let allowed = self.allowed(guard)?;
        self.details.dates_lie_ahead(today(observed))?;
        let listed = EntryIndex::of(&jail_local(observed)?);
        let mut draft = Draft::default();
        let mut registrations = Vec::new();
        for Allowed { network, warnings } in allowed {
            draft.warnings.extend(warnings);
            draft.warnings.extend(listed.neighbours(&network));
            let present = listed.registration(&network);
            registrations.push(self.details.registration(network, present, today(observed))?);
        }
        let customer = registrations.first().map(|line| line.customer.as_str());
        draft
            .warnings
            .extend(customer.and_then(|customer| listed.near_name(customer)));
        whitelist(&mut draft, "onboard", &registrations, observed, guard)?;
        Ok(draft)
    }

    fn already(&self, observed: &Observed) -> Vec<String> {
        let Ok(document) = jail_local(observed) else {
            return Vec::new();
        };
        let listed = EntryIndex::of(&document);
        let typed = self.networks.iter().filter_map(|typed| Network::parse(typed).ok());
        let whose = typed.filter_map(|parsed| Some((parsed.network, listed.registration(&parsed.network)?)));
        whose
            .map(|(network, line)| format!("{network} is already whitelisted for {}.", line.customer))
            .collect()
    }
}

/// Drafts these entries with their register lines, in force everywhere, and the bans of their members lifted. `label` is
/// the backup's.
///
/// # Errors
/// A precondition's refusal if jail.local cannot be edited safely, or if fail2ban is down without `--start`.
pub fn whitelist(
    draft: &mut Draft,
    label: &str,
    registrations: &[Registration],
    observed: &Observed,
    guard: &Guard,
) -> Result<(), Refusal> {
    let document = jail_local(observed)?;
    let listed = EntryIndex::of(&document);
    let edited = document
        .add(registrations, &inherited(observed))
        .map_err(edit_refusal)?;
    for finding in &edited.warnings {
        draft
            .warnings
            .push(Warning::new(WarningCode::JailLocal, format!("{finding}")));
    }
    if edited.changed {
        let new = |line: &&Registration| listed.registration(&line.network) != Some(*line);
        draft.backup = Some(label.to_owned());
        let meaning = registrations.iter().filter(new).map(whitelisting).collect();
        draft.files.push(new_jail_local(observed, &edited.document, meaning)?);
    }
    let takeovers = registrations.iter().filter_map(|line| listed.takeover(line));
    draft.warnings.extend(takeovers);
    for registration in registrations {
        draft
            .intent
            .whitelisted
            .insert(registration.network.shown_by_fail2ban());
    }
    draft.requirements.push(Requirement::Whitelisted {
        entries: draft.intent.whitelisted.clone(),
        replaced: replaced(&document),
    });
    move_server(draft, observed, guard)?;
    lift(draft, observed, registrations.iter().map(|line| line.network))
}

/// Where jail.local itself lets something else replace its list in `[DEFAULT]`, each with its place.
fn replaced(document: &JailLocal) -> Vec<String> {
    let place = |section: &str, key: &str| {
        let line = document.locate(section, key).map_or(0, |position| position.line);
        format!("{}:{line}", escaped(document.path()))
    };
    let after = document
        .setting(INCLUDES, "after")
        .filter(|setting| setting.section == INCLUDES);
    let included = after.map(|setting| {
        let file = escaped(setting.value);
        format!(
            "{}: {file} is read after jail.local, and an ignoreip there replaces the list",
            place(INCLUDES, "after")
        )
    });
    let own = document.own_ignoreip_sections().into_iter().map(|section| {
        let place = place(&section, "ignoreip");
        format!("{place}: [{}] has an ignoreip of its own", escaped(&section))
    });
    own.chain(included).collect()
}

impl Onboard {
    fn allowed(&self, guard: &Guard) -> Result<Vec<Allowed>, Refusal> {
        if self.networks.is_empty() {
            return Err(
                Refusal::usage("no network was given").hint("e.g. `f2bctl onboard 203.0.113.0/28 --customer NAME`")
            );
        }
        self.networks.iter().map(|typed| guard.whitelisting(typed)).collect()
    }
}

/// A reload is due if the file changes, or if a running jail lacks what the file has had for longer.
fn move_server(draft: &mut Draft, observed: &Observed, guard: &Guard) -> Result<(), Refusal> {
    let lacking = |jail: &Jail| {
        let list = jail.ignoreip();
        draft.intent.whitelisted.iter().any(|entry| !list.contains(entry))
    };
    let server = server(observed)?;
    if draft.files.is_empty() && server.running && !server.jails.values().any(lacking) {
        return Ok(());
    }
    draft.server = server_move(observed, guard)?;
    draft.intent.everything = draft.server == ServerMove::Start;
    Ok(())
}

/// Bans of members are lifted in every jail.
fn lift(draft: &mut Draft, observed: &Observed, networks: impl Iterator<Item = Network>) -> Result<(), Refusal> {
    let jails: &BTreeMap<String, Jail> = &server(observed)?.jails;
    let unlisted = unlisted::on_host(observed);
    for network in networks {
        let is_banned = |jail: &Jail| !members(jail, &network).is_empty();
        let is_blocked = jails.values().any(is_banned) || !unlisted::members(&unlisted, &network).is_empty();
        // While the change runs another member may be banned, so this goes along with every change.
        if !is_blocked && draft.files.is_empty() && draft.server == ServerMove::None {
            continue;
        }
        draft.unban.push(BansOf { network, jails: None });
    }
    Ok(())
}

fn whitelisting(registration: &Registration) -> Edit {
    Edit::Whitelist {
        network: registration.network,
        customer: registration.customer.clone(),
    }
}

/// Whether a new entry would need a new key in jail.local, which replaces the list that the other files give.
pub fn needs_a_key(observed: &Observed) -> bool {
    jail_local(observed).is_ok_and(|document| document.ignoreip().is_none())
}

/// The whitelist without any `ignoreip` in jail.local: a new key would replace it, so it begins with it.
///
/// It is what the files give, not what runs: an entry that was set at run time, with an end or by hand, must not become
/// one for good. Entries that only some jails have stand in a jail's own section, and are not inherited.
fn inherited(observed: &Observed) -> Vec<String> {
    let jails = observed.on_disk.as_ref().map(|disk| &disk.jails);
    let mut lists = jails.into_iter().flat_map(|jails| jails.values().map(Jail::ignoreip));
    let first = lists.next().unwrap_or_default();
    lists.fold(first, |common, list| {
        common.into_iter().filter(|entry| list.contains(entry)).collect()
    })
}

/// The day on the host.
pub fn today(observed: &Observed) -> NaiveDate {
    let clock = &observed.clock;
    let zone = FixedOffset::east_opt(clock.offset).unwrap_or_else(|| chrono::offset::Offset::fix(&chrono::Utc));
    // Whole seconds are all that a date needs; a clock beyond chrono's range reads as the epoch.
    let moment: DateTime<FixedOffset> = zone
        .timestamp_opt(clock.now as i64, 0)
        .single()
        .unwrap_or_else(|| DateTime::UNIX_EPOCH.with_timezone(&zone));
    moment.date_naive()
}
