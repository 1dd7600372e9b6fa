//! Copies of jail.local and the way back: made, put back, removed, and the undo of one change from the journal.

mod backup;
mod prune;
mod restore;
mod undo;

pub use backup::Backup;
pub use prune::Prune;
pub use restore::Restore;
pub use undo::Undo;
