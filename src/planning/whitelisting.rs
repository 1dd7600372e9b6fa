//! Whitelists networks for good: the entries with their register lines, in force in every jail, and the bans of their
//! members lifted, since whitelisting alone does not lift a ban.
//!
//! Boundary: it drafts; which networks and customers is the procedure's to say.

use crate::document::{Advice, Warning, WarningCode};
use std::collections::BTreeMap;

use crate::model::comment_text::escaped;
use crate::model::jail_local::{JailLocal, Registration};
use crate::model::network::Network;
use crate::model::observed::{Jail, Observed};
use crate::model::operation::{BansOf, Edit};

use super::bans::{covering_bans, members};
use super::details::Details;
use super::draft::Draft;
use super::entry_index::EntryIndex;
use super::origins;
use super::policy::{Allowed, Guard};
use super::postcondition::Postcondition;
use super::reading::{edit_refusal, jail_local, new_jail_local, server};
use super::refusal::Refusal;
use super::server_move::{ServerMove, server_move};
use super::unlisted;

/// The section in which a file names others to be read before and after it.
const INCLUDES: &str = "INCLUDES";

/// Where entries go, and on what terms.
#[derive(Debug, Clone, Copy, Default)]
pub struct Whitelisting<'asked> {
    /// The backup's label.
    pub label: &'asked str,
    /// The jails that get them in a list of their own; empty for the list in `[DEFAULT]`, which is that of all others.
    pub jails: &'asked [String],
    /// Whether an entry of another customer may be taken over.
    pub reassign: bool,
}

/// Drafts networks that were allowed, with their details.
///
/// # Errors
/// A usage refusal for a date that has passed and for what cannot be in the register, else as [`whitelist`].
pub fn whitelist_with_details(
    allowed: Vec<Allowed>,
    details: &Details,
    into: Whitelisting<'_>,
    observed: &Observed,
    guard: &Guard,
) -> Result<Draft, Refusal> {
    details.dates_lie_ahead(observed.clock.today())?;
    let document = jail_local(observed)?;
    let everywhere = EntryIndex::of(document);
    let own = into.jails.first().map(|jail| EntryIndex::of(&document.of_jail(jail)));
    let listed = own.as_ref().unwrap_or(&everywhere);
    let mut draft = Draft::default();
    let mut registrations = Vec::new();
    for Allowed { network, warnings } in allowed {
        draft.warnings.extend(warnings);
        draft.warnings.extend(listed.neighbours(&network));
        let present = listed
            .registration(&network)
            .or_else(|| everywhere.registration(&network));
        registrations.push(details.registration(network, present, observed.clock.today())?);
    }
    let customer = registrations.first().map(|line| line.customer.as_str());
    draft
        .warnings
        .extend(customer.and_then(|customer| listed.near_name(customer)));
    whitelist(&mut draft, into, &registrations, observed, guard)?;
    Ok(draft)
}

/// Drafts these entries with their register lines, in force everywhere (or in the jails that are named), and the bans of
/// their members lifted.
///
/// # Errors
/// A guard-rail's refusal of another customer's entry; a precondition's if jail.local cannot be edited safely, if a jail
/// that is named does not run, or if fail2ban is down without `--start`.
pub fn whitelist(
    draft: &mut Draft,
    into: Whitelisting<'_>,
    registrations: &[Registration],
    observed: &Observed,
    guard: &Guard,
) -> Result<(), Refusal> {
    let document = jail_local(observed)?;
    let warnings = EntryIndex::of(document).reassigned(registrations, into.reassign)?;
    draft.warnings.extend(warnings);
    let (mut edited, mut meaning) = (document.clone(), Vec::new());
    if into.jails.is_empty() {
        edited = add(draft, &edited, None, registrations, observed, &mut meaning)?;
    }
    for jail in into.jails {
        runs(jail, document, observed)?;
        let list = edited.of_jail(jail);
        let warnings = EntryIndex::of(&list).reassigned(registrations, into.reassign)?;
        draft.warnings.extend(warnings);
        edited = add(draft, &list, Some(jail), registrations, observed, &mut meaning)?;
    }
    if edited.to_bytes() != document.to_bytes() {
        draft.warnings.extend(generated(document));
        draft.backup = Some(into.label.to_owned());
        draft.files.push(new_jail_local(observed, &edited, meaning)?);
    }
    draft.intent.whitelisted_in.extend(into.jails.iter().cloned());
    for registration in registrations {
        draft
            .intent
            .whitelisted
            .insert(registration.network.shown_by_fail2ban());
    }
    draft.postconditions.push(Postcondition::Whitelisted {
        entries: draft.intent.whitelisted.clone(),
        jails: draft.intent.whitelisted_in.clone(),
        replaced: replaced(document),
    });
    move_server(draft, observed, guard)?;
    lift(draft, observed, registrations.iter().map(|line| line.network))
}

/// Adds the entries to one list, with what that means.
fn add(
    draft: &mut Draft,
    list: &JailLocal,
    jail: Option<&String>,
    registrations: &[Registration],
    observed: &Observed,
    meaning: &mut Vec<Edit>,
) -> Result<JailLocal, Refusal> {
    let listed = EntryIndex::of(list);
    let edited = list.add(registrations, &inherited(observed)).map_err(edit_refusal)?;
    for finding in &edited.warnings {
        draft
            .warnings
            .push(Warning::new(WarningCode::JailLocal, format!("{finding}")));
    }
    let new = registrations
        .iter()
        .filter(|line| listed.registration(&line.network) != Some(*line));
    meaning.extend(new.map(|line| match comment_edit(line, &listed) {
        Edit::Whitelist { network, customer, .. } => Edit::Whitelist {
            network,
            customer,
            jail: jail.cloned(),
        },
        other => other,
    }));
    Ok(edited.document)
}

/// Whether there is such a jail whose list can be added to: a running one, or, where fail2ban is down, one of jail.local.
fn runs(jail: &str, document: &JailLocal, observed: &Observed) -> Result<(), Refusal> {
    let server = server(observed)?;
    if server.jails.contains_key(jail) || !server.running && document.has_section(jail) {
        return in_this_file(jail, document, observed);
    }
    let known: Vec<&str> = server.jails.keys().map(String::as_str).collect();
    let refusal = Refusal::precondition(format!("no jail {} runs on this host", escaped(jail)));
    Err(refusal.hint(Advice::running_jails(&known)))
}

/// A list of its own that a jail has from another file is no list to add to here.
fn in_this_file(jail: &str, document: &JailLocal, observed: &Observed) -> Result<(), Refusal> {
    let own = origins::list(observed, jail).filter(|list| list.own && !document.has_own_list(jail));
    let Some(list) = own else {
        return Ok(());
    };
    // What the list takes in of the common one stands in jail.local.
    let places = list.entries.iter().filter_map(|entry| entry.place.as_ref());
    let mut others = places.filter(|place| place.0 != document.path());
    let place = others.next().map_or_else(
        || "another file than jail.local".to_owned(),
        |place| escaped(&origins::shown_place(place, observed)),
    );
    let refusal = Refusal::precondition(format!(
        "jail {} has its list from {place}, which f2bctl does not edit",
        escaped(jail)
    ));
    Err(refusal.hint(Advice::text("add the network there by hand, then ").run("reload")))
}

/// A file that another program writes anew loses what is added to it.
fn generated(document: &JailLocal) -> Option<Warning> {
    let (line, text) = document.generated_by()?;
    let message = Advice::text(format!(
        "{}:{line} says `{}`: what writes that file may remove this entry again; ",
        escaped(document.path()),
        escaped(text.trim())
    ))
    .run("whitelist lint")
    .then(" shows it if so. Enter it there as well.");
    Some(Warning::new(WarningCode::GeneratedFile, message))
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

/// A reload is due if the file changes, or if a running jail lacks what the file has had for longer.
fn move_server(draft: &mut Draft, observed: &Observed, guard: &Guard) -> Result<(), Refusal> {
    let lacking = |(name, jail): (&String, &Jail)| {
        let list = jail.ignoreip();
        draft.intent.is_for(name) && draft.intent.whitelisted.iter().any(|entry| !list.contains(entry))
    };
    let server = server(observed)?;
    if draft.files.is_empty() && server.running && !server.jails.iter().any(lacking) {
        return Ok(());
    }
    draft.server = server_move(observed, guard)?;
    draft.intent.everything = draft.server == ServerMove::Start;
    Ok(())
}

/// Bans of members are lifted in every jail that gets the entries.
fn lift(draft: &mut Draft, observed: &Observed, networks: impl Iterator<Item = Network>) -> Result<(), Refusal> {
    let jails: &BTreeMap<String, Jail> = &server(observed)?.jails;
    let unlisted = unlisted::on_host(observed);
    for network in networks {
        draft.warnings.extend(covering_bans(jails, &network));
        let is_banned =
            |(name, jail): (&String, &Jail)| draft.intent.is_for(name) && !members(jail, &network).is_empty();
        let is_blocked = jails.iter().any(is_banned) || !unlisted::members(&unlisted, &network).is_empty();
        // While the change runs another member may be banned, so this goes along with every change.
        if !is_blocked && draft.files.is_empty() && draft.server == ServerMove::None {
            continue;
        }
        let named = draft.intent.whitelisted_in.iter().cloned().collect::<Vec<_>>();
        let jails = Some(named).filter(|names| !names.is_empty());
        draft.unban.push(BansOf { network, jails });
    }
    Ok(())
}

/// What a line that is new or other than before means: a new entry, one of another customer, or only its comment.
pub fn comment_edit(line: &Registration, listed: &EntryIndex) -> Edit {
    let (network, customer) = (line.network, line.customer.clone());
    match listed.other_customer(line) {
        Some(from) => Edit::Reassign {
            network,
            from: from.clone(),
            customer,
        },
        None if listed.lists(&network) => Edit::Annotate {
            network,
            line: line.to_string(),
        },
        None => Edit::Whitelist {
            network,
            customer,
            jail: None,
        },
    }
}

/// Whether a new entry would need a new key in jail.local, which replaces the list that the other files give.
pub fn needs_a_key(observed: &Observed) -> bool {
    jail_local(observed).is_ok_and(|document| document.ignoreip().is_none())
}

/// The whitelist without any `ignoreip` in jail.local: a new key would replace it, so it begins with it.
///
/// It is what the files give, not what runs: an entry that was set at run time, with an end or by hand, must not become
/// one for good. Entries that only some jails have are in a jail's own section, and are not inherited.
fn inherited(observed: &Observed) -> Vec<String> {
    let jails = observed.on_disk.as_ref().map(|disk| &disk.jails);
    let mut lists = jails.into_iter().flat_map(|jails| jails.values().map(Jail::ignoreip));
    let first = lists.next().unwrap_or_default();
    lists.fold(first, |common, list| {
        common.into_iter().filter(|entry| list.contains(entry)).collect()
    })
}
