//! The verdict of `status`: is the PBX protected, and is anybody banned who should not be?

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::text::Text;

/// Whether the PBX is protected, and who of the whitelisted is banned. It rests on what one look at the host shows; whether
/// the filters count each attempt is `doctor`'s part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Protection {
    /// The verdict.
    pub verdict: ProtectionVerdict,
    /// Why not, or why it is not known, each as a clause, the gravest first; empty for `protected`.
    pub reasons: Vec<Text>,
    /// The running jails that count SIP, on which the verdict rests.
    pub jails: Vec<Text>,
    /// The bans that hold somebody of the whitelist; null where the bans or the whitelist are not known.
    pub customers_banned: Option<Vec<CustomerBan>>,
    /// The entries of jail.local that are not in force in every running jail, and temporary entries that are not in force;
    /// null where the running lists or the file are not known.
    pub not_in_force: Option<Vec<Text>>,
    /// Whether the files are still those that the running server was made of.
    pub drift: FilesSince,
    /// Changes that were begun and neither finished nor rolled back; null where that is not known.
    pub interrupted: Option<usize>,
}

/// Whether the PBX is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProtectionVerdict {
    /// Something is open: the reasons say what.
    NotProtected,
    /// Something that decides it could not be seen.
    Unknown,
    /// fail2ban runs, its jails that count SIP read the log that Asterisk writes, and their bans block.
    Protected,
}

/// A ban that holds somebody of the whitelist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CustomerBan {
    /// What is banned.
    pub ip: Text,
    /// The entry of the whitelist that it has to do with.
    pub network: Text,
    /// The entry's customer.
    pub customer: Option<Text>,
    /// The jails that ban it.
    pub jails: Vec<Text>,
    /// When the last of these bans ends; null for one that never does.
    pub until: Option<String>,
}

/// Whether a file that fail2ban reads was written after fail2ban read them. What such a file would change is `doctor`'s part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FilesSince {
    /// Whether one was; null where that is not known.
    pub written_since: Option<bool>,
    /// The file that was written last.
    pub file: Option<Text>,
    /// Why it is not known.
    pub reason: Option<Text>,
}
