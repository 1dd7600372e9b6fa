//! The proof of a change: a line for each jail, and of the whitelist what the jails do not have in common.

use std::collections::BTreeSet;

use crate::document::ProofRow;
use crate::model::text::{Text, joined};
use crate::ui::page::Page;
use crate::ui::text::{BAD, FAINT, GOOD, duration, styled};

/// How far lines below a jail's name are from the left: after its mark.
const HANG: usize = 5;

/// What the running server answered, as lines; none where it was not asked. A verbose page has each whitelist as a whole.
pub fn proof(rows: &[ProofRow], page: &Page) -> Vec<String> {
    if rows.is_empty() {
        return Vec::new();
    }
    let common = common(rows);
    let mut lines = vec![styled(FAINT, "As the running server answers:")];
    for row in rows {
        lines.push(page.prose(&jail(row, &common), HANG));
        if page.verbose {
            let whole = joined(&row.ignoreip).replace(", ", " ");
            lines.push(page.prose(&format!("     whitelist {whole}"), HANG + 2));
        }
    }
    lines
}

/// The entries that every jail has.
fn common(rows: &[ProofRow]) -> BTreeSet<Text> {
    let mut lists = rows
        .iter()
        .map(|row| row.ignoreip.iter().cloned().collect::<BTreeSet<Text>>());
    let first = lists.next().unwrap_or_default();
    lists.fold(first, |common, list| common.intersection(&list).cloned().collect())
}

fn jail(row: &ProofRow, common: &BTreeSet<Text>) -> String {
    let time = |seconds: Option<i64>| seconds.map_or_else(|| "?".to_owned(), duration);
    let mark = match row.ok {
        true => styled(GOOD, "ok"),
        false => styled(BAD, "no"),
    };
    format!(
        "  {mark} {}: {} failures in {} ban for {}; {}",
        row.jail,
        row.maxretry.map_or_else(|| "?".to_owned(), |count| count.to_string()),
        time(row.findtime),
        time(row.bantime),
        whitelist(&row.ignoreip, common)
    )
}

/// How many entries the whitelist of a jail has, and which of them another jail lacks.
fn whitelist(entries: &[Text], common: &BTreeSet<Text>) -> String {
    let count = match entries.len() {
        1 => "1 entry is whitelisted".to_owned(),
        count => format!("{count} entries are whitelisted"),
    };
    let own: Vec<String> = entries
        .iter()
        .filter(|entry| !common.contains(*entry))
        .map(ToString::to_string)
        .collect();
    match own.is_empty() {
        true => count,
        false => format!("{count} ({} not in every jail)", own.join(" ")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(page: &Page) -> Vec<String> {
        let row = |jail: &str, ignoreip: &[&str]| {
            let row = json!({"jail": jail, "ok": true, "maxretry": 3, "findtime": 600, "bantime": 86_400, "ignoreip": ignoreip});
            serde_json::from_value(row).expect("a row")
        };
        let rows = [
            row("asterisk-auth", &["127.0.0.0/8", "192.0.2.77", "203.0.113.0/24"]),
            row("sshd", &["127.0.0.0/8", "203.0.113.0/24"]),
        ];
        let lines = proof(&rows, page).into_iter();
        lines
            .map(|line| anstream::adapter::strip_str(&line).to_string())
            .collect()
    }

    #[test]
    fn the_whitelist_is_told_only_where_jails_differ() {
        assert_eq!(
            shown(&Page::ENDLESS),
            [
                "As the running server answers:",
                "  ok asterisk-auth: 3 failures in 10 min ban for 24 h; 3 entries are whitelisted (192.0.2.77 not in every jail)",
                "  ok sshd: 3 failures in 10 min ban for 24 h; 2 entries are whitelisted",
            ]
        );
    }

    #[test]
    fn a_verbose_run_has_each_whitelist_as_a_whole() {
        let verbose = Page::ENDLESS.whole();
        assert_eq!(
            shown(&verbose)[2],
            "     whitelist 127.0.0.0/8 192.0.2.77 203.0.113.0/24"
        );
        assert_eq!(shown(&Page::ENDLESS).len() + 2, shown(&verbose).len());
    }
}
