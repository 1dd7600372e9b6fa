//! What every command needs, made once from the flags, the settings and the process: targets, guard-rails, records.

use crate::model::host_name::HostName;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;

use crate::audit::{LocalLog, Record};
use crate::document::{Failure, FailureKind};
use crate::engine::{Context, Mode, SudoPassword, Target};
use crate::model::comment_text::CommentText;
use crate::model::observed::Observed;
use crate::model::timespan::Timespan;
use crate::model::written_network::WrittenNetwork;
use crate::planning::policy::{Guard, Widths};
use crate::planning::temporary::grant::Grant;
use crate::remote::agent::HostPaths;
use crate::remote::ssh::{Destination, Environment as SshEnvironment, Keyring, Prompt, SshOptions};
use crate::settings::{Become, Environment, HostSettings, Settings, SettingsError};
use crate::ui::{Aim, Output, Terminal};

use super::global::{Global, HOST_VARIABLE};
use super::known_words::KnownWords;
use super::roll::Roll;

/// Everything around a command.
pub struct Services {
    /// The flags.
    pub global: Global,
    /// The operator's configuration.
    pub settings: Settings,
    /// The operator's directories.
    pub environment: Environment,
    /// What a session takes from the process.
    pub ssh: SshEnvironment,
    /// Keys that were opened: each passphrase is asked once, however many logins there are.
    pub keyring: Keyring,
    /// Where results and talk go.
    pub output: Arc<Output>,
    /// The arguments as they were typed, for the records.
    pub typed: Vec<String>,
    /// The hosts that are being worked on, and what they have answered so far.
    pub roll: Roll,
}

impl Services {
    /// Keeps the words of a host that completions offer.
    pub fn learn(&self, host: &HostSettings, observed: &Observed) {
        let mut words = KnownWords::of(&self.environment.state_home, &host.name);
        words.learn(observed, Utc::now().timestamp());
        words.keep();
    }

    /// Reads the configuration and the environment. A command that `makes_file` may name one that is not there yet.
    ///
    /// # Errors
    /// A usage failure for a configuration that cannot be read.
    pub fn new(global: Global, makes_file: bool, output: Arc<Output>, typed: Vec<String>) -> Result<Self, Failure> {
        let environment = Environment::of_process().map_err(settings_failure)?;
        let settings = match Settings::load(global.config.as_deref(), &environment) {
            Err(SettingsError::Missing { path }) if makes_file => Settings::without_file(path),
            loaded => loaded.map_err(settings_failure)?,
        };
        let settings = match &global.inventory {
            Some(file) => settings
                .with_inventory(file, &environment.home)
                .map_err(settings_failure)?,
            None => settings,
        };
        check_text("--reason", global.reason.as_deref())?;
        check_text("--ticket", global.ticket.as_deref())?;
        Ok(Self {
            global,
            settings,
            environment,
            ssh: SshEnvironment::of_this_process(),
            keyring: Keyring::default(),
            output,
            typed,
            roll: Roll::default(),
        })
    }

    /// The hosts that this run is about.
    ///
    /// # Errors
    /// A usage failure for a selection that names none.
    pub fn hosts(&self) -> Result<Vec<HostSettings>, Failure> {
        let hosts = self.selected()?;
        self.output.aim(Aim {
            default: self.default_name(),
            only: match hosts.as_slice() {
                [only] => Some(only.name.clone()),
                _ => None,
            },
        });
        Ok(hosts)
    }

    /// The host that a command reaches whose `--host` is left out.
    fn default_name(&self) -> Option<String> {
        let Ok(selection) = std::env::var(HOST_VARIABLE) else {
            return self.settings.default_host.clone();
        };
        match self.settings.select(&selection).ok()?.as_slice() {
            [only] => Some(only.name.clone()),
            _ => None,
        }
    }

    fn selected(&self) -> Result<Vec<HostSettings>, Failure> {
        match &self.global.host {
            Some(selection) => self.settings.select(selection).map_err(settings_failure),
            None if self.global.all_hosts => Ok(self.settings.all_hosts()),
            None if self.global.inventory.is_some() => Err(Failure::new(
                FailureKind::Usage,
                "--inventory gives many hosts, and none was chosen",
            )
            .hint("pass -H NAME, -H @GROUP or --all-hosts")),
            None => Ok(vec![self.settings.default_host().map_err(settings_failure)?]),
        }
    }

    /// How a host is reached.
    ///
    /// # Errors
    /// A usage failure for an address that cannot be one.
    pub fn target(&self, host: &HostSettings) -> Result<Target, Failure> {
        let destination = Destination::parse(&host.address)
            .map_err(|error| Failure::new(FailureKind::Usage, error.to_string()))?
            .named(&host.name);
        let text = |path: &std::path::Path| path.to_string_lossy().into_owned();
        Ok(Target {
            name: HostName {
                name: host.name.clone(),
                address: host.address.clone(),
            },
            destination,
            options: SshOptions {
                ssh_config: self.global.ssh_config.clone(),
                identities: self.global.identity.iter().chain(&host.identity).cloned().collect(),
                jump: self.global.jump.clone(),
                known_hosts: self.global.known_hosts.clone().or_else(|| host.known_hosts.clone()),
                accept_new: self.global.accept_new,
                connect_timeout: self.global.connect_timeout.map(Duration::from_secs),
                keyring: self.keyring.clone(),
                environment: self.ssh.clone(),
            },
            elevated: self.global.elevate || host.r#become == Some(Become::Sudo),
            password: SudoPassword::default(),
            paths: HostPaths {
                config_dir: text(&host.config_dir),
                client: host.client.clone(),
                log: text(&host.log),
                asterisk_log: text(&host.asterisk_log),
                state_dir: text(&host.state_dir),
            },
        })
    }

    /// The guard-rails for a host.
    pub fn guard(&self, host: &HostSettings) -> Guard {
        Guard {
            widths: Widths {
                ipv4: self.settings.policy.widest_ipv4,
                ipv6: self.settings.policy.widest_ipv6,
            },
            allow_special: self.global.allow_special || host.allow_special,
            allow_wide: self.global.allow_wide,
            allow_lockout: self.global.allow_lockout,
            reason: self.global.reason.clone(),
            with_drift: self.global.with_drift,
            start: self.global.start,
            protected: host.protected.iter().map(WrittenNetwork::network).collect(),
        }
    }

    /// How far a change may go without asking.
    pub fn mode(&self) -> Mode {
        if self.global.dry_run {
            Mode::DryRun
        } else if self.global.yes {
            Mode::Yes
        } else {
            Mode::Ask
        }
    }

    /// The operator, as the records name him.
    pub fn operator(&self) -> String {
        let user = self.ssh.user.as_deref().unwrap_or("unknown");
        format!("{user}@{}", self.ssh.host_name)
    }

    /// The operator's name for a comment's `by=`: letters, digits and `._-` only.
    pub fn by(&self) -> String {
        let user = self.ssh.user.as_deref().unwrap_or("unknown");
        let plain = |letter: &char| letter.is_alphanumeric() || matches!(letter, '.' | '_' | '-');
        user.chars().filter(plain).take(40).collect()
    }

    /// A temporary entry that this operator wishes for; without `jails` it is about every asterisk jail.
    pub fn grant(&self, span: Timespan, jails: Vec<String>) -> Grant {
        Grant {
            span,
            jails,
            operator: self.operator(),
            reason: self.global.reason.clone(),
        }
    }

    /// The context of a change on a host.
    pub fn context<'run>(&self, command: &str, host: &HostSettings, target: &'run Target) -> Context<'run> {
        Context {
            target,
            mode: self.mode(),
            guard: self.guard(host),
            record: Record {
                operator: self.operator(),
                command: command.to_owned(),
                arguments: self.typed.clone(),
                reason: self.global.reason.clone(),
                ticket: self.global.ticket.clone(),
                host: target.name.clone(),
                key: None,
                host_key: None,
                version: env!("CARGO_PKG_VERSION"),
                summary: String::new(),
                customers: BTreeSet::new(),
                diff: String::new(),
                consent: None,
                forecast: None,
            },
            local_log: self.local_log(),
            prompt: self.prompt(),
        }
    }

    /// The operator's own audit log.
    pub fn local_log(&self) -> LocalLog {
        Context::usual_local_log(&self.environment.state_home)
    }

    /// Who answers questions while logging in.
    pub fn prompt(&self) -> Arc<dyn Prompt> {
        Arc::new(Terminal::new(Arc::clone(&self.output)))
    }

    /// The operator's terminal about one host, which may be one of several.
    pub fn terminal(&self, host: &HostName, several: bool) -> Terminal {
        Terminal::about(Arc::clone(&self.output), host.clone(), several)
    }
}

/// A fault of the configuration, as a failure.
pub fn settings_failure(error: SettingsError) -> Failure {
    let place = error
        .place()
        .map(|place| {
            place
                .excerpt()
                .lines()
                .map(|line| format!("\n  | {line}"))
                .collect::<String>()
        })
        .unwrap_or_default();
    Failure {
        kind: match error {
            SettingsError::Exposed { .. } => FailureKind::Refused,
            _ => FailureKind::Usage,
        },
        hints: error.hints().into_iter().map(Into::into).collect(),
        message: format!("{error}{place}"),
    }
}

/// Text that goes into records and comments: one line, nothing hidden in it.
fn check_text(flag: &str, text: Option<&str>) -> Result<(), Failure> {
    let Some(text) = text else {
        return Ok(());
    };
    CommentText::new(text).map(|_| ()).map_err(|error| {
        Failure::new(FailureKind::Usage, format!("{flag}: {error}"))
            .hint("write one line of at most 120 characters, without `|` and control characters")
    })
}
