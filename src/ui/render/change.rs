//! A change: what will be done, what was done, and the proof of it.

use super::difference;
use crate::document::{Change, Outcome, Plan};
use crate::model::comment_text::escaped;
use crate::model::host_name::HostName;
use crate::model::text::Text;
use crate::ui::page::Page;
use crate::ui::text::{ATTENTION, FAINT, GOOD, STRONG, host_at, styled};

/// A plan for a host as it is shown before anybody approves it; every effect is listed on a verbose page.
pub fn plan(plan: &Plan, host: &str, page: &Page) -> String {
    drawn(plan, host, page, page.verbose)
}

fn drawn(plan: &Plan, host: &str, page: &Page, every_effect: bool) -> String {
    let heading = match host {
        "" => "Plan".to_owned(),
        _ => format!("Plan for {host}"),
    };
    let mut lines = vec![styled(STRONG, &heading)];
    for (number, step) in plan.steps.iter().enumerate() {
        let mark = format!("  {}. ", number + 1);
        lines.push(page.prose(&format!("{mark}{}", step.summary), mark.len()));
    }
    if page.verbose {
        let title = "If it fails or is not confirmed, the host undoes it by itself";
        lines.extend(section(title, &plan.undo, page, true));
    }
    if !plan.diff.is_empty() {
        lines.push(String::new());
        lines.extend(difference::lines(plan.diff.raw(), page));
    }
    let title = "Effect on the running jails";
    lines.extend(section(title, &plan.effect_text, page, every_effect));
    if !plan.drift_text.is_empty() {
        lines.push(String::new());
        let heading = "Edited outside f2bctl and not reloaded; this would put it into force (needs --with-drift):";
        lines.push(page.prose(&styled(ATTENTION, heading), 2));
        lines.extend(plan.drift_text.iter().map(|line| page.prose(&format!("  ! {line}"), 6)));
    }
    lines.join("\n")
}

fn section(title: &str, sentences: &[Text], page: &Page, all: bool) -> Vec<String> {
    const SHOWN: usize = 12;
    if sentences.is_empty() {
        return Vec::new();
    }
    let shown = if all { sentences.len() } else { SHOWN };
    let mut lines = vec![String::new(), styled(STRONG, title)];
    let listed = sentences.iter().take(shown);
    lines.extend(listed.map(|sentence| page.prose(&format!("  {sentence}"), 4)));
    if sentences.len() > shown {
        lines.push(styled(
            FAINT,
            &format!("  and {} more (--verbose shows them)", sentences.len() - shown),
        ));
    }
    lines
}

/// What came of a change.
pub fn change(host: Option<&HostName>, outcome: Outcome, change: &Change, page: &Page) -> String {
    let name = host.map_or_else(String::new, |host| escaped(&host.name));
    let mut lines = Vec::new();
    match outcome {
        Outcome::Planned => {
            if let Some(planned) = &change.plan {
                let host = host.map_or_else(String::new, |host| host_at(&host.name, &host.address));
                lines.push(drawn(planned, &host, page, true));
            }
            lines.push(String::new());
            lines.push(format!("{name}: dry run; nothing was changed."));
        }
        Outcome::Unchanged => {
            lines.push(styled(GOOD, "No changes."));
            if !page.quiet {
                lines.extend(already(change, page));
                lines.extend(not_banned(change, page));
            }
        }
        Outcome::Changed => {
            lines.push(styled(GOOD, &format!("{name}: done and verified.")));
            if !page.quiet {
                lines.extend(done(change, page));
            }
        }
        _ => {}
    }
    lines.join("\n")
}

/// What is so already, which is why nothing had to be changed.
fn already(change: &Change, page: &Page) -> Vec<String> {
    let sentences = change.plan.iter().flat_map(|plan| &plan.already);
    sentences
        .map(|sentence| page.prose(&format!("  {sentence}"), 4))
        .collect()
}

fn done(change: &Change, page: &Page) -> Vec<String> {
    let mut lines = Vec::new();
    let sentences = change.done.iter().map(|step| format!("  {}", step.summary));
    lines.extend(sentences.map(|sentence| page.prose(&sentence, 4)));
    lines.extend(not_banned(change, page));
    if leaves_temporary(change)
        && let Some(sentence) = super::temporary::ender(change.ender.as_ref())
    {
        lines.push(page.prose(&format!("  {sentence}"), 4));
    }
    lines.extend(super::proof::proof(&change.proof, page));
    if let Some(id) = &change.change_id {
        lines.push(styled(FAINT, &format!("Change: {id}")));
    }
    lines
}

/// Whether the change was about temporary entries, and left some.
fn leaves_temporary(change: &Change) -> bool {
    let after = change.plan.as_ref().and_then(|plan| plan.temporary.as_ref());
    after.is_some_and(|entries| !entries.is_empty())
}

fn not_banned(change: &Change, page: &Page) -> Vec<String> {
    let addresses = change.not_banned.iter();
    addresses
        .map(|ip| page.prose(&format!("  {ip} was not banned in any of the jails asked."), 4))
        .collect()
}
