//! A report without names and addresses: each customer, operator, host, address and network is a number, the same one in the
//! whole report.
//!
//! Boundary: texts that people wrote freely (summaries, reasons, tickets), and what a host or one of its files answered, are left
//! out, since nobody knows what they name.

use std::collections::HashMap;

use crate::document::{Activity, Advice, CustomerBan, Entry, Failure, FailureKind, ReviewFinding};
use crate::model::host_name::HostName;
use crate::model::network::Network;
use crate::model::text::Text;

/// How refusals begin, in words of the program's own; what follows is of the host or its files.
const REFUSALS: [&str; 4] = [
    "fail2ban cannot read jail.local as it looks",
    "jail.local cannot be read",
    "fail2ban is not running on this host",
    "fail2ban-server cannot be asked",
];
/// How the gaps begin that end in why something could not be read.
const UNREAD: [&str; 2] = ["The whitelist could not be reviewed", "The audit log could not be read"];
/// How clauses about a jail may end after a colon: in words of the program's own.
const ENDS: [&str; 4] = [
    "its bans are counted and nobody is blocked",
    "nobody is blocked",
    "no attempt is seen",
    "no attempt is logged",
];
/// What clauses quote that is the program's own.
const QUOTED: [&str; 2] = ["notice", "security"];
/// How the gap of a file ends that was read, but for its amount.
const LEFT_OUT: &str = " events were left out, being too many.";
/// The hints that name nobody.
const HINTS: [&str; 3] = [Advice::AS_ROOT, Advice::CORRECT_THE_FILE, Advice::START];
/// The longest text of an address with a prefix length, in letters.
const LONGEST_ADDRESS: usize = 49;

/// The numbers that were given.
#[derive(Debug, Default)]
pub struct Redaction {
    known: HashMap<(&'static str, String), usize>,
    given: HashMap<&'static str, usize>,
}

impl Redaction {
    fn number(&mut self, kind: &'static str, of: &str) -> String {
        let given = self.given.entry(kind).or_default();
        let number = *self.known.entry((kind, of.to_owned())).or_insert_with(|| {
            *given += 1;
            *given
        });
        format!("{kind} {number}")
    }

    fn customer(&mut self, name: &Text) -> Text {
        self.number("customer", name.raw()).into()
    }

    /// A host by its number.
    pub fn host(&mut self, host: &HostName) -> HostName {
        HostName {
            name: self.number("host", &host.name),
            address: String::new(),
        }
    }

    /// Changes by what was run, by whom (a number), and how it ended.
    fn changes(&mut self, changes: Vec<Entry>) -> Vec<Entry> {
        let redacted = |change: Entry| Entry {
            operator: self.number("operator", change.operator.raw()).into(),
            key: None,
            seen: None,
            reason: None,
            ticket: None,
            summary: Text::default(),
            failure: None,
            ..change
        };
        changes.into_iter().map(redacted).collect()
    }

    /// A failure by its kind, with the hints that name nobody.
    pub fn failure(failure: &mut Failure) {
        failure.message = match failure.kind {
            FailureKind::Usage => "what was typed, or the configuration, cannot be used",
            FailureKind::Refused => "the host is not in a state in which this can be done",
            FailureKind::Connection => "the host could not be reached, or its key or the login was refused",
            FailureKind::Conflict => "the host changed meanwhile, or another change is under way",
            FailureKind::Restored => "it failed, and the host was put back as it was",
            FailureKind::NotRestored => "it failed, and the host could not be put back",
            FailureKind::Unknown => "how it ended is not known",
            FailureKind::Interrupted => "the operator ended it",
            FailureKind::Fault => "f2bctl has a fault",
        }
        .to_owned();
        failure.hints.retain(|hint| HINTS.contains(&hint.to_string().as_str()));
    }

    /// What happened on a host.
    pub fn activity(&mut self, activity: &mut Activity) {
        activity.redacted = true;
        activity.changes = self.changes(std::mem::take(&mut activity.changes));
        let protection = &mut activity.protection;
        protection.reasons = protection.reasons.iter().map(|reason| self.clause(reason)).collect();
        for entry in protection.not_in_force.iter_mut().flatten() {
            *entry = self.entry(entry);
        }
        protection.drift.reason = None;
        for ban in protection.customers_banned.iter_mut().flatten() {
            *ban = CustomerBan {
                ip: self.entry(&ban.ip),
                network: self.entry(&ban.network),
                customer: ban.customer.as_ref().map(|name| self.customer(name)),
                jails: ban.jails.clone(),
                until: ban.until.clone(),
            };
        }
        activity.gaps = activity.gaps.iter().map(|gap| self.gap(gap)).collect();
        for network in &mut activity.networks {
            network.network = self.entry(&network.network);
            network.customer = network.customer.as_ref().map(|name| self.customer(name));
        }
        for headroom in &mut activity.headroom {
            headroom.customer = self.customer(&headroom.customer);
            headroom.address = self.entry(&headroom.address);
        }
        for finding in activity.review.iter_mut().flatten() {
            *finding = ReviewFinding {
                code: finding.code,
                severity: finding.severity,
                subject: self.entry(&finding.subject),
                customer: finding.customer.as_ref().map(|name| self.customer(name)),
                message: finding.code.meaning().into(),
                next: "".into(),
            };
        }
        for happening in &mut activity.timeline {
            let change = happening.change.as_ref();
            let change = activity
                .changes
                .iter()
                .find(|one| change.is_some_and(|id| *id == one.id));
            happening.message = match change {
                Some(change) => change.sentence().into(),
                None => self.text(&happening.message),
            };
            happening.customer = happening.customer.as_ref().map(|name| self.customer(name));
        }
    }

    /// An entry of the whitelist, or whom a ban or a finding is about: whatever is no network, such as the name of a host, is a
    /// number as well.
    fn entry(&mut self, entry: &Text) -> Text {
        let raw = entry.raw().trim();
        self.network(raw).unwrap_or_else(|| self.number("entry", raw)).into()
    }

    /// An address or network by its number, however it is written.
    fn network(&mut self, written: &str) -> Option<String> {
        let network = Network::parse(written).ok()?.network.to_string();
        let kind = if network.contains('/') { "network" } else { "address" };
        Some(self.number(kind, &network))
    }

    /// What is missing; of why something could not be read, the words of the program's own.
    fn gap(&mut self, gap: &Text) -> Text {
        let unread = UNREAD
            .into_iter()
            .find_map(|begin| Some((begin, gap.raw().strip_prefix(begin)?.strip_prefix(": ")?)));
        match unread {
            Some((begin, why)) => {
                let why = refusal(why).unwrap_or("the reason is left out");
                format!("{begin}: {why}.").into()
            }
            None => match gap.raw().split_once(": ") {
                Some((file, why)) if file.starts_with('/') && !why.ends_with(LEFT_OUT) => {
                    self.text(&format!("{file}: it could not be read whole.").into())
                }
                _ => self.text(gap),
            },
        }
    }

    /// Why a host is not protected, without what was quoted of it.
    fn clause(&mut self, clause: &Text) -> Text {
        if let Some(refusal) = refusal(clause.raw()) {
            return refusal.into();
        }
        let own = match clause.raw().split_once(": ") {
            Some((begin, end)) if !ENDS.contains(&end) => begin,
            _ => clause.raw(),
        };
        let parts = own.split('`').enumerate();
        let unquoted: Vec<&str> = parts
            .map(|(place, part)| match place % 2 == 0 || QUOTED.contains(&part) {
                true => part,
                false => "...",
            })
            .collect();
        self.text(&unquoted.join("`").into())
    }

    /// A text in which every address and network is a number.
    fn text(&mut self, text: &Text) -> Text {
        let mut shown = String::new();
        let mut rest = text.raw();
        let mut before: Option<char> = None;
        while let Some(letter) = rest.chars().next() {
            let begins = is_of_address(letter) && before.is_none_or(|before| !before.is_ascii_hexdigit());
            let found = begins.then(|| self.address(rest)).flatten();
            let taken = found.as_ref().map_or(letter.len_utf8(), |(_, length)| *length);
            match found {
                Some((number, _)) => shown.push_str(&number),
                None => shown.push(letter),
            }
            let (passed, left) = rest.split_at_checked(taken).unwrap_or((rest, ""));
            before = passed.chars().next_back();
            rest = left;
        }
        shown.into()
    }

    /// The number of the address or network that a text begins with, and how long that is: the longest one, and nothing of a
    /// longer word. A port after it is not of it.
    fn address(&mut self, text: &str) -> Option<(String, usize)> {
        let end = text.find(|letter: char| !is_of_address(letter)).unwrap_or(text.len());
        let mut lengths = (2..=end.min(LONGEST_ADDRESS)).rev();
        lengths.find_map(|length| {
            let (written, after) = text.split_at_checked(length)?;
            let is_whole = !after.starts_with(|letter: char| letter.is_ascii_hexdigit());
            let names_one = written.contains(|letter: char| letter.is_ascii_hexdigit());
            let number = (is_whole && names_one).then(|| self.network(written)).flatten()?;
            Some((number, length))
        })
    }
}

fn is_of_address(letter: char) -> bool {
    letter.is_ascii_hexdigit() || ".:/".contains(letter)
}

/// A refusal in words of the program's own, if it begins with such.
fn refusal(why: &str) -> Option<&'static str> {
    REFUSALS.into_iter().find(|begin| why.starts_with(begin))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::known::Known;
    use crate::model::observed::{HostFile, Observed};
    use crate::planning::whitelist::whitelist;

    #[test]
    fn each_address_has_one_number_wherever_it_stands() {
        let mut redaction = Redaction::default();
        let mut of = |text: &str| redaction.text(&text.into()).to_string();
        assert_eq!(of("sshd banned 192.0.2.7."), "sshd banned address 1.");
        assert_eq!(
            of("192.0.2.7, 2001:db8::1 and 192.0.2.0/24"),
            "address 1, address 2 and network 1"
        );
        assert_eq!(
            of("[192.0.2.7]:5060 at 10:15:03, fail2ban 1.0.2"),
            "[address 1]:5060 at 10:15:03, fail2ban 1.0.2"
        );
        assert_eq!(
            of("192.0.2.7:5060, [2001:db8::1]:5060, host:192.0.2.7 and 192.0.2.7/udp"),
            "address 1:5060, [address 2]:5060, host:address 1 and address 1/udp"
        );
        assert_eq!(of("2001:DB8::1: twice, 192.0.2.0/24."), "address 2: twice, network 1.");
        assert_eq!(of(""), "");
    }

    #[test]
    fn of_a_change_stays_what_was_run_and_how_it_ended() {
        let change = Entry {
            id: "c1".into(),
            time: "2026-11-22T01:24:01Z".into(),
            operator: "ravi@desk".into(),
            key: Some("SHA256:x".into()),
            seen: None,
            command: "onboard".into(),
            reason: Some("Blue Lotus asked".into()),
            ticket: Some("OPS-412".into()),
            summary: "Added 192.0.2.0/28 (Blue Lotus Hotels).".into(),
            outcome: "changed".into(),
            failure: None,
        };
        let found = Redaction::default().changes(vec![change]);
        let text = serde_json::to_string(&found).expect("JSON");
        assert!(text.contains("operator 1") && text.contains("onboard"), "{text}");
        for word in ["ravi", "Lotus", "192.0.2", "OPS", "SHA256"] {
            assert!(!text.contains(word), "{text}");
        }
    }

    /// What the program says of a jail.local that it cannot read, with a part of it.
    fn unreadable() -> String {
        let content = "Blue Lotus Hotels at pbx.lotus.example\n[DEFAULT]\nignoreip = 192.0.2.7\n";
        let observed = Observed {
            jail_local: Known::of(HostFile {
                path: "/etc/fail2ban/jail.local".to_owned(),
                exists: true,
                link: None,
                sha256: None,
                content: Some(content.as_bytes().to_vec()),
                mode: None,
            }),
            ..Observed::default()
        };
        whitelist(&observed)
            .expect_err("a line before the first section")
            .message
    }

    #[test]
    fn of_a_refusal_stay_the_words_of_the_program() {
        let why = unreadable();
        assert!(why.contains("Lotus"), "{why}");
        let mut redaction = Redaction::default();
        let mut of = |gap: &str| redaction.gap(&gap.into()).to_string();
        assert_eq!(
            of(&format!("The whitelist could not be reviewed: {why}.")),
            "The whitelist could not be reviewed: fail2ban cannot read jail.local as it looks."
        );
        assert_eq!(
            of("The audit log could not be read: pbx.lotus.example has none."),
            "The audit log could not be read: the reason is left out."
        );
        assert_eq!(
            of("/var/log/fail2ban.log: 12 events were left out, being too many."),
            "/var/log/fail2ban.log: 12 events were left out, being too many."
        );
        assert_eq!(
            of("/var/log/fail2ban.log.2.gz: Not a gzipped file (b'lotus')."),
            "/var/log/fail2ban.log.2.gz: it could not be read whole."
        );
        let levels = "logger.conf has neither `notice` nor `security` for /var/log/asterisk/messages.log, which jail sshd reads: no \
                      attempt is logged";
        let mut of = |reason: &str| redaction.clause(&reason.into()).to_string();
        assert_eq!(of(&why), "fail2ban cannot read jail.local as it looks");
        assert_eq!(of(levels), levels);
        for (reason, shown) in [
            (
                "fail2ban-server cannot be asked: lotus",
                "fail2ban-server cannot be asked",
            ),
            (
                "a rule before those of jail sshd accepts tcp: lotus",
                "a rule before those of jail sshd accepts tcp",
            ),
            (
                "whom `/opt/lotus.sh` of jail sshd ignores is not asked here",
                "whom `...` of jail sshd ignores is not asked here",
            ),
            (
                "jail sshd has no action: its bans are counted and nobody is blocked",
                "jail sshd has no action: its bans are counted and nobody is blocked",
            ),
        ] {
            assert_eq!(of(reason), shown);
        }
    }

    #[test]
    fn an_entry_that_is_no_network_is_a_number_as_well() {
        let mut redaction = Redaction::default();
        let mut of = |entry: &str| redaction.entry(&entry.into()).to_string();
        let entries = [
            "pbx.lotus.example",
            "192.0.2.7",
            "file:/etc/lotus",
            "192.0.2.0/24",
            "pbx.lotus.example",
        ];
        let shown: Vec<String> = entries.into_iter().map(&mut of).collect();
        assert_eq!(shown, ["entry 1", "address 1", "entry 2", "network 1", "entry 1"]);
    }

    #[test]
    fn of_a_failure_stay_its_kind_and_the_hints_that_name_nobody() {
        let mut failure = Failure::new(FailureKind::Connection, "no route to pbx.lotus.example (192.0.2.7)")
            .hint(Advice::AS_ROOT)
            .hint("ssh-keygen -R 192.0.2.7".to_owned())
            .hint("is pbx.lotus.example right?".to_owned());
        Redaction::failure(&mut failure);
        let expected = "the host could not be reached, or its key or the login was refused";
        assert_eq!(
            failure,
            Failure::new(FailureKind::Connection, expected).hint(Advice::AS_ROOT)
        );
        for hint in HINTS {
            assert_eq!(Advice::from(hint).to_string(), hint);
        }
    }
}
