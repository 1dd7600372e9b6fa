//! What can be typed: the global flags and the list of commands. Doc comments are the help text.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::command;

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

/// Flags that every command takes.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several with commas between them.
    #[arg(
        short = 'H',
        long,
        value_name = "HOST",
        global = true,
        env = "F2BCTL_HOST",
        help_heading = "Host"
    )]
    pub host: Option<String>,
    /// Every configured host.
    #[arg(long, global = true, conflicts_with = "host", help_heading = "Host")]
    pub all_hosts: bool,
    /// Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`.
    #[arg(long, value_name = "FILE", global = true, help_heading = "Host")]
    pub inventory: Option<PathBuf>,
    /// Take several hosts one after the other and stop at the first that fails.
    #[arg(long, global = true, help_heading = "Host")]
    pub fail_fast: bool,
    /// The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml.
    #[arg(
        long,
        value_name = "FILE",
        global = true,
        env = "F2BCTL_CONFIG",
        help_heading = "Host"
    )]
    pub config: Option<PathBuf>,
    /// Read this instead of the usual ssh_config.
    #[arg(short = 'F', long, value_name = "FILE", global = true, help_heading = "Connection")]
    pub ssh_config: Option<PathBuf>,
    /// A private key to offer first.
    #[arg(short = 'i', long, value_name = "FILE", global = true, help_heading = "Connection")]
    pub identity: Option<PathBuf>,
    /// Go through this host (several with commas, nearest first).
    #[arg(
        short = 'J',
        long,
        value_name = "HOST",
        global = true,
        value_delimiter = ',',
        help_heading = "Connection"
    )]
    pub jump: Vec<String>,
    /// The operator's known_hosts file instead of the usual ones.
    #[arg(long, value_name = "FILE", global = true, help_heading = "Connection")]
    pub known_hosts: Option<PathBuf>,
    /// Record the key of a host that is not known yet; a changed key is always refused.
    #[arg(long, global = true, help_heading = "Connection")]
    pub accept_new: bool,
    /// Get root's rights on the host through sudo.
    #[arg(long = "become", global = true, help_heading = "Connection")]
    pub elevate: bool,
    /// How long to wait for each step of connecting.
    #[arg(long, value_name = "SECS", global = true, value_parser = clap::value_parser!(u64).range(1..=3600), help_heading = "Connection")]
    pub connect_timeout: Option<u64>,
    /// Show the plan and change nothing, whatever else is given.
    #[arg(short = 'n', long, global = true, help_heading = "Change")]
    pub dry_run: bool,
    /// Approve the plan beforehand and answer every question with yes.
    #[arg(short = 'y', long, global = true, help_heading = "Change")]
    pub yes: bool,
    /// Why, for the audit trail.
    #[arg(short = 'm', long, value_name = "TEXT", global = true, help_heading = "Change")]
    pub reason: Option<String>,
    /// The ticket, for the audit trail and the whitelist's comment.
    #[arg(long, value_name = "ID", global = true, help_heading = "Change")]
    pub ticket: Option<String>,
    /// Also put into force what another hand left on disk without a reload.
    #[arg(long, global = true, help_heading = "Change")]
    pub with_drift: bool,
    /// Start fail2ban if it is down, in the same transaction.
    #[arg(long, global = true, help_heading = "Change")]
    pub start: bool,
    /// Take networks wider than the policy's limit (down to /20, IPv6 /44); needs --reason.
    #[arg(long, global = true, help_heading = "Change")]
    pub allow_wide: bool,
    /// Take private, shared, loopback, link-local, multicast and documentation ranges.
    #[arg(long, global = true, help_heading = "Change")]
    pub allow_special: bool,
    /// Allow a change that leaves your own address bannable or banned.
    #[arg(long, global = true, help_heading = "Change")]
    pub allow_lockout: bool,
    /// Never ask, even on a terminal.
    #[arg(long, global = true, help_heading = "Output")]
    pub no_input: bool,
    /// One JSON document on stdout.
    #[arg(long, global = true, help_heading = "Output")]
    pub json: bool,
    /// When to colour.
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Color::Auto, global = true, help_heading = "Output")]
    pub color: Color,
    /// Say nothing but the result.
    #[arg(
        short = 'q',
        long,
        global = true,
        conflicts_with = "verbose",
        help_heading = "Output"
    )]
    pub quiet: bool,
    /// Say more: every step, every unknown.
    #[arg(short = 'v', long, global = true, help_heading = "Output")]
    pub verbose: bool,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show jails, thresholds, counters, bans, the whitelist and what is wrong with them.
    Status(command::status::Arguments),
    /// Whitelist a customer's network: back up, add with its comment, reload, verify, lift its members' bans.
    Onboard(command::onboard::Arguments),
    /// Take a customer's network off the whitelist, with its comment.
    Offboard(command::offboard::Arguments),
    /// The register of customers.
    #[command(subcommand)]
    Whitelist(command::whitelist::Command),
    /// Lift the bans of an address or network in every jail.
    Unban(command::unban::Arguments),
    /// Whitelist entries that end by themselves.
    #[command(subcommand)]
    Temp(command::temp::Command),
    /// Set a threshold of a jail, within the runbook's limits.
    Tune(command::tune::Arguments),
    /// Try log lines against a jail or a filter with the host's own fail2ban-regex.
    Regex(command::regex::Arguments),
    /// The built-in jail that bans whom other jails ban again and again.
    #[command(subcommand)]
    Recidive(command::recidive::Command),
    /// Follow bans, unbans and failures as they happen, with the customer's name beside the address.
    Watch(command::watch::Arguments),
    /// Back up jail.local on the host.
    Backup(command::backup::Arguments),
    /// The backups of jail.local on the host.
    Backups(command::backups::Arguments),
    /// Split the single asterisk jail into a strict and a lenient one, with their filters.
    Split(command::split::Arguments),
    /// Roll back to the single asterisk jail of before the split, with its filters kept in the journal.
    Rollback(command::rollback::Arguments),
    /// Put jail.local back to a backup, with preflight and proof.
    Restore(command::restore::Arguments),
    /// Undo a change of f2bctl: its files come back as they were before it.
    Undo(command::undo::Arguments),
    /// Put into force what lies on disk, with preflight and proof.
    Reload(command::reload::Arguments),
    /// Start a fail2ban that is down, with preflight and proof.
    Start(command::start::Arguments),
    /// Compare host, files, running server, firewall and log with the runbook.
    Doctor(command::doctor::Arguments),
    /// Who changed what, when and why.
    History(command::history::Arguments),
    /// The audit trail.
    #[command(subcommand)]
    Audit(command::audit::Command),
    /// The hosts of the configuration.
    Hosts(command::hosts::Arguments),
    /// The rehearsal host on this machine: a real sshd and a real fail2ban.
    #[command(subcommand)]
    Lab(command::lab::Command),
    /// Print the completions of a shell.
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
            Self::Audit(command) => command.name(),
            Self::Hosts(_) => "hosts",
            Self::Lab(command) => command.name(),
            Self::Completions(_) => "completions",
        }
    }
}
