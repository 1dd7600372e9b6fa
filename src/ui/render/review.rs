//! Who of the whitelisted needs a look.

use crate::document::{Severity, WhitelistReview};
use crate::ui::page::Page;
use crate::ui::text::{ATTENTION, BAD, FAINT, GOOD, styled};

/// The findings, each with what to do.
pub fn review(found: &WhitelistReview, host: Option<&str>, page: &Page) -> String {
    let mut lines = Vec::new();
    if found.findings.is_empty() {
        lines.push(styled(GOOD, "No findings."));
    }
    for finding in &found.findings {
        let style = match finding.severity {
            Severity::Error => BAD,
            Severity::Warning => ATTENTION,
            Severity::Notice => FAINT,
        };
        let customer = finding
            .customer
            .as_ref()
            .map_or_else(String::new, |customer| format!(" {customer}:"));
        let head = styled(style, finding.code.word());
        lines.push(page.prose(&format!("{head}{customer} {}", finding.message), 2));
        let next = host.map_or_else(|| finding.next.clone(), |host| finding.next.aimed(host));
        lines.push(page.prose(&format!("  next: {next}"), 4));
    }
    let from = |moment: &Option<String>| {
        moment
            .as_ref()
            .map_or_else(|| "unknown".to_owned(), |moment| page.moment(moment))
    };
    lines.push(styled(
        FAINT,
        &page.prose(
            &format!(
                "Read: the action log from {} on, Asterisk's log from {} on.",
                from(&found.bans_from),
                from(&found.accounts_from)
            ),
            2,
        ),
    ));
    lines.extend(
        found
            .gaps
            .iter()
            .map(|gap| page.prose(&format!("{} {gap}", styled(ATTENTION, "!")), 2)),
    );
    lines.join("\n")
}
