//! An earlier forecast beside what happened since its change.

use super::ground::{Ground, setting_of};
use crate::document::{Promise, Review, SinceChange, Split};
use crate::history::Happened;
use crate::model::action_columns::ActionLog;
use crate::model::network::Network;
use crate::model::observed::Observed;
use crate::model::text::Text;
use crate::planning::reading::running_jails;
use crate::planning::refusal::Refusal;

/// A week, seconds: rates are compared by it.
const WEEK: f64 = 604_800.0;

/// The review of a change that was made at a moment, seconds of the Unix clock.
///
/// # Errors
/// A refusal if fail2ban does not run.
pub fn review(
    observed: &Observed,
    log: &ActionLog,
    promise: Promise,
    (change, time, moment): (Option<Text>, Text, i64),
    protected: &[Network],
) -> Result<Review, Refusal> {
    let ground = Ground::new(observed, log, &promise.jail, protected)?;
    let from = ground.from.unwrap_or(moment).max(moment);
    let seconds = (ground.clock.second() - from).max(0);
    let after = || ground.past.acts.iter().filter(|act| act.moment >= from);
    let mut banned: Vec<usize> = after()
        .filter(|act| act.what == Happened::Banned)
        .map(|act| act.address)
        .collect();
    banned.sort_unstable();
    banned.dedup();
    let present = running_jails(observed)?.get(&promise.jail).and_then(setting_of);
    let since = SinceChange {
        seconds,
        banned: ground.split(banned),
        let_through: after().filter(|act| act.what == Happened::Found).count() as u64,
        in_force: present.map(|present| {
            let approved = &promise.proposed;
            (present.maxretry, present.findtime, present.bantime)
                == (approved.maxretry, approved.findtime, approved.bantime)
        }),
    };
    let text = sentence(&promise, &since);
    Ok(Review {
        change_id: change,
        time,
        since,
        text: text.into(),
        promise,
    })
}

/// Forecast and past by the week.
fn sentence(promise: &Promise, since: &SinceChange) -> String {
    let weekly = |count: u64, seconds: i64| count as f64 / (seconds.max(1) as f64) * WEEK;
    let all = |split: &Split| split.customers + split.protected + split.unknown;
    let (forecast, happened) = (&promise.proposed, since);
    let customers = match (forecast.banned.customers, happened.banned.customers) {
        (0, 0) => "no customer was banned, as forecast".to_owned(),
        (expected, 0) => format!("no customer was banned, and the forecast had {expected}"),
        (expected, banned) => format!("{banned} addresses of customers were banned, and the forecast had {expected}"),
    };
    let early = match since.seconds < 86_400 {
        true => " It is less than a day: too early to judge.",
        false => "",
    };
    format!(
        "Forecast: {:.1} addresses banned and {:.0} attempts a week; since: {:.1} and {:.0}; {customers}.{early}",
        weekly(all(&forecast.banned), promise.coverage.seconds),
        weekly(forecast.let_through, promise.coverage.seconds),
        weekly(all(&happened.banned), happened.seconds),
        weekly(happened.let_through, happened.seconds),
    )
}

/// Why there is nothing to review.
pub fn without_forecast(jail: Option<&str>) -> String {
    match jail {
        Some(jail) => format!("the audit log of this host has no change of jail {jail} with a forecast"),
        None => "the audit log of this host has no change of a threshold with a forecast".to_owned(),
    }
}
