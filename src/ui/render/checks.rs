//! What an examination looked at, by the sections of the runbook, and what a finding means.

use crate::document::{Check, CheckOutcome, Explanation};
use crate::model::comment_text::escaped;
use crate::ui::page::Page;
use crate::ui::text::{ATTENTION, BAD, FAINT, GOOD, STRONG, styled};

/// `43 checks, 2 findings, 1 unknown`.
pub fn summary(checks: &[Check], findings: usize) -> String {
    let number = |number: usize, one: &str, many: &str| match number {
        1 => format!("1 {one}"),
        _ => format!("{number} {many}"),
    };
    let all = number(checks.len(), "check", "checks");
    let unknown = checks
        .iter()
        .filter(|check| check.outcome == CheckOutcome::Unknown)
        .count();
    let found = match findings {
        0 => "nothing to fix".to_owned(),
        found => number(found, "finding", "findings"),
    };
    let rest = match unknown {
        0 => String::new(),
        unknown => format!(", {}", styled(ATTENTION, &format!("{unknown} unknown"))),
    };
    format!("{all}, {found}{rest}")
}

/// Each check on a line below its section.
pub fn list(checks: &[Check], page: &Page) -> String {
    let mut lines = Vec::new();
    let mut section = "";
    for check in checks {
        if check.section != section {
            section = check.section;
            lines.push(styled(STRONG, section));
        }
        lines.push(page.prose(&line(check), 5));
    }
    lines.join("\n")
}

fn line(check: &Check) -> String {
    let (mark, rest) = match check.outcome {
        CheckOutcome::Passed => (styled(GOOD, "ok"), String::new()),
        CheckOutcome::Found => (styled(BAD, "!!"), format!(": {}", check.found.join(", "))),
        CheckOutcome::Unknown => {
            let reason = check.reason.as_ref().map(ToString::to_string).unwrap_or_default();
            (styled(ATTENTION, "??"), format!(": unknown, {reason}"))
        }
    };
    format!("  {mark} {}{rest}", check.check)
}

/// What a finding means, how it is found, and the fix.
pub fn explanation(text: &Explanation, page: &Page) -> String {
    let part = |name: &str, text: &str| page.prose(&format!("{} {}", styled(FAINT, name), escaped(text)), 2);
    let head = styled(STRONG, text.code.as_str());
    let parts = [
        head,
        page.prose(text.meaning, 0),
        part("found by:", text.found_by),
        part("fix:", text.fix),
    ];
    parts.join("\n")
}
