//! The forecast of a threshold, and its review: what the host's own past says of a setting.

use crate::document::{Affected, Change, ClassKind, Forecast, Outcome, RecipeCode, Split, TuneReview, Tuned};
use crate::model::comment_text::escaped;
use crate::model::host_name::HostName;
use crate::ui::page::Page;
use crate::ui::text::{ATTENTION, FAINT, STRONG, duration, styled};

/// The rows of the curve that people get; JSON has all.
const ROWS: [i64; 8] = [3, 5, 10, 20, 30, 50, 100, 200];
/// How many addresses of a class are named.
const NAMED: usize = 5;

/// A change with the forecast that it was decided on.
pub fn tuned(host: Option<&HostName>, outcome: Outcome, tuned: &Tuned, page: &Page) -> String {
    let change: &Change = &tuned.change;
    let below = super::change::change(host, outcome, change, page);
    match &tuned.forecast {
        Some(found) if !tuned.is_shown => {
            let name = host.map_or("", |host| host.name.as_str());
            format!("{}\n\n{below}", forecast(found, name, page))
        }
        _ => below,
    }
}

/// A forecast.
pub fn forecast(found: &Forecast, host: &str, page: &Page) -> String {
    let (now, then) = (&found.present, &found.proposed);
    let coverage = &found.coverage;
    let mut lines = vec![page.prose(
        &format!(
            "{} maxretry {} in {}, ban {} -> maxretry {} in {}, ban {}.",
            styled(STRONG, &format!("Forecast for {}:", found.jail)),
            now.maxretry,
            duration(now.findtime),
            duration(now.bantime),
            then.maxretry,
            duration(then.findtime),
            duration(then.bantime)
        ),
        2,
    )];
    let from = coverage.from.as_ref().map_or_else(
        || "nothing in this time".to_owned(),
        |from| format!("from {}", page.moment(from)),
    );
    lines.push(page.prose(
        &format!(
            "  {}: {from}, {} failures found and {} ignored, of {} addresses; of {} banned addresses the replay bans {}.",
            coverage.source, coverage.found, coverage.ignored, coverage.addresses, coverage.banned, coverage.banned_by_replay
        ),
        4,
    ));
    let gaps = coverage.gaps.iter();
    lines.extend(gaps.map(|gap| page.prose(&format!("  {} {gap}", styled(ATTENTION, "!")), 4)));
    lines.push(String::new());
    lines.push(page.table(&["", "CUSTOMERS", "PROTECTED", "UNKNOWN"], rows(found)));
    for class in found.classes.iter().filter(|class| class.kind == ClassKind::Newly) {
        let named = class.addresses.iter().take(NAMED);
        lines.extend(named.map(|one| page.prose(&format!("  newly: {}", affected(one, page)), 4)));
    }
    let least = if then.at_least || now.at_least {
        ", at least"
    } else {
        ""
    };
    lines.push(page.prose(
        &format!(
            "Attempts let through: {} -> {}{least}.",
            now.let_through, then.let_through
        ),
        2,
    ));
    if now.whitelisted + then.whitelisted > 0 {
        lines.push(page.prose(
            &format!(
                "Kept from a ban by their whitelist alone: {} -> {} addresses.",
                now.whitelisted, then.whitelisted
            ),
            2,
        ));
    }
    if let Some(smallest) = &found.smallest {
        lines.push(page.prose(
            &format!(
                "The smallest maxretry in {} that bans no customer is {}, set by {}; the margin of {} is {}.",
                duration(then.findtime),
                smallest.maxretry,
                affected(&smallest.by, page),
                then.maxretry,
                smallest.margin
            ),
            2,
        ));
    }
    lines.push(String::new());
    lines.extend(curve(found, page));
    for recipe in &found.recipes {
        let code = match recipe.code {
            RecipeCode::FlashCrowd => "flash crowd",
            RecipeCode::SlowScanner => "slow scanner",
        };
        let head = styled(ATTENTION, &format!("{code}:"));
        lines.push(page.prose(&format!("{head} {} {}", recipe.sign, recipe.price), 2));
        lines.push(page.prose(&format!("  next: {}", recipe.next.aimed(host)), 4));
    }
    lines.join("\n")
}

fn rows(found: &Forecast) -> Vec<Vec<String>> {
    let row = |name: String, split: &Split| {
        let counts = [split.customers, split.protected, split.unknown].map(|count| count.to_string());
        std::iter::once(name).chain(counts).collect()
    };
    let mut rows = vec![
        row("banned now".to_owned(), &found.present.banned),
        row("banned then".to_owned(), &found.proposed.banned),
    ];
    let classes = found.classes.iter();
    rows.extend(classes.map(|class| row(format!("- {}", kind(class.kind)), &class.count)));
    rows
}

fn kind(kind: ClassKind) -> &'static str {
    match kind {
        ClassKind::Newly => "newly",
        ClassKind::NoLonger => "no longer",
        ClassKind::Earlier => "earlier",
        ClassKind::Later => "later",
        ClassKind::Same => "at the same moment",
        ClassKind::CutOff => "cut off by that day's ban",
    }
}

fn affected(one: &Affected, page: &Page) -> String {
    let customer = one
        .customer
        .as_ref()
        .map_or_else(String::new, |customer| format!(" of {customer}"));
    let listed = if one.whitelisted { ", whitelisted now" } else { "" };
    format!(
        "{}{customer} (count {}, really {}, {}{listed})",
        one.address,
        one.count,
        one.attempts,
        page.moment(&one.at)
    )
}

/// Some rows of the curve, a column for each findtime: customers, attackers, attempts that get through.
fn curve(found: &Forecast, page: &Page) -> Vec<String> {
    let mut rows: Vec<i64> = ROWS.to_vec();
    rows.extend([found.present.maxretry, found.proposed.maxretry]);
    rows.sort_unstable();
    rows.dedup();
    let cells = rows.into_iter().map(|maxretry| {
        let of = found.curve.iter().map(|line| {
            line.at(maxretry)
                .map_or_else(String::new, |(customers, attackers, attempts)| {
                    format!("{customers}/{attackers}/{attempts}")
                })
        });
        std::iter::once(maxretry.to_string()).chain(of).collect::<Vec<_>>()
    });
    let titles: Vec<String> = std::iter::once("MAXRETRY".to_owned())
        .chain(found.curve.iter().map(|line| duration(line.findtime)))
        .collect();
    let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
    let note = "customers banned / attackers stopped / attempts let through, by findtime";
    vec![page.table(&titles, cells.collect()), styled(FAINT, note)]
}

/// Earlier forecasts beside what happened.
pub fn review(found: &TuneReview, page: &Page) -> String {
    let mut lines = Vec::new();
    for one in &found.reviews {
        let setting = &one.promise.proposed;
        let head = format!(
            "{} {}: maxretry {} in {}, ban {}",
            one.time,
            escaped(&one.promise.jail),
            setting.maxretry,
            duration(setting.findtime),
            duration(setting.bantime)
        );
        lines.push(styled(STRONG, &page.prose(&head, 2)));
        lines.push(page.prose(&format!("  {}", one.text), 4));
        if one.since.in_force == Some(false) {
            let note = "this setting is no longer in force";
            lines.push(page.prose(&format!("  {} {note}", styled(ATTENTION, "!")), 4));
        }
    }
    lines.join("\n")
}
