//! What `temp list` answers.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::text::Text;

/// The temporary entries of a host.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Temporary {
    /// The entries, the earliest end first.
    pub temporary: Vec<TemporaryRow>,
    /// Who ends them on the host: `systemd` or `process`; null where there are none.
    pub ender: Option<Text>,
}

/// One temporary entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TemporaryRow {
    /// The address or network.
    pub network: Text,
    /// When it was set, RFC 3339 in the host's zone.
    pub since: String,
    /// When it ends.
    pub until: String,
    /// How long it still lasts, seconds; 0 for one that has ended.
    pub left: i64,
    /// Whether its end has come, so that it only waits to be cleared away.
    pub ended: bool,
    /// Who set it.
    pub operator: Text,
    /// Why.
    pub reason: Option<Text>,
    /// The jails that it was set in and that have it.
    pub in_force: Vec<Text>,
    /// The running jails that it was set in and that lack it: fail2ban was restarted or reloaded outside f2bctl. A jail
    /// that is gone, as the single one after a split, has nothing to lack.
    pub not_in_force: Vec<Text>,
}
