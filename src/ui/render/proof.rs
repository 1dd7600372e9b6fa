//! The proof of a change: a line for each jail, and of the whitelist what the jails do not have in common.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{items, text, texts};
use crate::model::comment_text::escaped;
use crate::ui::page::Page;
use crate::ui::text::{BAD, FAINT, GOOD, duration, styled};

/// How far lines below a jail's name are from the left: behind its mark.
const HANG: usize = 5;

/// What the running server answered, as lines; none where it was not asked. A verbose page has each whitelist as a whole.
pub fn proof(document: &Value, page: &Page) -> Vec<String> {
    let rows: Vec<&Value> = items(document, "proof").collect();
    if rows.is_empty() {
        return Vec::new();
    }
    let common = common(&rows);
    let mut lines = vec![styled(FAINT, "As the running server answers:")];
    for row in rows {
        lines.push(page.prose(&jail(row, &common), HANG));
        if page.verbose {
            let whole = texts(row, "ignoreip").join(" ");
            lines.push(page.prose(&format!("     whitelist {whole}"), HANG + 2));
        }
    }
    lines
}

/// The entries that every jail has.
fn common(rows: &[&Value]) -> BTreeSet<String> {
    let mut lists = rows
        .iter()
        .map(|row| texts(row, "ignoreip").into_iter().collect::<BTreeSet<String>>());
    let first = lists.next().unwrap_or_default();
    lists.fold(first, |common, list| common.intersection(&list).cloned().collect())
}

fn jail(row: &Value, common: &BTreeSet<String>) -> String {
    let number = |key: &str| row.get(key).and_then(Value::as_i64);
    let time = |key: &str| number(key).map_or_else(|| "?".to_owned(), duration);
    let mark = match row.get("ok") == Some(&Value::Bool(true)) {
        true => styled(GOOD, "ok"),
        false => styled(BAD, "no"),
    };
    format!(
        "  {mark} {}: {} failures in {} ban for {}; {}",
        escaped(text(row, "jail")),
        number("maxretry").map_or_else(|| "?".to_owned(), |count| count.to_string()),
        time("findtime"),
        time("bantime"),
        whitelist(&texts(row, "ignoreip"), common)
    )
}

/// How many entries the whitelist of a jail has, and which of them another jail lacks.
fn whitelist(entries: &[String], common: &BTreeSet<String>) -> String {
    let count = match entries.len() {
        1 => "1 entry is whitelisted".to_owned(),
        count => format!("{count} entries are whitelisted"),
    };
    let own: Vec<&str> = entries
        .iter()
        .filter(|entry| !common.contains(*entry))
        .map(String::as_str)
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

    fn told(page: &Page) -> Vec<String> {
        let row = |jail: &str, ignoreip: &[&str]| json!({"jail": jail, "ok": true, "maxretry": 3, "findtime": 600, "bantime": 86_400, "ignoreip": ignoreip});
        let document = json!({"proof": [
            row("asterisk-auth", &["127.0.0.0/8", "192.0.2.77", "203.0.113.0/24"]),
            row("sshd", &["127.0.0.0/8", "203.0.113.0/24"]),
        ]});
        let lines = proof(&document, page).into_iter();
        lines
            .map(|line| anstream::adapter::strip_str(&line).to_string())
            .collect()
    }

    #[test]
    fn the_whitelist_is_told_only_where_jails_differ() {
        assert_eq!(
            told(&Page::ENDLESS),
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
            told(&verbose)[2],
            "     whitelist 127.0.0.0/8 192.0.2.77 203.0.113.0/24"
        );
        assert_eq!(told(&Page::ENDLESS).len() + 2, told(&verbose).len());
    }
}
