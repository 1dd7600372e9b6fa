//! `f2bctl tune`: the runbook's "Tuning guidance", one threshold at a time, judged by the host's own past.

use std::sync::Arc;

use chrono::DateTime;
use clap::{Args, ValueEnum};
use serde::Deserialize as _;
use serde_json::Value;

use crate::audit::pages::Backward;
use crate::checks::tuning;
use crate::cli::kept_columns::kept;
use crate::cli::runner::{REPORTED, audience, change, each_host, name_of, with_connection};
use crate::cli::services::Services;
use crate::document::{Answer, Document, Failure, FailureKind, Promise, Report, Review, TuneReview, Tuned};
use crate::engine::{self, Connection, Mode};
use crate::model::action_columns::ActionLog;
use crate::model::observed::Observed;
use crate::model::text::Text;
use crate::model::timespan::Timespan;
use crate::procedure::{Threshold, Tune};
use crate::remote::agent::{LinkError, Prefetch};
use crate::remote::host::{Host, Kept};
use crate::settings::HostSettings;
use crate::ui::forecast_view;

/// Set a threshold of a jail, within the runbook's limits.
///
/// It is written to the jail's own section of jail.local. asterisk-auth never bans below 3 failures, asterisk-scan never
/// waits for more than 200. With --since, fail2ban's action log is replayed through the present and the new setting first:
/// whom it would have banned, what it would have let through, and the whole curve; a setting that would newly ban a known
/// customer is refused (3).
#[derive(Debug, Args)]
pub struct Arguments {
    /// The jail, e.g. asterisk-scan.
    #[arg(value_name = "JAIL", required_unless_present = "review")]
    pub jail: Option<String>,
    /// Which threshold.
    #[arg(
        value_name = "KEY",
        value_enum,
        required_unless_present = "review",
        conflicts_with = "review"
    )]
    pub key: Option<Key>,
    /// A number for maxretry; a duration such as 600, 45s, 10m, 1h, 1d or 2w for the others.
    #[arg(value_name = "VALUE", allow_hyphen_values = true, required_unless_present = "review")]
    pub value: Option<String>,
    /// Judge it by what the jail found in this time, e.g. `14d`.
    #[arg(long, value_name = "DURATION", value_parser = Timespan::parse, conflicts_with = "review")]
    pub since: Option<Timespan>,
    /// Set it also where a known customer would newly be banned; needs --reason.
    #[arg(long, requires = "since")]
    pub force: bool,
    /// Compare earlier forecasts with what has happened since, and change nothing.
    #[arg(long)]
    pub review: bool,
    /// Read rotated logs again, although what they hold is kept on this machine.
    #[arg(long)]
    pub no_cache: bool,
}

/// Which threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Key {
    /// Failures before a ban.
    Maxretry,
    /// The window in which failures are counted.
    Findtime,
    /// How long a ban lasts.
    Bantime,
}

impl From<Key> for Threshold {
    fn from(key: Key) -> Self {
        match key {
            Key::Maxretry => Self::Maxretry,
            Key::Findtime => Self::Findtime,
            Key::Bantime => Self::Bantime,
        }
    }
}

/// How many earlier forecasts are reviewed.
const REVIEWED: usize = 10;

/// Runs the command; a value outside of the grammar ends here, before any host is asked.
pub async fn run(services: Arc<Services>, arguments: Arguments) -> Vec<Document> {
    let (Some(jail), Some(key), Some(value)) = (&arguments.jail, arguments.key, &arguments.value) else {
        return reviews(services, arguments).await;
    };
    let tune = match Tune::new(jail, key.into(), value) {
        Ok(tune) => tune.forced(arguments.force),
        Err(refusal) => return vec![Document::failed("tune", None, &refusal.into())],
    };
    match arguments.since {
        None => change(services, tune).await,
        Some(since) => judged(services, tune, since.seconds(), arguments.no_cache).await,
    }
}

/// The change with its forecast, on each host.
async fn judged(services: Arc<Services>, tune: Tune, since: u64, no_cache: bool) -> Vec<Document> {
    let alone = services.mode() == Mode::Ask;
    each_host(services, "tune", alone, move |services, host, several| {
        let tune = tune.clone();
        async move {
            match on_host(&services, &host, several, tune, (since, no_cache)).await {
                Ok(document) => document,
                Err(failure) => Document::failed("tune", Some(&name_of(&host)), &failure),
            }
        }
    })
    .await
}

async fn on_host(
    services: &Arc<Services>,
    host: &HostSettings,
    several: bool,
    tune: Tune,
    (since, no_cache): (u64, bool),
) -> Result<Document, Failure> {
    let target = services.target(host)?;
    let mut connection = Connection::open_looking(&target, services.prompt(), Prefetch::look(REPORTED)).await?;
    let kept = kept(services, &connection, no_cache);
    let (observed, log) = match looked(&mut connection.host, since, kept.as_ref()).await {
        Ok(looked) => looked,
        Err(error) => return Err(connection.explain(error).await),
    };
    let mut context = services.context("tune", host, &target);
    let tune = tune.with_forecast(&observed, &log, &context.guard)?;
    context.record.forecast = tune.promise();
    let (events, terminal) = audience(services, &target.name, several);
    // A dry run's forecast is its result; any other is shown before the question.
    let is_shown = context.mode != Mode::DryRun;
    if let Some(forecast) = tune.forecast().filter(|_| is_shown) {
        services
            .output
            .show(&forecast_view(forecast, &host.name, &services.output.talk()));
    }
    let report = engine::run_over(&mut connection, &tune, context, &events, terminal.as_ref()).await;
    connection.close().await;
    let mut document = report.document();
    if let Answer::Change(change) = document.answer {
        document.answer = Answer::from(Tuned {
            change: *change,
            forecast: tune.forecast().cloned(),
            is_shown,
        });
    }
    Ok(document)
}

async fn looked(host: &mut Host, since: u64, kept: &dyn Kept) -> Result<(Observed, ActionLog), LinkError> {
    let observed = host.observe(REPORTED, &mut |_| ()).await?;
    let log = host.action_log(since, kept).await?;
    Ok((observed, log))
}

/// A forecast as the audit log has it: its change, when that was made, and what was forecast.
type Recorded = (Option<Text>, Text, i64, Promise);

/// Earlier forecasts beside what happened, on each host.
async fn reviews(services: Arc<Services>, arguments: Arguments) -> Vec<Document> {
    let arguments = Arc::new(arguments);
    each_host(services, "tune", false, move |services, host, _| {
        let arguments = Arc::clone(&arguments);
        async move {
            let name = name_of(&host);
            match reviewed(&services, &host, &arguments).await {
                Ok(review) => Document::report("tune", Some(&name), Report::from(review)),
                Err(failure) => Document::failed("tune", Some(&name), &failure),
            }
        }
    })
    .await
}

async fn reviewed(services: &Services, host: &HostSettings, arguments: &Arguments) -> Result<TuneReview, Failure> {
    let jail = arguments.jail.as_deref();
    let (observed, recorded, log) = with_connection(services, host, Prefetch::look(REPORTED), async |connection| {
        let observed = connection.host.observe(REPORTED, &mut |_| ()).await?;
        let recorded = recorded(&mut connection.host, jail).await?;
        let oldest = recorded.iter().map(|(_, _, moment, _)| *moment).min();
        let log = match oldest {
            Some(oldest) => {
                let since = u64::try_from(observed.clock.second() - oldest).unwrap_or_default();
                let kept = kept(services, connection, arguments.no_cache);
                connection.host.action_log(since, kept.as_ref()).await?
            }
            None => ActionLog::default(),
        };
        Ok((observed, recorded, log))
    })
    .await?;
    if recorded.is_empty() {
        let failure = Failure::new(FailureKind::Refused, tuning::without_forecast(jail));
        return Err(failure.hint("`f2bctl tune JAIL KEY VALUE --since 14d` records one with its change"));
    }
    let protected = services.guard(host).protected;
    let review = |(change, time, moment, promise): Recorded| -> Result<Review, Failure> {
        Ok(tuning::review(
            &observed,
            &log,
            promise,
            (change, time, moment),
            &protected,
        )?)
    };
    let reviews: Result<Vec<Review>, Failure> = recorded.into_iter().map(review).collect();
    Ok(TuneReview { reviews: reviews? })
}

/// The newest forecasts of the host's audit log whose changes were made.
async fn recorded(host: &mut Host, jail: Option<&str>) -> Result<Vec<Recorded>, LinkError> {
    let mut found = Vec::new();
    let mut lines = Backward::default();
    let mut place = None;
    loop {
        let page = host.audit(place.as_ref(), true).await?;
        lines.take(&page.text, page.continued, |line| found.extend(promised(line, jail)));
        place = page.next;
        if found.len() >= REVIEWED || place.is_none() {
            found.truncate(REVIEWED);
            return Ok(found);
        }
    }
}

/// The forecast of a record of a change that was made, if it has one.
fn promised(line: &str, jail: Option<&str>) -> Option<Recorded> {
    let record: Value = serde_json::from_str(line).ok()?;
    let text = |key: &str| record.get(key).and_then(Value::as_str);
    let promise = Promise::deserialize(record.get("forecast")?).ok()?;
    let is_made = text("outcome") == Some("changed") && jail.is_none_or(|jail| promise.jail == jail);
    let time = text("time")?;
    let moment = DateTime::parse_from_rfc3339(time).ok()?.timestamp();
    is_made.then(|| (text("change_id").map(Text::from), time.into(), moment, promise))
}
