//! Several hosts as one: the outcome that has to be known of first, and how many ended how.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::{Answer, Document, Outcome, SCHEMA, Warning, Why};

/// The documents of several hosts in one.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Several {
    /// The version of the form.
    pub schema: u32,
    /// The command as it is typed.
    pub command: String,
    /// The outcome that has to be known of first.
    pub outcome: Outcome,
    /// Whether any host is other than before.
    pub changed: bool,
    /// Always empty: each host has its own.
    pub warnings: Vec<Warning>,
    /// How many hosts ended how.
    pub summary: BTreeMap<&'static str, usize>,
    /// The hosts, in the order in which they were named.
    pub hosts: Vec<Document>,
}

impl Several {
    /// The documents of one run.
    pub fn of(command: &str, hosts: Vec<Document>) -> Self {
        let outcomes = hosts.iter().map(|document| document.outcome);
        Self {
            schema: SCHEMA,
            command: command.to_owned(),
            outcome: outcomes.min().unwrap_or(Outcome::Report),
            changed: hosts.iter().any(|document| document.changed),
            warnings: Vec::new(),
            summary: by_outcome(&hosts)
                .into_iter()
                .map(|(outcome, hosts)| (outcome, hosts.len()))
                .collect(),
            hosts,
        }
    }

    /// All hosts in one line; those that did not end well are named.
    pub fn line(hosts: &[Document]) -> String {
        let counted = |(word, hosts): (&str, Vec<&Document>)| {
            let shown = word.replace('_', " ");
            if hosts.iter().all(|document| document.outcome.is_well()) {
                return format!("{} {shown}", hosts.len());
            }
            let names: Vec<&str> = hosts
                .iter()
                .filter_map(|document| document.host.as_ref())
                .map(|host| host.name.as_str())
                .collect();
            format!("{} {shown} ({})", hosts.len(), names.join(", "))
        };
        let parts: Vec<String> = by_outcome(hosts).into_iter().map(counted).collect();
        let seen = seen_on(hosts).unwrap_or_default();
        format!("{} hosts: {}.{seen}", hosts.len(), parts.join(", "))
    }
}

/// Of answers of `why`: on how many hosts something was seen, and on how many it is banned.
fn seen_on(documents: &[Document]) -> Option<String> {
    let answers: Vec<&Why> = documents
        .iter()
        .filter_map(|document| match &document.answer {
            Answer::Why(why) => Some(why.as_ref()),
            _ => None,
        })
        .collect();
    let seen = answers
        .iter()
        .filter(|why| !why.accounts.is_empty() || !why.jails.is_empty() || why.verdict.is_banned());
    let banned = answers.iter().filter(|why| why.verdict.is_banned()).count();
    (!answers.is_empty()).then(|| {
        format!(
            " Seen on {} of {} hosts that were read, banned on {banned}.",
            seen.count(),
            answers.len()
        )
    })
}

/// The documents by the word of their outcome.
fn by_outcome(documents: &[Document]) -> BTreeMap<&'static str, Vec<&Document>> {
    let mut found = BTreeMap::<_, Vec<_>>::new();
    for document in documents {
        found.entry(document.outcome.word()).or_default().push(document);
    }
    found
}

/// The order of exit codes for several hosts, worst first (contract, Exit codes).
const WORST_FIRST: [u8; 10] = [7, 6, 1, 130, 5, 4, 3, 2, 8, 0];

/// The worst of several exit codes.
pub fn worst(codes: impl IntoIterator<Item = u8>) -> u8 {
    let rank = |code: &u8| WORST_FIRST.iter().position(|known| known == code).unwrap_or(0);
    codes.into_iter().min_by_key(rank).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use crate::document::Answer;
    use crate::model::host_name::HostName;

    use super::*;

    fn documents() -> Vec<Document> {
        let document = |name: &str, outcome, changed| Document {
            outcome,
            changed,
            ..Document::report(
                "reload",
                Some(&HostName {
                    name: name.to_owned(),
                    address: String::new(),
                }),
                Answer::Nothing {},
            )
        };
        vec![
            document("a", Outcome::Changed, true),
            document("b", Outcome::Refused, false),
            document("c", Outcome::Unchanged, false),
            document("d", Outcome::Refused, false),
        ]
    }

    #[test]
    fn those_that_did_not_end_well_are_named() {
        assert_eq!(
            Several::line(&documents()),
            "4 hosts: 1 changed, 2 refused (b, d), 1 unchanged."
        );
    }

    #[test]
    fn one_document_has_the_worst_outcome_and_counts_the_hosts() {
        let document = Several::of("reload", documents());
        assert_eq!((document.outcome, document.changed), (Outcome::Refused, true));
        assert_eq!(
            document.summary,
            BTreeMap::from([("changed", 1), ("refused", 2), ("unchanged", 1)])
        );
        assert_eq!(document.hosts.len(), 4);
    }

    #[test]
    fn an_unknown_outcome_is_worse_than_a_refusal_and_findings_are_better_than_any_failure() {
        assert_eq!(worst([0, 3, 7, 6]), 7);
        assert_eq!(worst([8, 2, 0]), 2);
        assert_eq!(worst([5, 1]), 1);
        assert_eq!(worst([0, 8]), 8);
        assert_eq!(worst([]), 0);
    }
}
