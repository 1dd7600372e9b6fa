//! The whole curve: maxretry 1 to 200 by five findtimes.

use super::ground::Ground;
use crate::document::{CurveLine, Split};
use crate::history::{Alone, Course, Forgetting, Setting};
use crate::model::runbook::SCAN_HIGHEST_MAXRETRY;

/// The findtimes that are tried beside the present and the proposed one, in this order of preference, seconds.
const FINDTIMES: [i64; 5] = [3600, 600, 21_600, 86_400, 1800];
/// How many findtimes.
const COUNT: usize = 5;

/// The curve, a line for each findtime.
pub fn curve(ground: &Ground<'_>, present: Setting, proposed: Setting) -> Vec<CurveLine> {
    let mut findtimes = vec![present.findtime, proposed.findtime];
    findtimes.extend(FINDTIMES);
    let mut kept: Vec<i64> = Vec::new();
    for findtime in findtimes {
        if !kept.contains(&findtime) && kept.len() < COUNT {
            kept.push(findtime);
        }
    }
    kept.sort_unstable();
    let of = |findtime: i64| line(ground, Setting { findtime, ..proposed });
    kept.into_iter().map(of).collect()
}

fn line(ground: &Ground<'_>, setting: Setting) -> CurveLine {
    let highest = usize::try_from(SCAN_HIGHEST_MAXRETRY).unwrap_or_default();
    let zeros = vec![0; highest];
    let mut line = CurveLine {
        findtime: setting.findtime,
        customers: zeros.clone(),
        attackers: zeros.clone(),
        let_through: zeros,
    };
    let at = |place: usize| Setting {
        maxretry: i64::try_from(place + 1).unwrap_or(i64::MAX),
        ..setting
    };
    match ground.forgetting {
        Forgetting::AtBans => {
            for place in 0..highest {
                for (number, course) in ground.courses(at(place)).iter().enumerate() {
                    add(&mut line, place, ground, number, course);
                }
            }
        }
        // Address by address: up to its highest count without a ban a threshold changes its course, beyond that none does.
        Forgetting::Steadily => {
            for (number, alone) in Alone::each(&ground.past, &ground.unlisted).iter().enumerate() {
                let free = alone.replay(Setting {
                    maxretry: i64::MAX,
                    ..setting
                });
                let reached = free.peak.map_or(0, |peak| peak.count);
                for place in 0..highest {
                    match at(place).maxretry > reached {
                        true => add(&mut line, place, ground, number, &free),
                        false => add(&mut line, place, ground, number, &alone.replay(at(place))),
                    }
                }
            }
        }
    }
    line
}

/// Adds an address's course at a maxretry.
fn add(line: &mut CurveLine, place: usize, ground: &Ground<'_>, number: usize, course: &Course) {
    let split = match course.bans.is_empty() {
        true => Split::default(),
        false => ground.split([number]),
    };
    let columns = [
        (&mut line.customers, split.customers),
        (&mut line.attackers, split.unknown),
        (&mut line.let_through, course.let_through),
    ];
    for (column, more) in columns {
        if let Some(value) = column.get_mut(place) {
            *value += more;
        }
    }
}
