//! The runbook's two recipes of "Tuning guidance", where the log shows their sign, each with its price.
//!
//! The runbook's cure for a slow scanner, a findtime of 600 s, is backwards: within a shorter time fewer of its probes are
//! counted. It takes a longer one, and that counts slow customers as well.

use super::ground::Ground;
use crate::checks::near::is_near;
use crate::document::{Advice, Recipe, RecipeCode};
use crate::history::{Course, Setting};
use crate::model::runbook::SCAN;

/// The runbook's threshold against flash crowds.
const CROWD_MAXRETRY: i64 = 100;
/// The runbook's findtime against slow scanners, which is too short; and one that reaches them, seconds.
const RUNBOOK_FINDTIME: i64 = 600;
const LONG_FINDTIME: i64 = 21_600;

/// The recipes for this jail.
pub fn recipes(ground: &Ground<'_>, present: Setting, courses: &[Course]) -> Vec<Recipe> {
    if ground.jail != SCAN.name {
        return Vec::new();
    }
    flash_crowd(ground, present, courses)
        .into_iter()
        .chain(slow_scanner(ground, present, courses))
        .collect()
}

fn flash_crowd(ground: &Ground<'_>, present: Setting, courses: &[Course]) -> Option<Recipe> {
    let is_near = |course: &Course| course.peak.is_some_and(|peak| is_near(peak.count, present.maxretry));
    let near: Vec<usize> = (0..courses.len())
        .filter(|number| courses.get(*number).is_some_and(is_near))
        .collect();
    let customers = ground.split(near).customers;
    if customers == 0 || present.maxretry >= CROWD_MAXRETRY {
        return None;
    }
    let raised = ground.courses(Setting {
        maxretry: CROWD_MAXRETRY,
        ..present
    });
    let (now, then) = (banned(ground, courses), banned(ground, &raised));
    let more = total(&raised).saturating_sub(total(courses));
    Some(Recipe {
        code: RecipeCode::FlashCrowd,
        sign: format!(
            "{customers} addresses of customers came to 60 % of the threshold of {} or more.",
            present.maxretry
        )
        .into(),
        price: format!(
            "At {CROWD_MAXRETRY}, {} customers would be banned instead of {}, {} attackers instead of {}, and at least {more} \
             more attempts get through. Whitelisting the customers costs none of that.",
            then.customers, now.customers, then.unknown, now.unknown
        )
        .into(),
        next: Advice::command(format!("tune {} maxretry {CROWD_MAXRETRY} --since 14d --dry-run", ground.jail)),
    })
}

fn slow_scanner(ground: &Ground<'_>, present: Setting, courses: &[Course]) -> Option<Recipe> {
    if present.findtime >= LONG_FINDTIME {
        return None;
    }
    let with = |findtime: i64| ground.courses(Setting { findtime, ..present });
    let (long, short) = (with(LONG_FINDTIME), with(RUNBOOK_FINDTIME));
    let is_banned = |courses: &[Course], number: usize| courses.get(number).is_some_and(|one| !one.bans.is_empty());
    let newly: Vec<usize> = (0..courses.len())
        .filter(|number| is_banned(&long, *number) && !is_banned(courses, *number))
        .collect();
    let gained = ground.split(newly.iter().copied());
    if gained.unknown == 0 {
        return None;
    }
    let by_short = newly.iter().filter(|number| is_banned(&short, **number)).count();
    let hours = LONG_FINDTIME / 3600;
    Some(Recipe {
        code: RecipeCode::SlowScanner,
        sign: format!(
            "{} unknown addresses failed slowly: they stay below {} in {} s and reach it in {hours} h.",
            gained.unknown, present.maxretry, present.findtime
        )
        .into(),
        price: format!(
            "A findtime of {hours} h bans them, and {} customers and {} protected addresses as well; a keepalive of {} an hour \
             is banned, too. The runbook's {RUNBOOK_FINDTIME} s would ban {by_short} of them: a shorter time counts fewer.",
            gained.customers,
            gained.protected,
            (present.maxretry + hours - 1) / hours
        )
        .into(),
        next: Advice::command(format!("tune {} findtime {hours}h --since 14d --dry-run", ground.jail)),
    })
}

fn banned(ground: &Ground<'_>, courses: &[Course]) -> crate::document::Split {
    let banned = courses.iter().enumerate().filter(|(_, course)| !course.bans.is_empty());
    ground.split(banned.map(|(number, _)| number))
}

fn total(courses: &[Course]) -> u64 {
    courses.iter().map(|course| course.let_through).sum()
}
