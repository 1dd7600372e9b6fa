//! Why somebody is banned or not: the verdict, the phases that lead to it, the accounts, and what to do.
//!
//! Unless everything is wanted, it is at most 24 lines of 80 columns: a terminal of the smallest usual size.

use crate::document::{
    AccountTraffic, AddressVerdict, Advice, Answered, EpisodeKind, EpisodeRow, Phase, Question, Why,
};
use crate::model::text::Text;
use crate::ui::page::Page;
use crate::ui::text::{ATTENTION, FAINT, GOOD, STRONG, styled};

/// The columns and lines of a small terminal.
const COLUMNS: usize = 80;
const LINES: usize = 24;
/// How many rows a table has at most.
const ROWS: usize = 4;

/// The answer; with its lines, everything is shown.
pub fn why(why: &Why, host: Option<&str>, page: &Page) -> String {
    let page = &page.at_most(COLUMNS);
    if let Some(reply) = &why.reply {
        return page.prose(&reply.to_string(), 0);
    }
    let is_whole = why.lines.is_some() || page.verbose;
    let head = format!("{}: {}", styled(STRONG, why.verdict.word()), why.answer);
    let mut lines = lines_of(&page.prose(&head, 2));
    for phase in &why.phases {
        lines.extend(self::phase(phase, is_whole, page));
    }
    if let Some(expected) = why.expected.filter(|expected| *expected != why.verdict) {
        lines.push(format!("Expected was {}.", styled(ATTENTION, expected.word())));
    }
    let rest = rest(why, host, is_whole, page);
    let room = if is_whole {
        usize::MAX
    } else {
        LINES.saturating_sub(rest.len() + 1)
    };
    if lines.len() > room {
        lines.truncate(room.saturating_sub(1));
        lines.push(styled(FAINT, "  (more with --explain)"));
    }
    lines.extend(rest);
    lines.join("\n")
}

fn lines_of(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

fn phase(phase: &Phase, is_whole: bool, page: &Page) -> Vec<String> {
    let answer = match phase.answer {
        Answered::Yes => styled(GOOD, "yes"),
        Answered::No => "no".to_owned(),
        Answered::NotSeen => "not seen".to_owned(),
        Answered::Unknown => styled(ATTENTION, "unknown"),
    };
    let head = format!("{} {} {answer}: {}", phase.number, question(phase.question), phase.text);
    let mut lines = lines_of(&page.prose(&head, 4));
    // Of a short answer the last evidence is shown: it is the newest.
    let shown: Vec<&Text> = match is_whole {
        true => phase.evidence.iter().collect(),
        false => phase.evidence.last().into_iter().collect(),
    };
    for evidence in shown {
        let text = format!("    {evidence}");
        lines.push(styled(FAINT, &if is_whole { text } else { page.cut(&text) }));
    }
    lines
}

fn question(question: Question) -> &'static str {
    match question {
        Question::Whitelisted => "whitelisted?",
        Question::Counted => "counted?",
        Question::ThresholdReached => "threshold reached?",
        Question::Banned => "banned?",
        Question::Blocked => "blocked?",
    }
}

/// Tables, episodes, sources and what to do.
fn rest(why: &Why, host: Option<&str>, is_whole: bool, page: &Page) -> Vec<String> {
    let most = if is_whole { usize::MAX } else { ROWS };
    let mut lines = Vec::new();
    if why.addresses.len() > 1 {
        lines.extend(addresses(&why.addresses, most, page));
    } else if !why.accounts.is_empty() {
        lines.extend(accounts(&why.accounts, most, page));
    }
    let mut episodes: Vec<&EpisodeRow> = why.episodes.iter().collect();
    if !is_whole {
        episodes.sort_by_key(|row| std::cmp::Reverse(row.attempts));
        episodes.truncate(1);
    }
    for row in episodes {
        lines.extend(lines_of(&page.prose(&episode(row, page), 2)));
    }
    for text in why.lines.iter().flatten() {
        lines.push(text.to_string());
    }
    if is_whole {
        lines.extend(
            why.sources
                .iter()
                .map(|source| styled(FAINT, &format!("read: {source}"))),
        );
    } else if let Some(horizon) = &why.horizon {
        lines.push(styled(
            FAINT,
            &format!("The logs were read from {} on.", page.moment(horizon)),
        ));
    }
    let aimed = |advice: &Advice| host.map_or_else(|| advice.clone(), |host| advice.aimed(host));
    for advice in why.next.iter().take(3) {
        lines.extend(lines_of(&page.prose(&format!("next: {}", aimed(advice)), 2)));
    }
    lines
}

fn accounts(rows: &[AccountTraffic], most: usize, page: &Page) -> Vec<String> {
    let cells = rows.iter().take(most).map(|row| {
        let reasons: Vec<String> = row
            .reasons
            .iter()
            .map(|(reason, count)| format!("{count} {reason}"))
            .collect();
        vec![
            row.account.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string),
            row.failures.to_string(),
            row.successes.to_string(),
            time(row.first.as_deref(), page),
            time(row.last.as_deref(), page),
            reasons.join(", "),
        ]
    });
    let titles = ["ACCOUNT", "FAILED", "OK", "FIRST", "LAST", "WHY"];
    table(&titles, cells.collect(), rows.len(), page)
}

fn addresses(rows: &[AddressVerdict], most: usize, page: &Page) -> Vec<String> {
    let cells = rows.iter().take(most).map(|row| {
        vec![
            row.address.to_string(),
            row.verdict.word().to_owned(),
            row.failures.to_string(),
            row.successes.to_string(),
            time(row.first.as_deref(), page),
            time(row.last.as_deref(), page),
        ]
    });
    let titles = ["ADDRESS", "VERDICT", "FAILED", "OK", "FIRST", "LAST"];
    table(&titles, cells.collect(), rows.len(), page)
}

/// A moment without its zone, which the line below the table has.
fn time(moment: Option<&str>, page: &Page) -> String {
    let shown = moment.map(|moment| page.moment(moment)).unwrap_or_default();
    let words: Vec<&str> = shown.split(' ').take(2).collect();
    words.join(" ").get(5..).map(str::to_owned).unwrap_or_default()
}

fn table(titles: &[&str], cells: Vec<Vec<String>>, all: usize, page: &Page) -> Vec<String> {
    let (shown, wide) = (cells.len(), Page::ENDLESS);
    let mut lines: Vec<String> = wide.table(titles, cells).lines().map(|line| page.cut(line)).collect();
    if all > shown {
        lines.push(styled(FAINT, &format!("and {} more", all - shown)));
    }
    lines
}

fn episode(row: &EpisodeRow, page: &Page) -> String {
    let kind = match row.kind {
        EpisodeKind::Storm => "a storm of phones",
        EpisodeKind::Guessing => "guessing of passwords",
        EpisodeKind::Discovery => "a search for accounts",
        EpisodeKind::BrokenPhone => "a phone with a wrong password",
        EpisodeKind::Keepalive => "keepalives",
        EpisodeKind::Misdials => "calls to unknown extensions",
        EpisodeKind::Mixed => "attempts of no certain kind",
    };
    format!(
        "{}: {} tries of {}, {} failed, {} let in, from {}.",
        styled(STRONG, kind),
        row.attempts,
        if row.accounts == 1 {
            "1 account".to_owned()
        } else {
            format!("{} accounts", row.accounts)
        },
        row.failures,
        row.successes,
        time(Some(&row.from), page)
    )
}
