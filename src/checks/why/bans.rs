//! An address that is banned now: for what, and whether that blocks it.

use super::decision::Decision;
use super::evidence::{Act, Evidence};
use super::facts::Facts;
use crate::document::{Advice, JailCount, Verdict};
use crate::history::{Outcome, accounts};
use crate::model::fail2ban::Event;
use crate::model::network::Network;
use crate::model::observed::{Ban, Jail};
use crate::planning::enforcement::{Enforcement, enforcement};
use crate::planning::unlisted::{members, on_host};

/// How long lines that were written before a ban may be found after it, seconds: fail2ban looks once a second.
const ON_THEIR_WAY: i64 = 2;

/// The verdict of the ban that weighs most; `None` where there is none.
pub fn banned(evidence: &Evidence<'_>, facts: &Facts<'_>) -> Option<Decision> {
    let judged = facts
        .bans
        .iter()
        .map(|(name, jail, ban)| of_ban(evidence, facts, name, jail, ban));
    judged.min_by_key(|decision| decision.verdict)
}

fn of_ban(evidence: &Evidence<'_>, facts: &Facts<'_>, name: &str, jail: &Jail, ban: &Ban) -> Decision {
    let address = facts.address;
    let until = ban.until.map_or_else(
        || "for ever".to_owned(),
        |until| format!("until {}", evidence.when(until)),
    );
    let head = format!(
        "{address} is banned in {name} since {} {until}",
        evidence.when(ban.since)
    );
    let lift = || Advice::command(format!("unban {address}"));
    if facts.jails_that(Some(true)).contains(&name) {
        let answer = format!("{head}, although it is on the whitelist there: whitelisting lifts no ban.");
        return Decision::new(Verdict::WhitelistedYetBanned, answer).next(lift());
    }
    if let Some(why) = reachable(evidence, facts, name, jail, ban) {
        let answer = format!("{head}, and still gets through: {why}.");
        return Decision::new(Verdict::BannedButReachable, answer).next(Advice::command("doctor"));
    }
    if ban.ip.network() != Some(Network::single(address)) {
        let answer = format!("{head}, with the network {}.", ban.ip.as_str());
        return Decision::new(Verdict::BannedWithItsNetwork, answer)
            .next(Advice::command(format!("unban {}", ban.ip.as_str())));
    }
    let count = facts
        .counts
        .iter()
        .find(|count| count.name == name && count.matches > 0);
    match count {
        Some(count) => {
            let is_guesser = facts.ended(Outcome::WrongPassword) > 0 && facts.ended(Outcome::Success) == 0;
            let lifted = match is_guesser {
                true => Advice::text("nothing, unless it is a customer's address: ").and(lift()),
                false => lift(),
            };
            with_count(facts, &head, count).next(lifted)
        }
        None if was_set_by_hand(evidence, facts, name) => {
            let answer = format!("{head}: no failure of it was found before, so somebody set the ban.");
            Decision::new(Verdict::BannedByHand, answer)
                .next(Advice::command("history"))
                .next(lift())
        }
        None => {
            let answer = format!("{head}; the lines that led to it are not in what is left of the logs.");
            Decision::new(Verdict::Banned, answer).next(lift())
        }
    }
}

fn with_count(facts: &Facts<'_>, head: &str, count: &JailCount) -> Decision {
    let (maxretry, findtime) = (count.maxretry.unwrap_or_default(), count.findtime.unwrap_or_default());
    let blame = blame(facts);
    let next = advice(facts);
    let mut decision = match &count.peak {
        Some(peak) if peak.count >= maxretry && i64::try_from(peak.attempts).is_ok_and(|real| real < maxretry) => {
            let answer = format!(
                "{head}: fail2ban's count reached {} of {maxretry}, with {} lines in the last {findtime} s; {blame}.",
                peak.count, peak.attempts
            );
            Decision::new(Verdict::BannedByMemory, answer)
        }
        _ => {
            let answer = format!(
                "{head}: {} lines, {maxretry} in {findtime} s ban; {blame}.",
                count.matches
            );
            Decision::new(Verdict::Banned, answer)
        }
    };
    decision.next.extend(next);
    decision
}

/// Whose failures they are, as a clause.
pub fn blame(facts: &Facts<'_>) -> String {
    let rows = accounts(facts.attempts.iter().copied());
    let failed: Vec<_> = rows.iter().filter(|row| row.failures > 0).collect();
    let others = rows.iter().filter(|row| row.failures == 0 && row.successes > 0).count();
    let let_in = if others > 0 {
        format!("; {others} other accounts got in")
    } else {
        String::new()
    };
    match failed.as_slice() {
        [] if facts.attempts.is_empty() => "its lines are not among Asterisk's".to_owned(),
        [] => format!("{} attempts, none failed", facts.attempts.len()),
        [one] => {
            let account = one
                .account
                .as_deref()
                .map_or_else(String::new, |account| format!("account {account}: "));
            format!("{account}{} failures{let_in}", one.failures)
        }
        many => {
            let wrong = facts.ended(Outcome::WrongPassword);
            format!("{} accounts, {wrong} wrong passwords{let_in}", many.len())
        }
    }
}

/// What helps whoever uses the address, where that is clear.
fn advice(facts: &Facts<'_>) -> Option<Advice> {
    let rows = accounts(facts.attempts.iter().copied());
    let is_crowd = rows.len() >= 3 && facts.ended(Outcome::WrongPassword) == 0;
    if is_crowd {
        let address = facts.address;
        return Some(
            Advice::text("no password was wrong: these are phones that register, or a search for accounts. For a customer's phones: ")
                .and(Advice::whitelist_customer(address, "")),
        );
    }
    let failing = rows.first().filter(|row| row.failures >= 3 && row.account.is_some())?;
    let others = rows.iter().filter(|row| row.failures == 0 && row.successes > 0).count();
    let account = failing.account.as_deref()?;
    (others > 0).then(|| {
        Advice::text(format!(
            "correct the password of the phone with account {account}; do not whitelist"
        ))
    })
}

/// How it gets through all the same, as a clause.
fn reachable(evidence: &Evidence<'_>, facts: &Facts<'_>, name: &str, jail: &Jail, ban: &Ban) -> Option<String> {
    let began = beginning(facts, name).map_or(ban.since, |act| act.moment);
    let later = found_after(facts, name, began);
    if let (Some(last), count) = (later.last(), later.len()) {
        let text = format!(
            "{name} found {count} lines of it after the ban, the last at {}",
            evidence.when(last.moment)
        );
        return Some(text);
    }
    // Another ban's gap is not this one's.
    let alone = Jail {
        bans: vec![ban.clone()],
        ..jail.clone()
    };
    match enforcement(name, &alone, evidence.observed) {
        Enforcement::No(gap) => Some(gap.clause(name)),
        Enforcement::Yes | Enforcement::Unknown(_) => None,
    }
}

/// The ban that stands, as the action log has it.
pub fn beginning<'a>(facts: &Facts<'a>, name: &str) -> Option<&'a Act<'a>> {
    let is_ban = |act: &&&Act<'_>| matches!(act.event, Event::Ban | Event::RestoreBan) && act.jail == name;
    facts.acts.iter().rev().find(is_ban).copied()
}

/// What a jail found of it that was written after a ban.
pub fn found_after<'a>(facts: &Facts<'a>, name: &str, began: i64) -> Vec<&'a Act<'a>> {
    let later = facts.acts.iter().copied();
    later
        .filter(|act| {
            act.event == Event::Found && act.weight.is_none() && act.jail == name && act.dated > began + ON_THEIR_WAY
        })
        .collect()
}

/// Whether the action log has the ban, reaches further back, and has no failure before it.
fn was_set_by_hand(evidence: &Evidence<'_>, facts: &Facts<'_>, name: &str) -> bool {
    let ban = facts
        .acts
        .iter()
        .rev()
        .find(|act| act.event == Event::Ban && act.jail == name);
    let horizon = evidence.past.actions.horizon;
    ban.zip(horizon)
        .is_some_and(|(ban, horizon)| horizon < ban.moment && evidence.past.actions.faults.is_empty())
}

/// The firewall blocks it although nothing lists it.
pub fn blocked_without_ban(evidence: &Evidence<'_>, facts: &Facts<'_>) -> Option<Decision> {
    let address = facts.address;
    let blocked = members(&on_host(evidence.observed), &Network::single(address));
    let chains: Vec<String> = blocked.into_values().flatten().collect();
    (!chains.is_empty()).then(|| {
        let answer = format!(
            "No jail lists {address} as banned, and the firewall blocks it in {}.",
            chains.join(", ")
        );
        Decision::new(Verdict::BlockedWithoutBan, answer).next(Advice::command(format!("unban {address}")))
    })
}
