//! A report without names and addresses: each customer, operator, host, address and network is a number, the same one in the
//! whole report.
//!
//! Boundary: texts that people wrote freely (summaries, reasons, tickets) are left out, since nobody knows what they name.

use std::collections::HashMap;
use std::net::IpAddr;

use crate::document::{Activity, CustomerBan, Entry, ReviewFinding};
use crate::model::host_name::HostName;
use crate::model::network::Network;
use crate::model::text::Text;

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

    /// What happened on a host.
    pub fn activity(&mut self, activity: &mut Activity) {
        activity.redacted = true;
        activity.changes = self.changes(std::mem::take(&mut activity.changes));
        let protection = &mut activity.protection;
        protection.reasons = self.texts(&protection.reasons);
        protection.not_in_force = protection.not_in_force.as_ref().map(|entries| self.texts(entries));
        protection.drift.reason = None;
        for ban in protection.customers_banned.iter_mut().flatten() {
            *ban = CustomerBan {
                ip: self.text(&ban.ip),
                network: self.text(&ban.network),
                customer: ban.customer.as_ref().map(|name| self.customer(name)),
                jails: ban.jails.clone(),
                until: ban.until.clone(),
            };
        }
        activity.gaps = self.texts(&activity.gaps);
        for network in &mut activity.networks {
            network.network = self.text(&network.network);
            network.customer = network.customer.as_ref().map(|name| self.customer(name));
        }
        for headroom in &mut activity.headroom {
            headroom.customer = self.customer(&headroom.customer);
            headroom.address = self.text(&headroom.address);
        }
        for finding in activity.review.iter_mut().flatten() {
            *finding = ReviewFinding {
                code: finding.code,
                severity: finding.severity,
                subject: self.text(&finding.subject),
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

    fn texts(&mut self, texts: &[Text]) -> Vec<Text> {
        texts.iter().map(|text| self.text(text)).collect()
    }

    /// A text in which every address and network is a number.
    fn text(&mut self, text: &Text) -> Text {
        let is_of_address = |letter: char| letter.is_ascii_hexdigit() || ".:/".contains(letter);
        let mut shown = String::new();
        let mut word = String::new();
        for letter in text.raw().chars().chain([' ']) {
            if is_of_address(letter) {
                word.push(letter);
                continue;
            }
            shown.push_str(&self.word(&std::mem::take(&mut word)));
            shown.push(letter);
        }
        shown.pop();
        shown.into()
    }

    fn word(&mut self, word: &str) -> String {
        let bare = word.trim_end_matches(['.', ':', '/']);
        let rest = word.get(bare.len()..).unwrap_or_default();
        if bare.parse::<IpAddr>().is_ok() {
            return format!("{}{rest}", self.number("address", bare));
        }
        match bare.contains('/') && Network::parse(bare).is_ok() {
            true => format!("{}{rest}", self.number("network", bare)),
            false => word.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
