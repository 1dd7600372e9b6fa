//! Bans that block nobody, rules that nobody asked for, and a recidive jail that forgets.

use crate::document::{Advice, Finding, FindingCode as Code, Severity};
use std::collections::BTreeSet;

use serde_json::Value;

use crate::model::blocked_address::BlockedAddress;
use crate::model::observed::Firewall;
use crate::model::some::some;
use crate::planning::enforcement::{Enforcement, Gap, chain_names, enforcement};

use super::evidence::{Evidence, unknown};

/// Runs these checks.
pub fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let gaps = evidence
        .jails()
        .filter_map(|(name, jail)| match enforcement(name, jail, evidence.observed) {
            Enforcement::No(gap) => Some(finding(name, &gap)),
            Enforcement::Yes | Enforcement::Unknown(_) => None,
        });
    let mut found: Vec<Finding> = gaps.collect();
    match evidence.observed.firewall.read() {
        Err(reason) => found.push(unknown("The packet filter", reason)),
        Ok(firewall) => found.extend(strays(evidence, firewall)),
    }
    found.extend(recidive(evidence));
    found
}

fn finding(name: &str, gap: &Gap) -> Finding {
    let restart = format!("fail2ban-client reload --restart {name} on the host");
    let (code, fix) = match gap {
        Gap::NoActions => (
            Code::JailWithoutActions,
            Advice::text(format!("`{restart}`, or ")).run("reload"),
        ),
        Gap::Reports(_) => (
            Code::BanBlocksNobody,
            format!("set `banaction` of [{name}] to one that blocks, such as iptables-multiport, then run {restart}").into(),
        ),
        Gap::Open(protocol) if protocol == "udp" => (
            Code::SipUdpOpen,
            "`f2bctl split` gives the jails an action for udp and one for tcp".into(),
        ),
        Gap::Open(_) => (
            Code::ProtocolOpen,
            "give the jail an action for that protocol, then `f2bctl reload`".into(),
        ),
        Gap::Ports(services) => {
            let ports: BTreeSet<u16> = services.iter().map(|service| service.port).collect();
            let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
            let ports = ports.join(",");
            (
                Code::SipPortOpen,
                format!("add {ports} to `port` of [{name}] in jail.local, then run {restart}").into(),
            )
        }
        Gap::NoRule { .. } => (
            Code::BanWithoutRule,
            format!("{restart} creates the rules again").into(),
        ),
        Gap::Accepted { rule, .. } if rule.starts_with("nft ") => (
            Code::RuleBeforeBan,
            format!(
                "delete that rule, or take `table` and `chain` out of the jail's action, so that fail2ban has a chain of its \
                 own; then run {restart}"
            )
            .into(),
        ),
        Gap::Accepted { .. } => (
            Code::RuleBeforeBan,
            format!("{restart} puts the jump to its chain first; let what writes that rule run before fail2ban starts").into(),
        ),
        Gap::SentOn(_) => (
            Code::BanPassedBy,
            format!(
                "set `chain = FORWARD` (with Docker: DOCKER-USER) in [{name}] of jail.local, then run {restart}"
            )
            .into(),
        ),
        Gap::FoundAgain { ip, .. } => (Code::BannedButReachable, Advice::command(format!("why {ip}"))),
    };
    let clause = gap.clause(name);
    let mut letters = clause.chars();
    let sentence: String = letters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .chain(letters)
        .collect();
    Finding::new(code, Severity::Error, format!("{sentence}."), fix)
}

/// Addresses that a chain of fail2ban shuts out without a ban that says so.
fn strays(evidence: &Evidence<'_>, firewall: &Firewall) -> Vec<Finding> {
    let mut found = Vec::new();
    for (chain, rules) in &firewall.chains {
        let owners = evidence
            .jails()
            .filter(|(name, jail)| chain_names(name, jail).contains(chain));
        let banned: BTreeSet<&str> = owners
            .flat_map(|(_, jail)| jail.bans.iter().map(|ban| ban.ip.as_str()))
            .collect();
        let stray: Vec<&str> = rules
            .addresses
            .iter()
            .map(BlockedAddress::as_str)
            .filter(|address| !banned.contains(address))
            .collect();
        if !stray.is_empty() {
            let message = format!("{chain} blocks {}, but no jail bans them.", some(&stray));
            let first: String = stray.iter().take(1).copied().collect();
            let fix = Advice::command(format!("unban {first}"));
            found.push(Finding::new(Code::RuleWithoutBan, Severity::Warning, message, fix));
        }
    }
    found
}

/// The database forgets after `dbpurgeage`, and a recidive jail cannot look further back.
fn recidive(evidence: &Evidence<'_>) -> Option<Finding> {
    let findtime = evidence.jail("recidive")?.number("findtime")?;
    let settings = &evidence.observed.server.value()?.settings;
    let age = settings.get("dbpurgeage").and_then(Value::as_i64)?;
    if age >= findtime {
        return None;
    }
    Some(Finding::new(
        Code::RecidiveForgets,
        Severity::Warning,
        format!("Jail recidive looks back {findtime} s, and the database forgets after {age} s (dbpurgeage)."),
        "`f2bctl recidive enable` says what to set",
    ))
}
