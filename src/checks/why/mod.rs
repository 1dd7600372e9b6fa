//! Why somebody is banned or not: from what was observed and what the logs hold to one verdict with its evidence.
//!
//! ```text
//! Observed + LookedBack (+ CountedLines) -> Evidence          (what there is, put in order)
//! Evidence + address -> Facts -> Judged                       (one address: facts, then the first reason that decides)
//! Judged of each address -> Why                               (addresses, networks, customers, accounts, files)
//! ```

mod again;
mod answer;
mod audit;
mod bans;
mod decide;
mod decision;
mod evidence;
mod facts;
mod local;
mod phases;
mod reply;
mod unbanned;

pub use again::{banned_again, banned_again_unknown};
pub use answer::{Subject, judged_addresses, needs_counting, why};
pub use evidence::{Decided, Evidence};
pub use local::local;
pub use reply::{Language, reply};
