//! The forecast: a jail's past through the present and the proposed setting.

use super::classes::{classes, cuts};
use super::curve::curve;
use super::ground::{Ground, setting_of};
use super::recipes::recipes;
use crate::document::{Forecast, SettingResult, Smallest};
use crate::history::{Course, Peak, Setting, Unlisted, replay};
use crate::model::action_columns::ActionLog;
use crate::model::comment_text::escaped;
use crate::model::network::Network;
use crate::model::observed::Observed;
use crate::model::runbook::SCAN_HIGHEST_MAXRETRY;
use crate::planning::reading::running_jails;
use crate::planning::refusal::Refusal;

/// What a jail's past comes to with one of its thresholds at another value: `maxretry`, `findtime` or `bantime`.
///
/// # Errors
/// A refusal if fail2ban or the jail does not run.
pub fn forecast(
    observed: &Observed,
    log: &ActionLog,
    (jail, key, value): (&str, &str, i64),
    protected: &[Network],
) -> Result<Forecast, Refusal> {
    let running = running_jails(observed)?;
    let present = running.get(jail).and_then(setting_of).ok_or_else(|| {
        Refusal::precondition(format!(
            "the thresholds of jail {} are not known, so nothing can be forecast",
            escaped(jail)
        ))
    })?;
    let mut proposed = present;
    match key {
        "maxretry" => proposed.maxretry = value,
        "findtime" => proposed.findtime = value,
        _ => proposed.bantime = value,
    }
    let ground = Ground::new(observed, log, jail, protected)?;
    let (now, then) = (ground.courses(present), ground.courses(proposed));
    let free = ground.courses(Setting {
        maxretry: i64::MAX,
        ..proposed
    });
    let peaks: Vec<Option<Peak>> = free.iter().map(|course| course.peak).collect();
    Ok(Forecast {
        jail: jail.into(),
        coverage: ground.coverage(&now),
        present: outcome(&ground, present, &now),
        proposed: outcome(&ground, proposed, &then),
        classes: classes(&ground, &now, &then, &peaks),
        smallest: smallest(&ground, proposed, &peaks),
        curve: curve(&ground, present, proposed),
        recipes: recipes(&ground, present, &now),
    })
}

fn outcome(ground: &Ground<'_>, setting: Setting, courses: &[Course]) -> SettingResult {
    let is_banned = |number: &usize| courses.get(*number).is_some_and(|course| !course.bans.is_empty());
    let numbers = 0..ground.who.len();
    let is_cut = cuts(ground).into_iter().any(|(number, cut)| {
        let first = courses.get(number).and_then(|course| course.bans.first());
        first.is_none_or(|first| *first > cut)
    });
    SettingResult {
        maxretry: setting.maxretry,
        findtime: setting.findtime,
        bantime: setting.bantime,
        banned: ground.split(numbers.clone().filter(is_banned)),
        whitelisted: whitelisted(ground, setting, courses),
        let_through: courses.iter().map(|course| course.let_through).sum(),
        at_least: is_cut,
    }
}

/// How many addresses only their whitelist keeps from a ban.
fn whitelisted(ground: &Ground<'_>, setting: Setting, courses: &[Course]) -> u64 {
    let listed = |number: &usize| ground.who.get(*number).is_some_and(|who| who.is_whitelisted);
    let numbers: Unlisted = (0..ground.who.len()).filter(listed).collect();
    let unlisted = replay(&ground.past, setting, ground.forgetting, &numbers);
    let is_banned =
        |courses: &[Course], number: usize| courses.get(number).is_some_and(|course| !course.bans.is_empty());
    let spared = numbers
        .iter()
        .filter(|number| is_banned(&unlisted, **number) && !is_banned(courses, **number));
    spared.count() as u64
}

/// The smallest threshold that bans no customer.
fn smallest(ground: &Ground<'_>, proposed: Setting, peaks: &[Option<Peak>]) -> Option<Smallest> {
    let customers = peaks
        .iter()
        .enumerate()
        .filter(|(number, peak)| peak.is_some() && ground.who.get(*number).is_some_and(|who| who.customer.is_some()));
    let (number, peak) = customers.max_by_key(|(_, peak)| peak.map(|peak| peak.count))?;
    let by = ground.affected(number, *peak)?;
    let maxretry = by.count + 1;
    (maxretry <= i64::try_from(SCAN_HIGHEST_MAXRETRY).unwrap_or(i64::MAX)).then(|| Smallest {
        maxretry,
        margin: proposed.maxretry - by.count,
        by,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::document::{ClassKind, RecipeCode, Split};
    use crate::model::action_columns::{ActionColumns, ActionFile};
    use crate::model::known::Known;
    use crate::model::observed::{Clock, HostFile, Jail, Server};

    const NOW: i64 = 1_795_800_000;
    const DAY: i64 = 86_400;
    const JAIL: &str = "asterisk-scan";

    fn observed() -> Observed {
        let values = BTreeMap::from([
            ("maxretry".to_owned(), json!(50)),
            ("findtime".to_owned(), json!(3600)),
            ("bantime".to_owned(), json!(3600)),
            ("ignoreip".to_owned(), json!(["203.0.113.0/28"])),
        ]);
        let jail = Jail {
            values,
            ..Jail::default()
        };
        let text = "[DEFAULT]\n# 203.0.113.0/28 | Blue Lotus Hotels | |\nignoreip = 203.0.113.0/28\n";
        Observed {
            clock: Clock {
                now: NOW as f64,
                zone: "UTC".to_owned(),
                offset: 0,
            },
            jail_local: Known::of(HostFile {
                path: "/etc/fail2ban/jail.local".to_owned(),
                exists: true,
                link: None,
                sha256: None,
                content: Some(text.as_bytes().to_vec()),
                mode: None,
            }),
            server: Known::of(Server {
                running: true,
                version: Some("1.0.2".to_owned()),
                settings: BTreeMap::from([("loglevel".to_owned(), json!("INFO"))]),
                jails: BTreeMap::from([(JAIL.to_owned(), jail)]),
                ..Server::default()
            }),
            ..Observed::default()
        }
    }

    /// The action log: each event's text and its second before now.
    fn log(mut events: Vec<(String, i64)>) -> ActionLog {
        events.sort_by_key(|(_, ago)| std::cmp::Reverse(*ago));
        let (mut names, mut numbers, mut times, mut before) = (Vec::new(), Vec::new(), Vec::new(), 0);
        for (name, ago) in &events {
            let place = names.iter().position(|known| known == name).unwrap_or(names.len());
            if place == names.len() {
                names.push(name.clone());
            }
            numbers.push(place.to_string());
            times.push((NOW - ago - before).to_string());
            before = NOW - ago;
        }
        let columns = ActionColumns {
            names,
            events: numbers.join(" "),
            times: times.join(" "),
            first: events.first().map(|(_, ago)| NOW - ago),
            ..ActionColumns::default()
        };
        let file = ActionFile {
            path: "/var/log/fail2ban.log".to_owned(),
            inode: 1,
            size: 1,
            ends: None,
        };
        ActionLog {
            since: 1_209_600,
            files: vec![(file, columns)],
        }
    }

    fn found(address: &str, count: i64, ago: i64, apart: i64) -> Vec<(String, i64)> {
        let event = |number: i64| (format!("[{JAIL}] Found {address}"), ago - number * apart);
        (0..count).map(event).collect()
    }

    fn did(what: &str, address: &str, ago: i64) -> Vec<(String, i64)> {
        vec![(format!("[{JAIL}] {what} {address}"), ago)]
    }

    fn of(events: Vec<Vec<(String, i64)>>, key: &str, value: i64) -> Forecast {
        forecast(&observed(), &log(events.concat()), (JAIL, key, value), &[]).expect("a forecast")
    }

    fn classes(forecast: &Forecast) -> Vec<(ClassKind, u64, u64)> {
        let classes = forecast.classes.iter();
        classes
            .map(|class| (class.kind, class.count.customers, class.count.unknown))
            .collect()
    }

    #[test]
    fn a_lower_threshold_bans_more_and_earlier_and_a_customer_shows() {
        let events = vec![
            found("203.0.113.5", 30, 5 * DAY, 1),
            found("198.51.100.7", 50, 4 * DAY, 1),
            did("Ban", "198.51.100.7", 4 * DAY - 49),
            did("Unban", "198.51.100.7", 4 * DAY - 3649),
            found("198.51.100.8", 22, 3 * DAY, 1),
            found("198.51.100.9", 3, 2 * DAY, 1),
        ];
        let found = of(events, "maxretry", 20);
        assert_eq!(classes(&found), [(ClassKind::Newly, 1, 1), (ClassKind::Earlier, 0, 1)]);
        assert_eq!(
            found.present.banned,
            Split {
                unknown: 1,
                ..Split::default()
            }
        );
        assert_eq!((found.present.let_through, found.proposed.let_through), (105, 63));
        assert!(!found.present.at_least && !found.proposed.at_least);
        let smallest = found.smallest.as_ref().expect("a customer failed");
        assert_eq!((smallest.maxretry, smallest.margin), (31, -10));
        assert!(
            smallest.by.whitelisted
                && smallest
                    .by
                    .customer
                    .as_ref()
                    .is_some_and(|name| name == "Blue Lotus Hotels")
        );
        assert_eq!(
            (
                found.coverage.found,
                found.coverage.banned,
                found.coverage.banned_by_replay
            ),
            (105, 1, 1)
        );
        assert_eq!(found.curve.len(), 5);
        let hour = found.curve.iter().find(|line| line.findtime == 3600).expect("an hour");
        let point = |maxretry: i64| hour.at(maxretry);
        assert_eq!(point(20), Some((1, 2, 63)));
        assert_eq!(point(30), Some((1, 1, 85)));
        assert_eq!(point(31), Some((0, 1, 86)));
        assert_eq!((point(200), point(201)), (Some((0, 0, 105)), None));
    }

    #[test]
    fn what_a_ban_cut_off_is_told_from_what_stopped_by_itself() {
        let events = vec![
            found("198.51.100.7", 50, 4 * DAY, 1),
            did("Ban", "198.51.100.7", 4 * DAY - 49),
            // A ban that blocked nothing: its lines went on, and stopped at 60.
            found("198.51.100.8", 60, 3 * DAY, 1),
            did("Ban", "198.51.100.8", 3 * DAY - 49),
        ];
        let found = of(events, "maxretry", 100);
        assert_eq!(
            classes(&found),
            [(ClassKind::NoLonger, 0, 1), (ClassKind::CutOff, 0, 1)]
        );
        assert!(found.proposed.at_least && !found.present.at_least);
    }

    #[test]
    fn the_whitelisted_are_counted_by_what_was_ignored_and_do_not_stop_a_change() {
        let ignored = (0..60).map(|number| (format!("[{JAIL}] Ignore 203.0.113.5"), DAY - number));
        let found = of(vec![ignored.collect()], "maxretry", 40);
        assert_eq!(classes(&found), []);
        assert_eq!((found.present.whitelisted, found.proposed.whitelisted), (1, 1));
        // What was found before the entry was there, the whitelist did not prevent.
        let earlier = of(vec![self::found("203.0.113.5", 60, DAY, 1)], "maxretry", 40);
        assert_eq!((earlier.present.whitelisted, earlier.proposed.whitelisted), (0, 0));
        assert!(
            found
                .coverage
                .gaps
                .iter()
                .any(|gap| gap.raw().contains("fix the filter"))
        );
    }

    #[test]
    fn the_slow_scanner_needs_a_longer_findtime_and_the_runbooks_reaches_none() {
        let found = of(vec![found("198.51.100.7", 90, 10 * DAY, 360)], "findtime", 600);
        let recipe = &found.recipes[0];
        assert_eq!((found.recipes.len(), recipe.code), (1, RecipeCode::SlowScanner));
        assert!(recipe.price.raw().contains("would ban 0 of them"), "{}", recipe.price);
        assert_eq!(found.proposed.banned, Split::default());
        assert!(found.classes.is_empty());
    }

    #[test]
    fn customers_near_the_threshold_are_the_sign_of_a_flash_crowd() {
        let found = of(vec![found("203.0.113.5", 31, 10 * DAY, 1)], "maxretry", 60);
        assert_eq!(found.recipes[0].code, RecipeCode::FlashCrowd);
        let empty = of(Vec::new(), "maxretry", 60);
        assert_eq!(
            (empty.coverage.from, empty.smallest, empty.recipes.len()),
            (None, None, 0)
        );
    }
}
