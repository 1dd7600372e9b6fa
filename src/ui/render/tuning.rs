//! The recidive jail's state, and what came of a trial of regular expressions.

use serde_json::Value;

use super::{items, text};
use crate::model::comment_text::escaped;
use crate::ui::page::Page;
use crate::ui::text::{ATTENTION, BAD, FAINT, GOOD, duration, styled};

/// Whether the recidive jail runs, and what it needs.
pub fn recidive(document: &Value, page: &Page) -> String {
    let Some(jail) = document.get("recidive") else {
        return String::new();
    };
    let number = |key: &str| jail.get(key).and_then(Value::as_i64);
    let enabled = jail.get("enabled") == Some(&Value::Bool(true));
    let headline = match (enabled, number("maxretry"), number("findtime"), number("bantime")) {
        (true, Some(count), Some(findtime), Some(bantime)) => format!(
            "{} {count} bans in {} shut an address out for {}.",
            styled(GOOD, "recidive runs:"),
            duration(findtime),
            duration(bantime)
        ),
        (true, ..) => styled(GOOD, "recidive runs."),
        _ => "recidive is not enabled; `f2bctl recidive enable --dry-run` shows whom it would ban at once.".to_owned(),
    };
    let mut lines = vec![page.prose(&headline, 2)];
    for need in items(jail, "needs") {
        let mark = match need.get("met").and_then(Value::as_bool) {
            Some(true) => styled(GOOD, "ok"),
            Some(false) => styled(BAD, "no"),
            None => styled(ATTENTION, "--"),
        };
        lines.push(page.prose(&format!("  {mark} {}", escaped(text(need, "message"))), 5));
    }
    let rows: Vec<Vec<String>> = items(jail, "banned")
        .map(|ban| {
            let shown = |key: &str, absent: &str| ban.get(key).and_then(Value::as_str).unwrap_or(absent).to_owned();
            vec![
                shown("ip", ""),
                shown("customer", "-"),
                page.moment(&shown("since", "")),
                page.moment(&shown("until", "for ever")),
            ]
        })
        .collect();
    if !rows.is_empty() {
        lines.push(page.table(&["ADDRESS", "CUSTOMER", "SINCE", "UNTIL"], rows));
    }
    lines.join("\n")
}

/// What came of a trial of lines against regular expressions.
pub fn regex(document: &Value, page: &Page) -> String {
    let Some(trial) = document.get("regex") else {
        return String::new();
    };
    let number = |value: &Value, key: &str| value.get(key).and_then(Value::as_u64).unwrap_or_default();
    let said = |key: &str| escaped(text(trial, key));
    let matched = number(trial, "matched");
    let verdict = if matched > 0 { GOOD } else { ATTENTION };
    let kind = if text(trial, "kind") == "jail" {
        "jail"
    } else {
        "filter"
    };
    let heading = format!(
        "{kind} {}: {matched} of {} lines match",
        said("name"),
        number(trial, "lines")
    );
    let summed_up = format!(
        "{}, {} ignored, {} missed ({}{}).",
        styled(verdict, &heading),
        number(trial, "ignored"),
        number(trial, "missed"),
        said("source"),
        if trial.get("truncated") == Some(&Value::Bool(true)) {
            ", its end only"
        } else {
            ""
        },
    );
    let mut parts = vec![page.prose(&summed_up, 2)];
    for (key, title) in [("failregex", "REGEX"), ("ignoreregex", "IGNOREREGEX")] {
        let rows: Vec<Vec<String>> = items(trial, key)
            .map(|row| {
                vec![
                    number(row, "number").to_string(),
                    number(row, "count").to_string(),
                    told_apart(text(row, "regex")),
                ]
            })
            .collect();
        if !rows.is_empty() {
            parts.push(page.table(&["#", "LINES", title], rows));
        }
    }
    let rows: Vec<Vec<String>> = items(trial, "addresses")
        .take(SHOWN)
        .map(|row| {
            let numbers: Vec<String> = items(row, "regexes").map(Value::to_string).collect();
            vec![
                text(row, "address").to_owned(),
                number(row, "count").to_string(),
                numbers.join(" "),
            ]
        })
        .collect();
    if !rows.is_empty() {
        parts.push(page.table(&["ADDRESS", "MATCHES", "BY #"], rows));
        parts.extend(more(number(trial, "address_count"), "addresses"));
    }
    let rows: Vec<Vec<String>> = items(trial, "missed_shapes")
        .map(|row| vec![number(row, "count").to_string(), text(row, "shape").to_owned()])
        .collect();
    if !rows.is_empty() {
        parts.push(page.table(&["MISSED", "LINES LIKE"], rows));
        parts.extend(more(number(trial, "shape_count"), "shapes"));
    }
    parts.join("\n\n")
}

/// An expression as far as people need it: those of one filter begin alike, with what stands before each line, and differ
/// in their ends. JSON has all of it.
fn told_apart(regex: &str) -> String {
    const BEGINNING: usize = 24;
    const END: usize = 150;
    let letters: Vec<char> = regex.chars().collect();
    match (letters.get(..BEGINNING), letters.len().checked_sub(END)) {
        (Some(beginning), Some(from)) if from > BEGINNING => {
            let end = letters.get(from..).unwrap_or_default();
            format!("{} ... {}", String::from_iter(beginning), String::from_iter(end))
        }
        _ => regex.to_owned(),
    }
}

/// How many rows of a list are shown to people; JSON has more.
const SHOWN: usize = 20;

fn more(count: u64, what: &str) -> Option<String> {
    let rest = count.saturating_sub(SHOWN as u64);
    (rest > 0).then(|| styled(FAINT, &format!("and {rest} more {what}")))
}

#[cfg(test)]
mod tests {
    use super::told_apart;

    #[test]
    fn a_long_expression_keeps_its_beginning_and_its_end() {
        let short = "^hacking attempt detected '<HOST>'$";
        assert_eq!(told_apart(short), short);
        let long = format!("^{}é{}No registration from <HOST>$", "a".repeat(300), "b".repeat(130));
        let told = told_apart(&long);
        assert!(
            told.starts_with("^aaa") && told.ends_with("bNo registration from <HOST>$"),
            "{told}"
        );
        assert_eq!(told.chars().count(), 24 + 5 + 150);
    }
}
