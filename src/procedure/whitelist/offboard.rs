//! Offboard a customer (runbook, "Removing an entry"): the entry and its comment go, everywhere and at once.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::document::{Advice, Warning, WarningCode, shell_word};

use crate::model::comment_text::escaped;
use crate::model::jail_local::{Entry, JailLocal};
use crate::model::network::Network;
use crate::model::observed::{Jail, Observed};
use crate::model::operation::Edit;
use crate::model::spelling::nearest;
use crate::planning::draft::Draft;
use crate::planning::policy::Guard;
use crate::planning::procedure::Procedure;
use crate::planning::reading::{edit_refusal, jail_local, new_jail_local, server};
use crate::planning::refusal::Refusal;
use crate::planning::server_move::{ServerMove, server_move};

/// The request: which entries go.
#[derive(Debug, Clone)]
pub enum Offboard {
    /// Those of these networks, as typed.
    Networks(Vec<String>),
    /// All of a customer's.
    Customer(String),
    /// Those whose `expires` day has passed.
    Expired,
}

impl Procedure for Offboard {
    fn command(&self) -> &'static str {
        "offboard"
    }

    fn typed_networks(&self) -> &[String] {
        match self {
            // What has no `/` may be a word of the list that is no network.
            Self::Networks(typed) if typed.iter().all(|text| text.contains('/')) => typed,
            Self::Networks(_) | Self::Customer(_) | Self::Expired => &[],
        }
    }

    fn draft(&self, observed: &Observed, guard: &Guard) -> Result<Draft, Refusal> {
        let document = jail_local(observed)?;
        let mut draft = Draft::default();
        let (networks, words) = self.entries(document, observed, &mut draft.warnings)?;
        for network in &networks {
            guard.removing(network)?;
            draft.intent.unwhitelisted.insert(network.shown_by_fail2ban());
        }
        draft.intent.unwhitelisted.extend(words.iter().cloned());
        let (edited, meaning) = shorter(document, &networks, &words)?;
        if edited.to_bytes() != document.to_bytes() {
            draft.backup = Some("offboard".to_owned());
            draft.files.push(new_jail_local(observed, &edited, meaning)?);
        }
        draft.warnings.extend(still_covered(&edited, &networks));
        move_server(&mut draft, observed, guard)?;
        Ok(draft)
    }

    fn already(&self, _observed: &Observed) -> Vec<String> {
        match self {
            // The warnings name each network and customer that is not there.
            Self::Networks(_) | Self::Customer(_) => Vec::new(),
            Self::Expired => vec!["No entry of the whitelist has expired.".to_owned()],
        }
    }
}

impl Offboard {
    /// The networks that go, and the words of the list that are none.
    fn entries(
        &self,
        document: &JailLocal,
        observed: &Observed,
        warnings: &mut Vec<Warning>,
    ) -> Result<(Vec<Network>, Vec<String>), Refusal> {
        let entries: Vec<Entry> = lists(document).into_iter().flat_map(|(_, entries)| entries).collect();
        match self {
            Self::Networks(typed) => named(typed, &entries, warnings),
            Self::Customer(customer) => {
                let found = networks_where(&entries, |entry| {
                    customer_of(entry).is_some_and(|name| same(name, customer))
                });
                if found.is_empty() {
                    warnings.push(unknown_customer(customer, &entries)?);
                }
                Ok((found, Vec::new()))
            }
            Self::Expired => {
                let today = observed.clock.today();
                let found = networks_where(&entries, |entry| expires(entry).is_some_and(|day| day < today));
                Ok((found, Vec::new()))
            }
        }
    }
}

/// Names are typed by people: case and the blanks around them tell no two customers apart.
fn same(name: &str, typed: &str) -> bool {
    name.trim().to_lowercase() == typed.trim().to_lowercase()
}

/// A customer who is not there may have gone already; a name that is nearly one of the whitelist is a slip.
fn unknown_customer(customer: &str, entries: &[Entry]) -> Result<Warning, Refusal> {
    let nobody = "no entry of the whitelist is registered for this customer";
    let candidates = similar(customer, entries);
    if !candidates.is_empty() {
        let mut refusal = Refusal::precondition(format!("{customer:?}: {nobody}"));
        for name in candidates {
            let command = format!("offboard --customer {}", shell_word(name));
            refusal = refusal.hint(Advice::text("did you mean ").run(command).then("?"));
        }
        return Err(refusal);
    }
    let message = format!("{customer:?}: {nobody}. If the name is right, nothing is left to remove.");
    Ok(Warning::new(WarningCode::NotWhitelisted, message))
}

/// The customers of the whitelist whose names hold what was typed, or are nearly it.
fn similar<'list>(customer: &str, entries: &'list [Entry]) -> Vec<&'list str> {
    let typed = customer.trim().to_lowercase();
    let known: BTreeSet<&str> = entries.iter().filter_map(customer_of).collect();
    let near = nearest(&typed, known.iter().copied());
    let is_meant = |name: &&str| name.to_lowercase().contains(&typed) || near.as_deref() == Some(*name);
    known.into_iter().filter(is_meant).collect()
}

fn named(
    typed: &[String],
    entries: &[Entry],
    warnings: &mut Vec<Warning>,
) -> Result<(Vec<Network>, Vec<String>), Refusal> {
    if typed.is_empty() {
        return Err(Refusal::usage("no network was given").hint("name a network, or use --customer NAME or --expired"));
    }
    let (mut found, mut words) = (Vec::new(), Vec::new());
    for text in typed {
        let is_word = |entry: &Entry| entry.network().is_none() && entry.text == *text;
        if entries.iter().any(is_word) {
            words.push(text.clone());
            continue;
        }
        let parsed = Network::parse(text).map_err(|error| Refusal::not_a_network(&error))?;
        let network = parsed.network;
        if parsed.cleared_host_bits.is_some() {
            let message = format!("{text} has host bits set; the network is {network}.");
            warnings.push(Warning::new(WarningCode::HostBitsCleared, message));
        }
        if !entries.iter().any(|entry| entry.network() == Some(network)) {
            let message = format!("{network} is not an entry of the whitelist.{}", near(entries, &network));
            warnings.push(Warning::new(WarningCode::NotWhitelisted, message));
        }
        found.push(network);
    }
    Ok((found, words))
}

/// Names the entries that an operator may have meant instead.
fn near(entries: &[Entry], network: &Network) -> String {
    let overlapping: Vec<String> = entries
        .iter()
        .filter_map(Entry::network)
        .filter(|other| other.overlaps(network))
        .map(|other| other.to_string())
        .collect();
    match overlapping.is_empty() {
        true => String::new(),
        false => format!(" These entries overlap it: {}.", overlapping.join(", ")),
    }
}

fn networks_where(entries: &[Entry], wanted: impl Fn(&Entry) -> bool) -> Vec<Network> {
    let mut found: Vec<Network> = Vec::new();
    for network in entries.iter().filter(|entry| wanted(entry)).filter_map(Entry::network) {
        // The same entry may stand in the lists of several jails.
        if !found.contains(&network) {
            found.push(network);
        }
    }
    found
}

/// The list in `[DEFAULT]`, then each jail's own by its name.
fn lists(document: &JailLocal) -> Vec<(Option<String>, Vec<Entry>)> {
    let default = document.ignoreip().map(|list| list.entries).unwrap_or_default();
    let own = document.own_lists().into_iter();
    let own = own.map(|(jail, list)| (Some(jail), list.entries));
    std::iter::once((None, default)).chain(own).collect()
}

/// The file without these entries, in whichever of its lists they stand, and what that means.
fn shorter(document: &JailLocal, networks: &[Network], words: &[String]) -> Result<(JailLocal, Vec<Edit>), Refusal> {
    let (mut edited, mut meaning) = (document.clone(), Vec::new());
    for (jail, entries) in lists(document) {
        let is_there = |network: &&Network| entries.iter().any(|entry| entry.network() == Some(**network));
        let listed: Vec<Network> = networks.iter().filter(is_there).copied().collect();
        let dead: Vec<String> = words
            .iter()
            .filter(|word| {
                entries
                    .iter()
                    .any(|entry| entry.network().is_none() && entry.text == **word)
            })
            .cloned()
            .collect();
        // What another key of the file gives to the common list is named, wherever else the network stands.
        let (list, asked) = match &jail {
            None => (edited, networks),
            Some(jail) => (edited.of_jail(jail), listed.as_slice()),
        };
        edited = match jail.is_some() && listed.is_empty() && dead.is_empty() {
            true => list,
            false => {
                let shorter = list.remove_words(&dead).map_err(edit_refusal)?.document;
                shorter.remove(asked).map_err(edit_refusal)?.document
            }
        };
        let entry = |network: &Network| entries.iter().find(|entry| entry.network() == Some(*network));
        meaning.extend(
            listed
                .iter()
                .filter_map(entry)
                .map(|entry| removal(entry, jail.as_ref())),
        );
        meaning.extend(dead.iter().map(|word| removed_word(word, jail.as_ref())));
    }
    Ok((edited.of_default(), meaning))
}

fn customer_of(entry: &Entry) -> Option<&str> {
    entry.register.as_ref().map(|line| line.registration.customer.as_str())
}

/// The last day of an entry, where its register line says one that can be read.
pub fn expires(entry: &Entry) -> Option<NaiveDate> {
    entry
        .register
        .as_ref()?
        .registration
        .metadata
        .get("expires")?
        .parse()
        .ok()
}

fn removed_word(word: &str, jail: Option<&String>) -> Edit {
    Edit::Unwhitelist {
        entry: word.to_owned(),
        customer: None,
        jail: jail.cloned(),
    }
}

fn removal(entry: &Entry, jail: Option<&String>) -> Edit {
    let line = entry.register.as_ref();
    Edit::Unwhitelist {
        entry: entry.text.clone(),
        customer: line.map(|line| line.registration.customer.clone()),
        jail: jail.cloned(),
    }
}

/// Networks that stay whitelisted by another entry.
fn still_covered(document: &JailLocal, networks: &[Network]) -> Vec<Warning> {
    let mut found = Vec::new();
    for (jail, entries) in lists(document) {
        let place = jail.map_or_else(String::new, |jail| format!(" in jail {}", escaped(&jail)));
        for network in networks {
            let others = entries.iter().filter_map(Entry::network);
            for other in others.filter(|other| other.covers(network)) {
                let message = format!("{network} stays whitelisted{place} by the entry {other}.");
                found.push(Warning::new(WarningCode::StillCovered, message));
            }
        }
    }
    found
}

/// A reload is due if the file changes, or if a running jail still has what the file lacks.
fn move_server(draft: &mut Draft, observed: &Observed, guard: &Guard) -> Result<(), Refusal> {
    let has = |jail: &Jail| {
        jail.ignoreip()
            .iter()
            .any(|entry| draft.intent.unwhitelisted.contains(entry))
    };
    let server = server(observed)?;
    if draft.files.is_empty() && !(server.running && server.jails.values().any(has)) {
        return Ok(());
    }
    draft.server = server_move(observed, guard)?;
    draft.intent.everything = draft.server == ServerMove::Start;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::known::Known;
    use crate::model::observed::{HostFile, Server};

    fn offboarded(customer: &str) -> Result<Draft, Refusal> {
        let text = "[DEFAULT]\n# 203.0.113.0/28 | Test Inn | Primary\nignoreip = 127.0.0.1/8 203.0.113.0/28\n";
        let observed = Observed {
            server: Known::of(Server {
                running: true,
                ..Server::default()
            }),
            jail_local: Known::of(HostFile {
                path: "/etc/fail2ban/jail.local".to_owned(),
                exists: true,
                link: None,
                sha256: None,
                content: Some(text.as_bytes().to_vec()),
                mode: None,
            }),
            ..Observed::default()
        };
        let procedure = Offboard::Customer(customer.to_owned());
        procedure.draft(&observed, &Guard::default())
    }

    #[test]
    fn a_customer_is_known_in_any_case() {
        for typed in ["Test Inn", "test INN", " Test Inn "] {
            let draft = offboarded(typed).expect("a draft");
            assert!(draft.intent.unwhitelisted.contains("203.0.113.0/28"), "{typed}");
        }
    }

    #[test]
    fn a_name_that_nobody_has_changes_nothing() {
        let draft = offboarded("Nobody Hotels").expect("a draft");
        assert!(draft.is_empty());
        let [warning] = draft.warnings.as_slice() else {
            panic!("{:?}", draft.warnings);
        };
        let message = warning.message.to_string();
        assert!(message.contains("nothing is left to remove"), "{message}");
    }

    #[test]
    fn a_name_that_is_nearly_a_customers_is_refused_with_the_name() {
        for typed in ["Tset Inn", "Test", "inn"] {
            let refusal = offboarded(typed).expect_err(typed);
            let hints: Vec<String> = refusal.hints.iter().map(ToString::to_string).collect();
            assert_eq!(
                hints,
                ["did you mean `f2bctl offboard --customer 'Test Inn'`?"],
                "{typed}"
            );
        }
    }
}
