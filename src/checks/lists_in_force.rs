//! Whether the entries of jail.local are in force, and where what is in force besides them comes from.

use std::collections::BTreeSet;

use crate::document::{Advice, Finding, FindingCode as Code, Severity, Source, WhitelistRow, shell_word};
use crate::model::comment_text::escaped;
use crate::model::jail_local::JailLocal;
use crate::model::observed::Observed;
use crate::model::some::some;
use crate::model::text::{Text, joined};
use crate::planning::origins::{holds, laid_over, list, shown_place};
use crate::planning::refusal::Refusal;
use crate::planning::whitelist::whitelist;

/// What the running server adds to the file: entries that do not reach every jail, and some that stand in no file.
///
/// # Errors
/// A precondition's refusal if jail.local cannot be read.
pub fn in_force(document: Option<&JailLocal>, observed: &Observed) -> Result<Vec<Finding>, Refusal> {
    let rows = whitelist(observed)?;
    let own = own_lists(document, observed, &rows);
    let mut found: Vec<Finding> = own.iter().map(|own| own.finding()).collect();
    let mut unknown = BTreeSet::new();
    let is_localhost = |row: &&WhitelistRow| row.as_network().is_some_and(|network| network.address().is_loopback());
    for row in rows
        .iter()
        .filter(|row| row.source == Source::File || !is_localhost(row))
    {
        let (network, jails) = (&row.network, joined(&row.in_force));
        let onboard = || Advice::command(format!("onboard {network} --customer NAME"));
        match row.source {
            Source::Runtime => {
                let message =
                    format!("{network} is whitelisted at run time only (in {jails}); the next restart forgets it.");
                found.push(Finding::new(Code::RuntimeEntry, Severity::Notice, message, onboard()));
            }
            Source::RuntimeOrDeleted => {
                let message = format!(
                    "{network} is whitelisted in {jails} and no file gives it: it was set at run time, or deleted from a \
                     file since fail2ban read it; the next reload or restart forgets it."
                );
                found.push(Finding::new(Code::RuntimeEntry, Severity::Notice, message, onboard()));
            }
            Source::Unknown => {
                unknown.insert(network.to_string());
            }
            Source::File if row.as_network().is_some() => {
                found.extend(not_in_force(row, &own, observed));
            }
            Source::File | Source::OtherFile | Source::Temporary => {}
        }
    }
    found.extend(origins_unknown(&unknown, observed));
    found.extend(members_unknown(observed));
    Ok(found)
}

/// Files that entries name and that could not be read here: whether fail2ban reads them is not known either.
fn members_unknown(observed: &Observed) -> Vec<Finding> {
    let members = observed
        .origins
        .value()
        .into_iter()
        .flat_map(|origins| &origins.members);
    let unread = members.filter_map(|(entry, members)| Some((escaped(entry), escaped(members.reason()?))));
    let finding = |(entry, reason): (String, String)| {
        let message = format!("What {entry} whitelists is unknown: {reason}.");
        let fix = "correct the path in ignoreip, or the file; one address or network a word, as in ignoreip itself";
        Finding::new(Code::Unknown, Severity::Warning, message, fix)
    };
    unread.map(finding).collect()
}

/// A list that takes the place of the one in `[DEFAULT]` for one jail, and lacks some of that one's entries.
struct OwnList {
    jail: String,
    place: String,
    lacking: Vec<String>,
    /// What adds the first customer of them to it, where jail.local itself has the list.
    onboard: Option<String>,
}

impl OwnList {
    fn finding(&self) -> Finding {
        let (jail, place) = (&self.jail, &self.place);
        let lacking = match self.lacking.is_empty() {
            true => String::new(),
            false => format!(", and lacks {}", some(&self.lacking)),
        };
        let message = format!(
            "jail {jail} has an ignoreip of its own ({place}), which replaces the list in [DEFAULT] for it{lacking}."
        );
        let fix = format!(
            "delete that ignoreip, or begin it with `%(known/ignoreip)s`, which stands for the list in [DEFAULT] ({place})"
        );
        let mut fix = Advice::text(fix);
        if let Some(onboard) = &self.onboard {
            fix = fix.then("; or ").run(onboard).then(match self.lacking.len() {
                1 => " adds the entry to it",
                _ => " for each of them",
            });
        }
        Finding::new(Code::OwnIgnoreip, Severity::Error, message, fix)
    }
}

/// The jails' own lists that leave customers out. One that takes in the list of `[DEFAULT]` leaves out nobody.
fn own_lists(document: Option<&JailLocal>, observed: &Observed, rows: &[WhitelistRow]) -> Vec<OwnList> {
    let Some(origins) = observed.origins.value() else {
        let mut sections = document.map(JailLocal::own_ignoreip_sections).unwrap_or_default();
        sections.retain(|name| !name.eq_ignore_ascii_case("default"));
        let section = |name: String| OwnList {
            place: format!("jail.local, section [{}]", escaped(&name)),
            jail: escaped(&name),
            lacking: Vec::new(),
            onboard: None,
        };
        return sections.into_iter().map(section).collect();
    };
    let inherited = origins
        .jails
        .values()
        .filter_map(|list| list.value())
        .find(|list| !list.own);
    let own = origins.jails.keys().filter_map(|name| {
        let list = list(observed, name).filter(|list| list.own)?;
        let lacks = |row: &&WhitelistRow| {
            let shown = row.as_network().map(|network| network.shown_by_fail2ban());
            // What the list in [DEFAULT] lacks itself is another matter.
            shown.is_some_and(|shown| !holds(list, &shown) && inherited.is_none_or(|list| holds(list, &shown)))
        };
        let lacking = rows.iter().filter(|row| row.source == Source::File).filter(lacks);
        let lacking: Vec<&WhitelistRow> = lacking.collect();
        let is_customer =
            |row: &&&WhitelistRow| row.as_network().is_some_and(|network| !network.address().is_loopback());
        let onboard = lacking.iter().find(is_customer).map(|row| {
            let customer = row.customer.as_ref().map_or("NAME", |name| name.raw());
            let (network, customer) = (&row.network, shell_word(customer));
            format!("onboard {network} --customer {customer} --jail {}", shell_word(name))
        });
        let lacking: Vec<String> = lacking.iter().map(|row| row.network.to_string()).collect();
        let place = list.entries.iter().find_map(|entry| entry.place.as_ref());
        let place = place.map_or_else(
            || format!("section [{}]", escaped(name)),
            |place| escaped(&shown_place(place, observed)),
        );
        (!lacking.is_empty()).then(|| OwnList {
            onboard: onboard.filter(|_| document.is_some_and(|document| document.has_own_list(name))),
            jail: escaped(name),
            place,
            lacking,
        })
    });
    own.collect()
}

/// An entry of jail.local that some jails lack for another reason than a list of their own.
fn not_in_force(row: &WhitelistRow, own: &[OwnList], observed: &Observed) -> Option<Finding> {
    let is_explained = |name: &Text| own.iter().any(|list| *name == list.jail.as_str());
    let lacking: Vec<&Text> = row.not_in_force.iter().filter(|name| !is_explained(name)).collect();
    let first = lacking.first()?;
    let network = &row.network;
    let names: Vec<String> = lacking.iter().map(ToString::to_string).collect();
    let names = names.join(", ");
    let shown = row.as_network()?.shown_by_fail2ban();
    let over = laid_over(observed, first.raw(), &shown).map(|place| escaped(&shown_place(place, observed)));
    let (message, fix) = match over {
        Some(place) => (
            format!(
                "{network} stands in jail.local and is not in force in {names}: the list at {place} replaces it there."
            ),
            Advice::text(format!(
                "move the entries of {place} into jail.local and delete that ignoreip, then "
            ))
            .run("reload"),
        ),
        None if observed.origins.value().is_some() => (
            format!(
                "{network} stands in jail.local and is not in force in {names}: the file changed since it was read."
            ),
            Advice::command("reload"),
        ),
        None => (
            format!("{network} stands in jail.local and is not in force in {names}."),
            Advice::text("")
                .run("reload")
                .then("; if that does not help, a file in jail.d sets ignoreip, too"),
        ),
    };
    Some(Finding::new(Code::NotInForce, Severity::Error, message, fix))
}

fn origins_unknown(entries: &BTreeSet<String>, observed: &Observed) -> Option<Finding> {
    let origins = observed.origins.value();
    let jails = origins.into_iter().flat_map(|origins| origins.jails.values());
    let reason = observed
        .origins
        .reason()
        .or_else(|| jails.filter_map(|list| list.reason()).next());
    let entries: Vec<&String> = entries.iter().collect();
    let reason = reason.filter(|_| !entries.is_empty())?;
    let message = format!(
        "Whether a file gives {}, which jail.local does not, or whether it was set at run time, is unknown: {}.",
        some(&entries),
        escaped(reason)
    );
    Some(Finding::new(
        Code::Unknown,
        Severity::Warning,
        message,
        "look into jail.conf and jail.d on the host",
    ))
}
