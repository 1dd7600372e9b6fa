//! The customers' whitelist: what its own examination finds, and whether the server ignores everybody.

use crate::checks::whitelist::whitelist_findings;
use crate::document::{Finding, FindingCode as Code, Severity};
use crate::model::observed::Jail;
use crate::planning::temporary::set_again::lost;

use super::evidence::{Evidence, unknown};
use super::server::always_ignores;

/// Runs these checks.
pub fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut found = whitelist_findings(evidence.observed, &evidence.guard)
        .unwrap_or_else(|refusal| vec![unknown("The whitelist", &refusal.message)]);
    found.extend(everybody(evidence));
    found.extend(lost(evidence.observed).into_iter().map(|message| {
        let fix = "f2bctl reload";
        Finding::new(Code::TemporaryNotInForce, Severity::Warning, message.to_string(), fix)
    }));
    found
}

/// Whether a jail ignores the whole internet. fail2ban shows any /0 as 0.0.0.0 or ::, whoever was meant.
fn ignores_everybody(jail: &Jail) -> bool {
    let all = |entry: &String| matches!(entry.as_str(), "0.0.0.0" | "::" | "0.0.0.0/0" | "::/0");
    jail.ignoreip().iter().any(all)
}

/// Whether a jail exempts everybody, by its list or by its `ignorecommand`.
pub(in crate::checks) fn exempts_everybody(jail: &Jail) -> bool {
    ignores_everybody(jail) || always_ignores(jail)
}

fn everybody(evidence: &Evidence<'_>) -> Vec<Finding> {
    let open = evidence.jails().filter(|(_, jail)| ignores_everybody(jail));
    open.map(|(name, _)| {
        let message =
            format!("Jail {name} ignores the whole internet: its ignoreip reads 0.0.0.0 or :: in the server.");
        Finding::new(
            Code::EverybodyWhitelisted,
            Severity::Error,
            message,
            "correct the ignoreip line, then `f2bctl reload`",
        )
    })
    .collect()
}
