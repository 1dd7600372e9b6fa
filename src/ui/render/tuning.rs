//! The recidive jail's state, and what came of a trial of regular expressions.

use super::or;
use crate::document::Recidive;
use crate::model::comment_text::escaped;
use crate::model::regex_trial::{RegexCount, RegexTrial};
use crate::ui::page::Page;
use crate::ui::text::{ATTENTION, BAD, FAINT, GOOD, duration, styled};

/// Whether the recidive jail runs, and what it needs.
pub fn recidive(jail: &Recidive, page: &Page) -> String {
    let headline = match (jail.enabled, jail.maxretry, jail.findtime, jail.bantime) {
        (true, Some(count), Some(findtime), Some(bantime)) => format!(
            "{} {count} bans in {} shut an address out for {}.",
            styled(GOOD, "recidive runs:"),
            duration(findtime),
            duration(bantime)
        ),
        (true, ..) => styled(GOOD, "recidive runs."),
        _ => "recidive is not enabled; `f2bctl recidive enable --dry-run` shows which addresses it would ban at \
             once."
            .to_owned(),
    };
    let lacking = jail.needs.iter().filter(|need| need.met == Some(false)).count();
    let unknown = jail.needs.iter().filter(|need| need.met.is_none()).count();
    let looked = format!("{} checks: {lacking} not met, {unknown} unknown.", jail.needs.len());
    let mut lines = vec![page.prose(&headline, 2), looked];
    for need in &jail.needs {
        let mark = match need.met {
            Some(true) => styled(GOOD, "ok"),
            Some(false) => styled(BAD, "no"),
            None => styled(ATTENTION, "--"),
        };
        lines.push(page.prose(&format!("  {mark} {}", escaped(&need.message)), 5));
    }
    let bans = jail.banned.iter().flatten();
    let rows: Vec<Vec<String>> = bans
        .map(|ban| {
            vec![
                ban.ip.to_string(),
                or(ban.customer.as_ref(), "-"),
                page.moment(&ban.since),
                page.moment(ban.until.as_deref().unwrap_or("for ever")),
            ]
        })
        .collect();
    if !rows.is_empty() {
        lines.push(page.table(&["ADDRESS", "CUSTOMER", "SINCE", "UNTIL"], rows));
    }
    lines.join("\n")
}

/// What came of a trial of lines against regular expressions.
pub fn regex(trial: &RegexTrial, page: &Page) -> String {
    let mut parts = vec![page.prose(&summed_up(trial, page), 2)];
    for (expressions, title) in [(&trial.failregex, "REGEX"), (&trial.ignoreregex, "IGNOREREGEX")] {
        let row = |tried: &RegexCount| {
            let regex = distinguished(&tried.regex.to_string());
            vec![tried.number.to_string(), tried.count.to_string(), regex]
        };
        if !expressions.is_empty() {
            parts.push(page.table(&["#", "LINES", title], expressions.iter().map(row).collect()));
        }
    }
    let rows: Vec<Vec<String>> = trial
        .addresses
        .iter()
        .take(SHOWN)
        .map(|found| {
            let numbers: Vec<String> = found.regexes.iter().map(u64::to_string).collect();
            vec![found.address.to_string(), found.count.to_string(), numbers.join(" ")]
        })
        .collect();
    if !rows.is_empty() {
        parts.push(page.table(&["ADDRESS", "MATCHES", "BY #"], rows));
        parts.extend(more(trial.address_count, "addresses"));
    }
    let shapes = trial.missed_shapes.iter();
    let rows: Vec<Vec<String>> = shapes
        .map(|missed| vec![missed.count.to_string(), missed.shape.to_string()])
        .collect();
    if !rows.is_empty() {
        parts.push(page.table(&["MISSED", "LINES LIKE"], rows));
        parts.extend(more(trial.shape_count, "shapes"));
    }
    parts.join("\n\n")
}

fn summed_up(trial: &RegexTrial, page: &Page) -> String {
    let verdict = if trial.matched > 0 { GOOD } else { ATTENTION };
    let kind = if trial.kind == "jail" { "jail" } else { "filter" };
    let heading = format!(
        "{kind} {}: {} of {} lines match",
        trial.name, trial.matched, trial.lines
    );
    let part = match (&trial.horizon, trial.truncated) {
        (Some(horizon), true) => format!(", only its end, from {} on", page.moment(&horizon.to_string())),
        (None, true) => ", only its end".to_owned(),
        (_, false) => String::new(),
    };
    format!(
        "{}, {} ignored, {} missed ({}{part}).",
        styled(verdict, &heading),
        trial.ignored,
        trial.missed,
        trial.source,
    )
}

/// An expression as far as people need it: those of one filter begin alike, with what is before each line, and differ
/// in their ends. JSON has all of it.
fn distinguished(regex: &str) -> String {
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
    use super::distinguished;

    #[test]
    fn a_long_expression_keeps_its_beginning_and_its_end() {
        let short = "^hacking attempt detected '<HOST>'$";
        assert_eq!(distinguished(short), short);
        let long = format!("^{}é{}No registration from <HOST>$", "a".repeat(300), "b".repeat(130));
        let shown = distinguished(&long);
        assert!(
            shown.starts_with("^aaa") && shown.ends_with("bNo registration from <HOST>$"),
            "{shown}"
        );
        assert_eq!(shown.chars().count(), 24 + 5 + 150);
    }
}
