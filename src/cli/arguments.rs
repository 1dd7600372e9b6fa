//! What can be typed: the global flags with the list of commands. Doc comments are the help text.

use clap::{Parser, Subcommand};

use super::command;
use super::global::Global;

/// Runs the fail2ban runbook of a cloud Asterisk PBX over SSH, as audited, idempotent steps.
///
/// Every change is observed, rehearsed on a copy, shown as a plan, approved, applied as one transaction on the host,
/// proven against the running server, and recorded. Running it twice ends in "No changes.".
#[derive(Debug, Parser)]
#[command(
    name = "f2bctl",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    max_term_width = 110
)]
pub struct Arguments {
    /// Flags that every command takes.
    #[command(flatten)]
    pub global: Global,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Say whether the PBX is protected and whether a customer is banned; show jails, bans and the whitelist.
    Status(command::status::Arguments),
    /// Whitelist a customer's network: back up, add with its comment, reload, verify, lift its members' bans.
    Onboard(command::whitelist::onboard::Arguments),
    /// Take a customer's network off the whitelist, with its comment.
    Offboard(command::whitelist::offboard::Arguments),
    /// The register of customers.
    #[command(subcommand)]
    Whitelist(command::whitelist::Command),
    /// Lift the bans of an address or network in every jail.
    Unban(command::unban::Arguments),
    /// Whitelist entries that expire by themselves.
    #[command(subcommand)]
    Temp(command::temp::Command),
    /// Set a threshold of a jail, within the runbook's limits.
    Tune(command::tune::Arguments),
    /// Say why an address, a network, a customer or an account is banned, or why not.
    Why(command::why::Arguments),
    /// Try log lines against a jail or a filter with the host's own fail2ban-regex.
    Regex(command::regex::Arguments),
    /// The built-in jail that bans addresses which other jails ban again and again.
    #[command(subcommand)]
    Recidive(command::recidive::Command),
    /// Follow bans, unbans and failures as they happen, with the customer's name beside the address.
    Watch(command::watch::Arguments),
    /// Back up jail.local on the host.
    Backup(command::backups::backup::Arguments),
    /// The backups of jail.local on the host.
    Backups(command::backups::Arguments),
    /// Split the single asterisk jail into a strict and a lenient one, with their filters.
    Split(command::split::Arguments),
    /// Roll back to the single asterisk jail from before the split; the split's filters are kept in the journal.
    Rollback(command::rollback::Arguments),
    /// Restore jail.local from a backup, with preflight and proof.
    Restore(command::backups::restore::Arguments),
    /// Undo a change of f2bctl: its files come back as they were before it.
    Undo(command::backups::undo::Arguments),
    /// Put the files on disk into force, with preflight and proof.
    Reload(command::reload::Arguments),
    /// Start a fail2ban that is down, with preflight and proof.
    Start(command::start::Arguments),
    /// Compare the host's files, running server, firewall and logs with the runbook.
    Doctor(command::doctor::Arguments),
    /// Who changed what, when and why.
    History(command::audit::history::Arguments),
    /// Report what happened, as Markdown for a ticket or as one page for a browser.
    Report(command::report::Arguments),
    /// The audit log.
    #[command(subcommand)]
    Audit(command::audit::Command),
    /// The hosts of the configuration.
    Hosts(command::hosts::Arguments),
    /// The rehearsal host on this machine: a real sshd and a real fail2ban.
    #[command(subcommand)]
    Lab(command::lab::Command),
    /// Print the completion script of a shell.
    Completions(command::completions::Arguments),
}

impl Command {
    /// The command as it is typed, for the JSON document and the records.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Status(_) => "status",
            Self::Onboard(_) => "onboard",
            Self::Offboard(_) => "offboard",
            Self::Whitelist(command) => command.name(),
            Self::Unban(_) => "unban",
            Self::Temp(command) => command.name(),
            Self::Tune(_) => "tune",
            Self::Recidive(command) => command.name(),
            Self::Why(_) => "why",
            Self::Regex(_) => "regex",
            Self::Watch(_) => "watch",
            Self::Backup(_) => "backup",
            Self::Backups(arguments) => arguments.name(),
            Self::Split(_) => "split",
            Self::Rollback(_) => "rollback",
            Self::Restore(_) => "restore",
            Self::Undo(_) => "undo",
            Self::Reload(_) => "reload",
            Self::Start(_) => "start",
            Self::Doctor(_) => "doctor",
            Self::History(_) => "history",
            Self::Report(_) => "report",
            Self::Audit(command) => command.name(),
            Self::Hosts(_) => "hosts",
            Self::Lab(command) => command.name(),
            Self::Completions(_) => "completions",
        }
    }
}
