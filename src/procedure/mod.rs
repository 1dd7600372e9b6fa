//! PURE: one planner a command of the runbook. What several of them need is in `planning`.

mod adopt;
mod annotate;
mod backup;
mod import;
mod offboard;
mod onboard;
mod prune;
mod recidive;
mod reload;
mod repair_whitelist;
mod restore;
mod rollback;
mod split;
mod status;
mod temporary;
mod tune;
mod unban;
mod undo;

pub use adopt::{Adopt, Proposal, proposals};
pub use annotate::Annotate;
pub use backup::Backup;
pub use import::Import;
pub use offboard::Offboard;
pub use onboard::Onboard;
pub use prune::Prune;
pub use recidive::{Recidive, recidive_needs};
pub use reload::{Reload, Start};
pub use repair_whitelist::RepairWhitelist;
pub use restore::Restore;
pub use rollback::{Customers, Rollback};
pub use split::Split;
pub use status::{bans, customer, status};
pub use temporary::{Act as TempAct, Temp, temporary};
pub use tune::{Threshold, Tune};
pub use unban::Unban;
pub use undo::Undo;
