//! What `tune --since` answers beside its plan: the host's own history through the present and the proposed setting of a
//! jail, and what came of an earlier forecast.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Advice, Change};
use crate::model::text::Text;

/// Whom another setting would have banned.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Forecast {
    /// The jail.
    pub jail: Text,
    /// What it stands on.
    pub coverage: Coverage,
    /// The setting in force, and what came of it by the replay.
    pub present: SettingResult,
    /// The proposed one.
    pub proposed: SettingResult,
    /// The addresses that one of the two would have banned, by what becomes of them; classes without any are left out.
    pub classes: Vec<ForecastClass>,
    /// The smallest maxretry, with the proposed findtime, that would have banned no customer; null where not even 200 is
    /// enough, or no customer failed.
    pub smallest: Option<Smallest>,
    /// maxretry 1 to 200 by five findtimes.
    pub curve: Vec<CurveLine>,
    /// The runbook's recipes whose sign the log shows.
    pub recipes: Vec<Recipe>,
}

/// What a forecast stands on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    /// From when on nothing is missing, RFC 3339 by the host's zone; null where the jail found nothing.
    pub from: Option<String>,
    /// Up to when.
    pub to: String,
    /// The same as seconds.
    pub seconds: i64,
    /// Failures that the jail found.
    pub found: u64,
    /// Failures that it ignored, since their addresses were whitelisted.
    pub ignored: u64,
    /// Addresses that failed.
    pub addresses: u64,
    /// Bans that fail2ban logged, and how many of their addresses the replay of the present setting bans as well: how near the
    /// replay comes.
    pub banned: u64,
    /// See `banned`.
    pub banned_by_replay: u64,
    /// Where it is from.
    pub source: Text,
    /// What is missing, as sentences.
    pub gaps: Vec<Text>,
}

/// A setting, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SettingResult {
    /// Failures before a ban.
    pub maxretry: i64,
    /// Within how long, seconds.
    pub findtime: i64,
    /// How long a ban lasts, seconds; -1 is for ever.
    pub bantime: i64,
    /// How many addresses it bans.
    pub banned: Split,
    /// How many addresses only their whitelist keeps from a ban by it.
    pub whitelisted: u64,
    /// How many attempts get through.
    pub let_through: u64,
    /// Whether these are at least so many, since fail2ban's own ban cut off what would have followed.
    pub at_least: bool,
}

/// How many addresses of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Split {
    /// In networks of the register.
    pub customers: u64,
    /// In `protected` networks of the host's settings.
    pub protected: u64,
    /// Any others.
    pub unknown: u64,
}

/// What becomes of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClassKind {
    /// It would be banned, and is not now.
    Newly,
    /// It would not be banned any more; its lines stop by themselves, or went on past the ban.
    NoLonger,
    /// It would be banned earlier.
    Earlier,
    /// It would be banned later.
    Later,
    /// It would be banned at the same moment.
    Same,
    /// The ban of that day cut off its lines: it would have gone on, and nobody knows how far.
    CutOff,
}

/// The addresses of which the same becomes.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ForecastClass {
    /// What.
    pub kind: ClassKind,
    /// How many.
    pub count: Split,
    /// The first of them, customers first.
    pub addresses: Vec<Affected>,
}

/// An address that a setting would ban.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Affected {
    /// The address.
    pub address: Text,
    /// Its customer.
    pub customer: Option<Text>,
    /// Whether the jail's whitelist has it now.
    pub whitelisted: bool,
    /// fail2ban's highest count within the proposed findtime.
    pub count: i64,
    /// The real number of attempts at that moment.
    pub attempts: u64,
    /// When, RFC 3339 by the host's zone.
    pub at: String,
}

/// The smallest threshold that bans no customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Smallest {
    /// The threshold.
    pub maxretry: i64,
    /// How far the proposed maxretry is above the highest count of a customer; 0 or less bans it.
    pub margin: i64,
    /// Who came that far.
    pub by: Affected,
}

/// What each maxretry comes to within one findtime: the first value is that of maxretry 1, the last that of 200.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CurveLine {
    /// Seconds.
    pub findtime: i64,
    /// Customers that are banned.
    pub customers: Vec<u64>,
    /// Unknown addresses that are banned.
    pub attackers: Vec<u64>,
    /// Attempts that get through.
    pub let_through: Vec<u64>,
}

impl CurveLine {
    /// (customers, attackers, attempts) of a maxretry; none beyond 200.
    pub fn at(&self, maxretry: i64) -> Option<(u64, u64, u64)> {
        let place = usize::try_from(maxretry).ok()?.checked_sub(1)?;
        let of = |column: &[u64]| column.get(place).copied();
        Some((of(&self.customers)?, of(&self.attackers)?, of(&self.let_through)?))
    }
}

/// A recipe of the runbook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Recipe {
    /// Which.
    pub code: RecipeCode,
    /// The sign that the log shows.
    pub sign: Text,
    /// What it costs.
    pub price: Text,
    /// The command.
    pub next: Advice,
}

/// A recipe of the runbook's "Tuning guidance".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecipeCode {
    /// Customers come near the threshold: a higher maxretry.
    FlashCrowd,
    /// Scanners stay below the threshold: a longer findtime (the runbook's shorter one bans fewer).
    SlowScanner,
}

/// What of a forecast goes into the audit record, so that it can be compared with what happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Promise {
    /// The jail.
    pub jail: String,
    /// What it stood on.
    pub coverage: Coverage,
    /// The setting before.
    pub present: SettingResult,
    /// The setting that was approved.
    pub proposed: SettingResult,
}

impl Forecast {
    /// What goes into the audit record.
    pub fn promise(&self) -> Promise {
        Promise {
            jail: self.jail.raw().to_owned(),
            coverage: self.coverage.clone(),
            present: self.present.clone(),
            proposed: self.proposed.clone(),
        }
    }
}

/// What `tune --since` answers: the change, and the forecast that it was decided on.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Tuned {
    /// The change.
    #[serde(flatten)]
    pub change: Change,
    /// The forecast; null where it did not come to one.
    pub forecast: Option<Forecast>,
    /// Whether the forecast has been shown before the question, and is not shown again to people.
    #[serde(skip)]
    pub is_shown: bool,
}

/// What `tune --review` answers.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct TuneReview {
    /// Each change of a threshold with a forecast, the newest first.
    pub reviews: Vec<Review>,
}

/// A forecast beside what happened since.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Review {
    /// The change.
    pub change_id: Option<Text>,
    /// When it was made, RFC 3339.
    pub time: Text,
    /// What was forecast.
    pub promise: Promise,
    /// What happened since, in the time that the action log covers.
    pub since: SinceChange,
    /// The comparison as a sentence.
    pub text: Text,
}

/// What a jail did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SinceChange {
    /// Over how long, seconds.
    pub seconds: i64,
    /// Addresses that were banned.
    pub banned: Split,
    /// Attempts that were found.
    pub let_through: u64,
    /// Whether the setting is still the one that was approved; null where the jail does not run.
    pub in_force: Option<bool>,
}
