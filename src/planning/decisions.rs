//! What fail2ban's own decisions about an address or a network come to, jail by jail, with what decides them.

use std::collections::BTreeMap;

use crate::document::{Because, Exemption, JailDecision};
use crate::model::comment_text::escaped;
use crate::model::known::Known;
use crate::model::network::Network;
use crate::model::observed::{Jail, Observed};
use crate::model::origins::{Decision, Decisions, Member};
use crate::model::text::Text;

use super::origins::{Origin, list, members, origin, shown_place};

/// How an entry that names a file begins.
const FILE: &str = "file:";

/// Whether a jail would ignore all of what was asked about. fail2ban was asked about its first and its last address: one
/// network that holds both holds all of it.
pub fn decision(
    name: &str,
    jail: &Jail,
    decisions: &Known<Decisions>,
    asked: &Network,
    observed: &Observed,
) -> JailDecision {
    let ends = decisions.read().and_then(|all| match all.get(name) {
        Some(of_jail) => of_jail.read().map(Vec::as_slice),
        None => Err("fail2ban was not asked about this jail"),
    });
    judged(name, jail, ends, asked, observed)
}

/// The same by the decisions about the first and the last address of what was asked about, or why there are none.
pub fn judged(
    name: &str,
    jail: &Jail,
    ends: Result<&[Decision], &str>,
    asked: &Network,
    observed: &Observed,
) -> JailDecision {
    let ends = ends.and_then(|ends| ends.first().zip(ends.last()).ok_or("fail2ban gave no decision"));
    let (first, last) = match ends {
        Ok(ends) => ends,
        Err(reason) => {
            return JailDecision {
                jail: name.into(),
                ignored: None,
                because: Vec::new(),
                reason: Some(escaped(reason).into()),
            };
        }
    };
    let words: Vec<&String> = first.words.iter().filter(|word| last.words.contains(word)).collect();
    let mut because: Vec<Because> = words
        .iter()
        .map(|word| by_entry(name, jail, word, asked, observed))
        .collect();
    if first.ignoreself && last.ignoreself {
        because.push(by(Exemption::IgnoreSelf, None, None));
    }
    if first.command || last.command {
        let command = jail.values.get("ignorecommand").and_then(serde_json::Value::as_str);
        because.push(by(Exemption::IgnoreCommand, command.map(Text::from), None));
    }
    let (ignored, reason) = verdict(first, last, &words, jail, asked);
    JailDecision {
        jail: name.into(),
        ignored,
        because,
        reason: reason.map(Text::from),
    }
}

/// Whether all of it is ignored; where that is not known, why.
fn verdict(
    first: &Decision,
    last: &Decision,
    words: &[&String],
    jail: &Jail,
    asked: &Network,
) -> (Option<bool>, Option<&'static str>) {
    if first.command || last.command {
        return (
            None,
            Some("it hangs on the jail's ignorecommand, which is not run here"),
        );
    }
    if first.ignored.is_none() || last.ignored.is_none() {
        return (
            None,
            Some("the server shows an address for any /0, so whether everybody is whitelisted there is not known"),
        );
    }
    if asked.is_single() {
        return (first.ignored, None);
    }
    if words
        .iter()
        .any(|word| Network::parse(word).is_ok() || word.ends_with("/0"))
    {
        return (Some(true), None);
    }
    let held = jail.ignoreip();
    let parsed = held.iter().filter_map(|entry| Network::parse(entry).ok());
    let is_inside = parsed.into_iter().any(|entry| asked.covers(&entry.network));
    match (first.ignored, last.ignored) {
        (Some(false), Some(false)) if !is_inside => (Some(false), None),
        _ => (
            None,
            Some("no single entry covers all of it, and some of it is ignored"),
        ),
    }
}

fn by(by: Exemption, entry: Option<Text>, source: Option<Text>) -> Because {
    Because { by, entry, source }
}

fn by_entry(name: &str, jail: &Jail, word: &str, asked: &Network, observed: &Observed) -> Because {
    if word.starts_with(FILE) {
        let source = member(name, word, asked, observed);
        return by(Exemption::File, Some(word.into()), source.map(Text::from));
    }
    let written = list(observed, name).and_then(|list| list.entries.iter().find(|entry| entry.word == word));
    let source =
        match written.and_then(|entry| entry.place.as_ref()) {
            Some(place) => Some(shown_place(place, observed)),
            None => jail.ignoreip().iter().find(|shown| *shown == word).and_then(|shown| {
                match origin(observed, name, shown) {
                    Origin::File(_) => None,
                    Origin::Runtime => Some("set at run time".to_owned()),
                    Origin::RuntimeOrDeleted => Some("no file; set at run time, or deleted since".to_owned()),
                    Origin::Unknown(_) => Some("unknown".to_owned()),
                }
            }),
        };
    by(Exemption::IgnoreIp, Some(word.into()), source.map(Text::from))
}

/// Where a file that an entry names lists what was asked about.
fn member(name: &str, word: &str, asked: &Network, observed: &Observed) -> Option<String> {
    let written = list(observed, name).and_then(|list| list.entries.iter().find(|entry| entry.word == word));
    let shown = written.and_then(|entry| entry.shown.as_ref()?.first());
    let members = members(observed, shown.map_or(word, String::as_str)).ok()?;
    let holds = |member: &&Member| Network::parse(&member.word).is_ok_and(|parsed| parsed.network.covers(asked));
    let member = members.iter().find(holds)?;
    Some(shown_place(&member.place, observed))
}

/// The jails that ban what was asked about, a part of it, or a network that holds it.
pub fn banned_in(jails: &BTreeMap<String, Jail>, asked: &Network) -> Vec<Text> {
    let bans = |jail: &Jail| {
        let mut networks = jail.bans.iter().filter_map(|ban| ban.ip.network());
        networks.any(|banned| banned.overlaps(asked))
    };
    let banning = jails.iter().filter(|(_, jail)| bans(jail));
    banning.map(|(name, _)| name.as_str().into()).collect()
}
