//! Customers whom f2bctl whitelisted and who are no longer in jail.local, although no later change of f2bctl removed them.

use std::collections::BTreeSet;

use crate::document::{Advice, Finding, FindingCode as Code, Severity, Warning};
use crate::model::comment_text::escaped;
use crate::model::jail_local::{JailLocal, Registration};
use crate::model::network::Network;
use crate::model::observed::Observed;
use crate::planning::reading::{jail_local_if_any, reader};

/// The registered entries of f2bctl's last own jail.local that the present one has not, and the time of that change.
fn gone(observed: &Observed) -> Option<(Vec<Registration>, String)> {
    let last = observed.last_written.value()?.as_ref()?;
    let before = JailLocal::parse("jail.local", last.content.as_deref()?, &reader(observed)).ok()?;
    let list = jail_local_if_any(observed).ok()?.and_then(JailLocal::ignoreip);
    let entries = list.map(|list| list.entries).unwrap_or_default();
    let present: BTreeSet<Network> = entries.iter().filter_map(|entry| entry.network()).collect();
    let recorded = before
        .ignoreip()?
        .entries
        .into_iter()
        .filter_map(|entry| entry.register);
    let gone = recorded.map(|line| line.registration);
    let gone: Vec<Registration> = gone.filter(|line| !present.contains(&line.network)).collect();
    // Whole seconds are what is shown.
    Some((gone, observed.clock.moment(last.ended as i64)))
}

fn message(line: &Registration, moment: &str) -> String {
    format!(
        "{} ({}) was in jail.local after f2bctl's last change ({moment}) and is not now: the file was edited outside f2bctl.",
        line.network, line.customer
    )
}

/// What whitelists the customer again as before.
fn onboard(line: &Registration) -> String {
    let note = line
        .note
        .as_ref()
        .map_or_else(String::new, |note| format!(" --note {}", quoted(note.as_str())));
    format!(
        "onboard {} --customer {}{note}",
        line.network,
        quoted(line.customer.as_str())
    )
}

/// A text as a shell takes it.
pub fn quoted(text: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || ".-_:/".contains(letter);
    match !text.is_empty() && text.chars().all(is_plain) {
        true => text.to_owned(),
        false => format!("'{}'", escaped(text).replace('\'', "'\\''")),
    }
}

/// Each as a finding, with the command that brings the customer back.
pub fn recorded_findings(observed: &Observed) -> Vec<Finding> {
    let (gone, moment) = gone(observed).unwrap_or_default();
    let found = gone.iter();
    found
        .map(|line| {
            let fix = Advice::command(onboard(line));
            Finding::new(
                Code::RecordedCustomerGone,
                Severity::Warning,
                message(line, &moment),
                fix,
            )
        })
        .collect()
}

/// The same as warnings.
pub fn recorded_warnings(observed: &Observed) -> Vec<Warning> {
    let (gone, moment) = gone(observed).unwrap_or_default();
    let found = gone.iter();
    found
        .map(|line| {
            let text = Advice::text(format!("{} ", message(line, &moment)));
            Warning::new(
                Code::RecordedCustomerGone,
                text.run(onboard(line)).then(" brings it back."),
            )
        })
        .collect()
}
