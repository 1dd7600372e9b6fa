//! The flags that every command takes. Doc comments are the help text.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// The variable that stands for `--host` where that is left out.
pub const HOST_VARIABLE: &str = "F2BCTL_HOST";

/// Flags that every command takes.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host.
    #[arg(
        short = 'H',
        long,
        value_name = "HOST",
        global = true,
        env = HOST_VARIABLE,
        hide_env_values = true,
        help_heading = "Host"
    )]
    pub host: Option<String>,
    /// Every configured host.
    #[arg(long, global = true, help_heading = "Host")]
    pub all_hosts: bool,
    /// Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`.
    #[arg(long, value_name = "FILE", global = true, help_heading = "Host")]
    pub inventory: Option<PathBuf>,
    /// Run several hosts one after the other and stop at the first that fails.
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
    /// Connect through this host (several separated by commas, nearest first).
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
    /// Become root on the host through sudo.
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
    /// Why, for the audit log.
    #[arg(short = 'm', long, value_name = "TEXT", global = true, help_heading = "Change")]
    pub reason: Option<String>,
    /// The ticket, for the audit log and the whitelist's comment.
    #[arg(long, value_name = "ID", global = true, help_heading = "Change")]
    pub ticket: Option<String>,
    /// Also put into force edits made outside f2bctl and not reloaded.
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
    /// Print only the result; for a change, one line.
    #[arg(
        short = 'q',
        long,
        global = true,
        conflicts_with = "verbose",
        help_heading = "Output"
    )]
    pub quiet: bool,
    /// Note what is sent to hosts and what they answer at the end of this file, without passwords, for a bug report.
    #[arg(long, value_name = "FILE", global = true, help_heading = "Output")]
    pub log_file: Option<PathBuf>,
    /// Print more: every step, every value that is unknown.
    #[arg(short = 'v', long, global = true, help_heading = "Output")]
    pub verbose: bool,
}

impl Global {
    /// The flags that say how this run looks, for a run of the same looks.
    pub fn looks(&self) -> Vec<&'static str> {
        let color = match self.color {
            Color::Auto => "auto",
            Color::Always => "always",
            Color::Never => "never",
        };
        let quiet = self.quiet.then_some("--quiet");
        let verbose = self.verbose.then_some("--verbose");
        ["--color", color].into_iter().chain(quiet).chain(verbose).collect()
    }
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
