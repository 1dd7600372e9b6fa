//! The verdict about one address: the first reason that decides, with its sentence and what to do.

use super::bans::{banned, blocked_without_ban};
use super::decision::Decision;
use super::evidence::Evidence;
use super::facts::Facts;
use super::phases::phases;
use super::unbanned::{counted, uncounted, was_banned};
use crate::document::{Advice, Phase, Verdict};
use crate::planning::reading::server;

/// The verdict about one address, with the phases that lead to it.
pub struct Judged {
    /// The decision.
    pub decision: Decision,
    /// The phases, up to the one that decides.
    pub phases: Vec<Phase>,
}

/// Judges one address.
pub fn judge(evidence: &Evidence<'_>, facts: &Facts<'_>) -> Judged {
    let decision = decide(evidence, facts);
    let mut phases = phases(evidence, facts);
    phases.truncate(deciding(decision.verdict));
    Judged { decision, phases }
}

fn decide(evidence: &Evidence<'_>, facts: &Facts<'_>) -> Decision {
    not_running(evidence)
        .or_else(|| banned(evidence, facts))
        .or_else(|| blocked_without_ban(evidence, facts))
        .or_else(|| whitelisted(facts))
        .or_else(|| was_banned(evidence, facts))
        .or_else(|| counted(evidence, facts))
        .unwrap_or_else(|| uncounted(evidence, facts))
}

/// fail2ban is down, or cannot be asked.
fn not_running(evidence: &Evidence<'_>) -> Option<Decision> {
    match server(evidence.observed) {
        Ok(server) if server.running => None,
        Ok(_) => Some(
            Decision::new(
                Verdict::Fail2banDown,
                "fail2ban is not running: nobody is counted and nobody is banned.",
            )
            .next(Advice::command("start")),
        ),
        // Files are read without a host: the answer then rests on their lines alone.
        Err(_) if evidence.is_local() => None,
        Err(refusal) => Some(Decision::new(
            Verdict::Unknown,
            format!("Whether it is banned is unknown: {}.", refusal.message),
        )),
    }
}

/// Jails ignore it, all of them or some.
fn whitelisted(facts: &Facts<'_>) -> Option<Decision> {
    let address = facts.address;
    let (ignoring, judging) = (facts.jails_that(Some(true)), facts.jails_that(Some(false)));
    let names = ignoring.join(", ");
    if ignoring.is_empty() {
        return None;
    }
    let decision = match (facts.doubt(), judging.is_empty()) {
        (Some(reason), true) => Decision::new(
            Verdict::Unknown,
            format!("fail2ban ignores {address} in {names}; of the other jails that is unknown: {reason}."),
        ),
        (_, false) => Decision::new(
            Verdict::WhitelistedButShadowed,
            format!(
                "{address} is on the whitelist in {names}, and not in {}, which can ban it.",
                judging.join(", ")
            ),
        )
        .next(Advice::command("doctor")),
        (None, true) if facts.is_listed() => Decision::new(
            Verdict::Whitelisted,
            format!("{address} is on the whitelist in every jail, so that no jail bans it."),
        ),
        (None, true) => Decision::new(
            Verdict::IgnoredOtherwise,
            format!("{address} is an own address of the host, which every jail ignores (ignoreself)."),
        ),
    };
    Some(decision.next(Advice::command(format!("whitelist check {address}"))))
}

/// How many phases lead to a verdict.
fn deciding(verdict: Verdict) -> usize {
    match verdict {
        Verdict::Whitelisted | Verdict::WhitelistedButShadowed | Verdict::Fail2banDown => 1,
        Verdict::BelowThreshold => 3,
        Verdict::WasBannedExpired | Verdict::WasBannedLifted => 4,
        Verdict::Banned
        | Verdict::BannedByHand
        | Verdict::BannedByMemory
        | Verdict::BannedButReachable
        | Verdict::BannedWithItsNetwork
        | Verdict::WhitelistedYetBanned
        | Verdict::BlockedWithoutBan => 5,
        _ => 2,
    }
}
