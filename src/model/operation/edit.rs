//! What the new content of a file means, above the bytes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::step::Step;
use crate::model::comment_text::{CommentText, escaped};
use crate::model::network::Network;
use crate::model::timespan::Timespan;

/// One thing that the new content of a file means. Texts are as the file or the host has them; sentences escape them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Edit {
    /// A file that the host does not have yet.
    Create {
        /// The file.
        path: String,
    },
    /// An entry of the whitelist, with its comment.
    Whitelist {
        /// The network.
        network: Network,
        /// The customer's name.
        customer: CommentText,
        /// The jail whose own list it is in; absent for the list in `[DEFAULT]`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        jail: Option<String>,
    },
    /// An entry of the whitelist belongs to another customer from now on.
    Reassign {
        /// The network.
        network: Network,
        /// The customer until now.
        from: CommentText,
        /// The customer from now on.
        customer: CommentText,
    },
    /// An entry of the whitelist goes, with its comment.
    Unwhitelist {
        /// The entry as it is there.
        entry: String,
        /// Whose it is, where its comment says so.
        customer: Option<CommentText>,
        /// The jail whose own list it is in; absent for the list in `[DEFAULT]`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        jail: Option<String>,
    },
    /// The comment of an entry.
    Annotate {
        /// The network.
        network: Network,
        /// The comment.
        line: String,
    },
    /// The comment of an entry, made from a free text.
    Adopt {
        /// The network.
        network: Network,
        /// The comment.
        line: String,
    },
    /// A repair of the whitelist.
    Repair {
        /// What is to be done, a full sentence that is safe to print.
        will: String,
        /// The same when it is done.
        done: String,
    },
    /// A threshold in a jail's own section.
    SetValue {
        /// The jail.
        jail: String,
        /// The key.
        key: String,
        /// The running value; absent if fail2ban is down.
        before: Option<i64>,
        /// The new value; times in seconds.
        after: u64,
        /// Whether it is a time.
        is_time: bool,
    },
    /// The built-in jail that reads fail2ban's own log is enabled.
    EnableRecidive {
        /// The jail.
        jail: String,
        /// The log.
        log: String,
    },
    /// A jail is disabled.
    Disable {
        /// The jail.
        jail: String,
        /// Whether the two jails of the split take its place.
        replaced: bool,
    },
    /// How long fail2ban's database remembers bans.
    Remember {
        /// Seconds.
        seconds: u64,
        /// The file, relative to the configuration directory.
        file: String,
    },
    /// A filter's text.
    InstallFilter {
        /// The file, relative to the configuration directory.
        path: String,
        /// The lines that it is for.
        level: String,
        /// Why for those, a clause.
        because: Option<String>,
        /// Whether there was one.
        replaces: bool,
    },
    /// A filter goes.
    RemoveFilter {
        /// The file, relative to the configuration directory.
        path: String,
    },
    /// A jail of the split.
    AddJail {
        /// The jail.
        jail: String,
        /// Failures before a ban.
        maxretry: u64,
        /// The window that they are counted in, seconds.
        findtime: u64,
        /// How long a ban lasts, seconds.
        bantime: u64,
        /// The ports that its bans close.
        #[serde(default)]
        ports: String,
    },
    /// A jail of the split that is there and not as the runbook says.
    CorrectJail {
        /// The jail.
        jail: String,
        /// Its keys.
        changes: Vec<KeyChange>,
    },
    /// jail.local becomes what a backup has.
    Restore {
        /// The backup's name.
        backup: String,
    },
    /// jail.local becomes what a backup of before the split has.
    Rollback {
        /// The backup's name.
        backup: String,
    },
    /// Entries stay whitelisted which the backup lacks.
    Carry {
        /// The entries, with their customers.
        entries: Vec<String>,
    },
    /// A jail reads a log.
    ReadLog {
        /// The jail.
        jail: String,
        /// The log.
        path: String,
    },
    /// A file becomes what it was before a change.
    PutBack {
        /// The file, relative to the configuration directory.
        path: String,
        /// The change, in words.
        change: String,
    },
    /// A file comes back that went with a change.
    BringBack {
        /// The file, relative to the configuration directory.
        path: String,
        /// The change, in words.
        change: String,
    },
    /// A file goes that came with a change.
    TakeAway {
        /// The file, relative to the configuration directory.
        path: String,
        /// The change, in words.
        change: String,
    },
    /// A backup goes.
    Prune {
        /// The backup's name.
        backup: String,
    },
}

/// A key of a section and its values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KeyChange {
    /// The key.
    pub key: String,
    /// Its value as the file has it; absent where it has none.
    pub before: Option<String>,
    /// Its new value.
    pub after: String,
}

impl Edit {
    /// The stable word for what it is.
    fn action(&self) -> &'static str {
        match self {
            Self::Create { .. } => "create",
            Self::Whitelist { .. } => "whitelist",
            Self::Reassign { .. } => "reassign",
            Self::Unwhitelist { .. } => "remove",
            Self::Annotate { .. } => "annotate",
            Self::Adopt { .. } => "adopt",
            Self::Repair { .. } => "repair",
            Self::SetValue { .. } => "tune",
            Self::EnableRecidive { .. } => "enable",
            Self::Disable { .. } => "disable",
            Self::Remember { .. } => "remember",
            Self::InstallFilter { .. } | Self::RemoveFilter { .. } => "filter",
            Self::AddJail { .. } | Self::CorrectJail { .. } => "jail",
            Self::Restore { .. } => "restore",
            Self::Rollback { .. } => "rollback",
            Self::Carry { .. } => "carry",
            Self::ReadLog { .. } => "logpath",
            Self::PutBack { .. } | Self::BringBack { .. } | Self::TakeAway { .. } => "undo",
            Self::Prune { .. } => "prune",
        }
    }

    /// What will be done.
    pub fn step(&self) -> Step {
        Step::new(self.action(), self.will())
    }

    /// What was done.
    pub fn done(&self) -> Step {
        Step::new(self.action(), self.did())
    }

    fn will(&self) -> String {
        match self {
            Self::Create { path } => format!("Create {}, which this host does not have yet.", escaped(path)),
            Self::Whitelist {
                network,
                customer,
                jail,
            } => format!(
                "Whitelist {network} for {customer} in {} ignoreip, with its comment above.",
                section(jail.as_ref())
            ),
            Self::Reassign {
                network,
                from,
                customer,
            } => format!("Change the customer of {network} from {from} to {customer}, in its comment."),
            Self::Unwhitelist { entry, customer, jail } => {
                let (entry, whose) = (escaped(entry), named(customer.as_ref()));
                let section = section(jail.as_ref());
                format!("Remove {entry} ({whose}) from {section} ignoreip, with its comment.")
            }
            Self::Annotate { network, line } | Self::Adopt { network, line } => {
                format!("Write the comment of {network}: {line}")
            }
            Self::Repair { will, .. } => will.clone(),
            Self::SetValue {
                jail,
                key,
                before,
                after,
                is_time,
            } => {
                let before = before.map_or_else(String::new, |before| format!(" (it is {before} now)"));
                let after = value(*after, *is_time);
                format!("Set {key} of jail {jail} to {after}{before}, in its own section of jail.local.")
            }
            Self::EnableRecidive { jail, log } => format!(
                "Enable the built-in jail {jail}, which bans addresses that other jails ban again and again; it \
                 reads {}.",
                escaped(log)
            ),
            Self::Disable { jail, replaced: true } => {
                format!("Disable [{jail}], the single jail that the two replace.")
            }
            Self::Disable { jail, .. } => format!("Disable the jail {jail}."),
            Self::Remember { seconds, file } => format!(
                "Set dbpurgeage to {seconds} in {file}, so that the database remembers for as long as the jail looks back."
            ),
            Self::InstallFilter {
                path,
                level,
                because,
                replaces,
            } => {
                let verb = if *replaces { "Replace" } else { "Install" };
                let kept = if *replaces {
                    "; the journal keeps the old text"
                } else {
                    ""
                };
                format!("{verb} {path} for {level} lines{}{kept}.", since(because.as_deref()))
            }
            Self::RemoveFilter { path } => format!("Move {path} into the journal of this change."),
            Self::AddJail {
                jail,
                maxretry,
                findtime,
                bantime,
                ports,
            } => format!("Add {}", thresholds(jail, [*maxretry, *findtime, *bantime], ports)),
            Self::CorrectJail { jail, changes } => format!("Correct [{jail}]: {}.", listed(changes)),
            Self::Restore { backup } | Self::Rollback { backup } => {
                format!("Put jail.local back to {}.", escaped(backup))
            }
            Self::Carry { entries } => format!(
                "Keep these whitelisted, which the backup does not have: {}.",
                entries.join(", ")
            ),
            Self::ReadLog { jail, path } => format!("Let [{jail}] read {}.", escaped(path)),
            Self::PutBack { path, change } => format!("Restore {} as it was before {change}.", escaped(path)),
            Self::BringBack { path, change } => format!("Restore {}, which {change} removed.", escaped(path)),
            Self::TakeAway { path, change } => {
                format!("Move {} into the journal; {change} added it.", escaped(path))
            }
            Self::Prune { backup } => format!("Move {} out of the way, into the journal.", escaped(backup)),
        }
    }

    fn did(&self) -> String {
        match self {
            Self::Create { path } => format!("Created {}.", escaped(path)),
            Self::Whitelist {
                network,
                customer,
                jail,
            } => format!("Added {network} ({customer}) to {} ignoreip.", section(jail.as_ref())),
            Self::Reassign {
                network,
                from,
                customer,
            } => format!("Changed the customer of {network} from {from} to {customer}."),
            Self::Unwhitelist { entry, customer, jail } => {
                let (entry, whose) = (escaped(entry), named(customer.as_ref()));
                format!("Removed {entry} ({whose}) from {} ignoreip.", section(jail.as_ref()))
            }
            Self::Annotate { network, line } | Self::Adopt { network, line } => {
                format!("Wrote the comment of {network}: {line}")
            }
            Self::Repair { done, .. } => done.clone(),
            Self::SetValue {
                jail,
                key,
                before,
                after,
                is_time,
            } => {
                let after = value(*after, *is_time);
                match before {
                    Some(before) => format!("[{jail}] {key}: {before} -> {after}."),
                    None => format!("[{jail}] {key}: set to {after}."),
                }
            }
            Self::EnableRecidive { jail, log } => {
                format!("Enabled the built-in jail {jail}, which reads {}.", escaped(log))
            }
            Self::Disable { jail, .. } => format!("Disabled [{jail}]."),
            Self::Remember { seconds, file } => format!("Set dbpurgeage to {seconds} in {file}."),
            Self::InstallFilter {
                path, level, replaces, ..
            } => {
                let verb = if *replaces { "Replaced" } else { "Installed" };
                let kept = if *replaces {
                    "; the journal has the old text"
                } else {
                    ""
                };
                format!("{verb} {path} for {level} lines{kept}.")
            }
            Self::RemoveFilter { path } => format!("Moved {path} into the journal of this change."),
            Self::AddJail {
                jail,
                maxretry,
                findtime,
                bantime,
                ports,
            } => format!("Added {}", thresholds(jail, [*maxretry, *findtime, *bantime], ports)),
            Self::CorrectJail { jail, changes } => format!("Corrected [{jail}]: {}.", listed(changes)),
            Self::Restore { backup } | Self::Rollback { backup } => {
                format!("jail.local is as in {} again.", escaped(backup))
            }
            Self::Carry { entries } => format!(
                "Kept these whitelisted, which the backup does not have: {}.",
                entries.join(", ")
            ),
            Self::ReadLog { jail, path } => format!("[{jail}] reads {}.", escaped(path)),
            Self::PutBack { path, change } => format!("{} is as it was before {change}.", escaped(path)),
            Self::BringBack { path, change } => format!("Restored {}, which {change} had removed.", escaped(path)),
            Self::TakeAway { path, change } => {
                format!("Moved {} into the journal; {change} had added it.", escaped(path))
            }
            Self::Prune { backup } => format!("Moved {} into the journal of this change.", escaped(backup)),
        }
    }
}

fn named(customer: Option<&CommentText>) -> String {
    customer.map_or_else(|| "undocumented".to_owned(), ToString::to_string)
}

/// The section of a list.
fn section(jail: Option<&String>) -> String {
    jail.map_or_else(|| "[DEFAULT]".to_owned(), |jail| format!("[{}]", escaped(jail)))
}

fn since(because: Option<&str>) -> String {
    because.map_or_else(String::new, |because| format!(", since {because}"))
}

/// A value in words: `100`, or `10 min (600 s)`.
fn value(value: u64, is_time: bool) -> String {
    match Timespan::from_seconds(value) {
        Ok(span) if is_time => format!("{span} ({value} s)"),
        _ => value.to_string(),
    }
}

fn thresholds(jail: &str, [maxretry, findtime, bantime]: [u64; 3], ports: &str) -> String {
    let span =
        |seconds: u64| Timespan::from_seconds(seconds).map_or_else(|_| format!("{seconds} s"), |span| span.to_string());
    // A journal of an earlier version has no ports.
    let ports = if ports.is_empty() {
        String::new()
    } else {
        format!(" on ports {}", escaped(ports))
    };
    format!(
        "[{jail}]: {maxretry} failures in {} ban for {}, over UDP and TCP{ports}.",
        span(findtime),
        span(bantime)
    )
}

fn listed(changes: &[KeyChange]) -> String {
    let changes: Vec<String> = changes.iter().map(KeyChange::clause).collect();
    changes.join(", ")
}

impl KeyChange {
    fn clause(&self) -> String {
        let Self { key, before, after } = self;
        match before {
            // Its value is a page of interpolations.
            _ if key == "action_" => "one action for each of UDP and TCP".to_owned(),
            Some(before) => format!("{key} {} -> {after}", escaped(before)),
            None => format!("{key} {after}"),
        }
    }
}
