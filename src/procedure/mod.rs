//! PURE: one planner a command of the runbook, in families. What several of them need is in `planning`.

mod backups;
mod recidive;
mod reload;
mod rollback;
mod split;
mod status;
mod temporary;
mod tune;
mod unban;
mod whitelist;

pub use backups::{Backup, Prune, Restore, Undo};
pub use recidive::{Recidive, recidive};
pub use reload::{Reload, Start};
pub use rollback::{Customers, Rollback};
pub use split::Split;
pub use status::{bans, customer, status};
pub use temporary::{Act as TempAct, Temp, temporary};
pub use tune::{Threshold, Tune};
pub use unban::Unban;
pub use whitelist::{Adopt, Annotate, Import, Offboard, Onboard, Proposal, RepairWhitelist, proposals};
