//! Customers whom f2bctl whitelisted and who are no longer in jail.local, although no later change of f2bctl removed them.

use std::collections::BTreeSet;

use crate::document::{Advice, Finding, FindingCode as Code, Severity, Warning};
use crate::model::comment_text::escaped;
use crate::model::jail_local::{Entry, JailLocal, Registration};
use crate::model::network::Network;
use crate::model::observed::Observed;
use crate::planning::reading::{jail_local_if_any, reader};

/// A registered entry that is gone, with the jail whose own list had it.
type Gone = (Option<String>, Registration);

/// The entries of a file's lists, each with the jail whose own list it is in.
fn entries(document: &JailLocal) -> Vec<(Option<String>, Entry)> {
    let default = document.ignoreip().map(|list| list.entries).unwrap_or_default();
    let own = document.own_lists().into_iter();
    let own = own.flat_map(|(jail, list)| list.entries.into_iter().map(move |entry| (Some(jail.clone()), entry)));
    default.into_iter().map(|entry| (None, entry)).chain(own).collect()
}

/// The registered entries of f2bctl's last own jail.local that the present one has not, and the time of that change.
fn gone(observed: &Observed) -> Option<(Vec<Gone>, String)> {
    let last = observed.last_written.value()?.as_ref()?;
    let before = JailLocal::parse("jail.local", last.content.as_deref()?, &reader(observed)).ok()?;
    let now = jail_local_if_any(observed).ok()?.map(entries).unwrap_or_default();
    let named = now
        .into_iter()
        .filter_map(|(jail, entry)| Some((jail, entry.network()?)));
    let present: BTreeSet<(Option<String>, Network)> = named.collect();
    let recorded = entries(&before).into_iter();
    let recorded = recorded.filter_map(|(jail, entry)| Some((jail, entry.register?.registration)));
    // Who is in the common list now needs none of his own.
    let is_gone = |(jail, line): &Gone| {
        !present.contains(&(jail.clone(), line.network)) && !present.contains(&(None, line.network))
    };
    let gone: Vec<Gone> = recorded.filter(is_gone).collect();
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
fn onboard((jail, line): &Gone) -> String {
    let note = line
        .note
        .as_ref()
        .map_or_else(String::new, |note| format!(" --note {}", quoted(note.as_str())));
    let jail = jail
        .as_ref()
        .map_or_else(String::new, |jail| format!(" --jail {}", quoted(jail)));
    format!(
        "onboard {} --customer {}{note}{jail}",
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
        .map(|gone| {
            let fix = Advice::command(onboard(gone));
            Finding::new(
                Code::RecordedCustomerGone,
                Severity::Warning,
                message(&gone.1, &moment),
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
        .map(|gone| {
            let text = Advice::text(format!("{} ", message(&gone.1, &moment)));
            Warning::new(
                Code::RecordedCustomerGone,
                text.run(onboard(gone)).then(" brings it back."),
            )
        })
        .collect()
}
