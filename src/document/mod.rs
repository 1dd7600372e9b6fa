//! PURE: what each command answers, one struct a command. JSON, text and every later view are readers of the same
//! value.
//!
//! Boundary: values only. Who makes them is above (`procedure` and `checks` from what was observed, `engine` from what
//! was run), and so is who shows them (`ui`). The JSON form and its schema are derived from these structs and from
//! nothing else.

mod activity;
mod advice;
mod answer;
mod audit;
mod backups;
mod change;
mod check;
mod event;
mod failure;
mod finding;
mod forecast;
mod history;
mod hosts;
mod lab;
mod outcome;
mod protection;
mod recidive;
mod report;
mod schema;
mod several;
mod status;
mod temporary;
mod verdict;
mod warning;
mod whitelist;
mod whitelist_review;
mod why;

pub use activity::{Activity, BusyNetwork, CustomerHeadroom, Happening, HappeningKind, HourBans, JailActivity, Storm};
pub use advice::{Advice, shell_word};
pub use answer::{Answer, Completions, Regex, UnderWay, WatchEnded};
pub use audit::{AuditFault, AuditVerdict};
pub use backups::{BackupDiff, BackupList, BackupRow, BackupText};
pub use change::{Blocked, Change, Effect, Plan, ProofRow, Step};
pub use check::{Check, CheckOutcome};
pub use event::{Event, EventKind, Headroom, Seen};
pub use failure::{Failure, FailureKind};
pub use finding::{Code as FindingCode, Explanation, Finding, Findings, Severity};
pub use forecast::{
    Affected, ClassKind, Coverage, CurveLine, Forecast, ForecastClass, Promise, Recipe, RecipeCode, Review,
    SettingResult, SinceChange, Smallest, Split, TuneReview, Tuned,
};
pub use history::{Entry, History, Login};
pub use hosts::{HostRow, Hosts};
pub use lab::{Demonstration, Job, Lab, LabGone, LabReport, LabState, LabStatus, ServiceStatus};
pub use outcome::Outcome;
pub use protection::{CustomerBan, FilesSince, Protection, ProtectionVerdict};
pub use recidive::{Need, Recidive, RecidiveStatus};
pub use report::{Document, FINDINGS, Report};
pub use schema::SCHEMA;
pub use several::{Several, worst};
pub use status::{Ban, Fail2ban, Jail, Status};
pub use temporary::{Temporary, TemporaryRow};
pub use verdict::Verdict;
pub use warning::{Warning, WarningCode};
pub use whitelist::{Because, Exemption, JailDecision, Registrations, Source, Whitelist, WhitelistCheck, WhitelistRow};
pub use whitelist_review::{ReviewCode, ReviewFinding, WhitelistReview};
pub use why::{
    AccountTraffic, AddressVerdict, Answered, CountPeak, CountSource, EpisodeKind, EpisodeRow, JailCount, Phase,
    Question, Why,
};
