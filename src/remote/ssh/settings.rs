//! What is known of a host before it is dialled, as values; made from the answer of `ssh -G` or from flags alone.

use std::path::PathBuf;
use std::time::Duration;

use super::configuration_error::ConfigurationError;
use super::destination::Destination;
use super::known_hosts::host_name_for;
use super::options::SshOptions;
use super::prompt::Notice;

/// How long a step of connecting may take where nothing says otherwise.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(15);
/// How often a keepalive message is sent where ssh_config does not set it.
pub(super) const DEFAULT_ALIVE_INTERVAL: Duration = Duration::from_secs(15);
/// The key files that OpenSSH looks for by itself and that can sign here.
const DEFAULT_KEYS: [&str; 3] = ["id_rsa", "id_ecdsa", "id_ed25519"];

/// What to do with an unknown host key. There is no value that accepts without recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strictness {
    /// Refuse.
    Refuse,
    /// Ask the person.
    Ask,
    /// Record and accept.
    AcceptNew,
}

/// Which addresses of a name to dial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AddressFamily {
    /// All.
    Any,
    /// IPv4 only.
    Inet,
    /// IPv6 only.
    Inet6,
}

/// A way to log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    /// A key or certificate.
    PublicKey,
    /// Questions by the host.
    KeyboardInteractive,
    /// A password.
    Password,
}

impl Method {
    /// The protocol's word.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::PublicKey => "publickey",
            Self::KeyboardInteractive => "keyboard-interactive",
            Self::Password => "password",
        }
    }
}

/// Everything about one host of the route.
#[derive(Debug, Clone)]
pub(super) struct HostSettings {
    /// The name as it was typed.
    pub name: String,
    /// The login.
    pub user: String,
    /// The host to dial.
    pub host: String,
    /// The port to dial.
    pub port: u16,
    /// The name under which the host's keys are looked up, if set.
    pub host_key_alias: Option<String>,
    /// The operator's own files of known hosts; the first is written to.
    pub user_known_hosts: Vec<PathBuf>,
    /// The system's files.
    pub global_known_hosts: Vec<PathBuf>,
    /// A file of keys that are never accepted.
    pub revoked_host_keys: Option<PathBuf>,
    /// What to do with an unknown key.
    pub strictness: Strictness,
    /// Whether a recorded name is hashed.
    pub hash_known_hosts: bool,
    /// Key files that the command line names.
    pub explicit_identities: Vec<PathBuf>,
    /// Key files of ssh_config, or the default ones.
    pub identity_files: Vec<PathBuf>,
    /// User certificates.
    pub certificate_files: Vec<PathBuf>,
    /// Whether other keys of the agent stay out.
    pub identities_only: bool,
    /// The agent's socket.
    pub agent: Option<PathBuf>,
    /// The ways to log in, best first.
    pub methods: Vec<Method>,
    /// How often a password or passphrase is asked for.
    pub password_prompts: u32,
    /// Never ask a person.
    pub batch_mode: bool,
    /// The hosts to go through, nearest first.
    pub jump: Vec<String>,
    /// A program whose stdin and stdout are the connection.
    pub proxy_command: Option<String>,
    /// Which addresses to dial.
    pub address_family: AddressFamily,
    /// The local address to dial from.
    pub bind_address: Option<String>,
    /// The limit of each step of connecting.
    pub timeout: Duration,
    /// How often a keepalive message is sent to a quiet host.
    pub alive_interval: Duration,
    /// After how many unanswered signs the link counts as lost.
    pub alive_count: usize,
    /// What the operator should know about the configuration.
    pub notices: Vec<Notice>,
}

impl HostSettings {
    /// The names to look the host's key up by: the recorded one, and for another port also the plain one.
    pub(super) fn key_names(&self) -> (String, Option<String>) {
        match &self.host_key_alias {
            Some(alias) => (alias.to_ascii_lowercase(), None),
            None => {
                let plain = self.host.to_ascii_lowercase();
                let name = host_name_for(&plain, self.port);
                let other = (name != plain).then_some(plain);
                (name, other)
            }
        }
    }

    /// `user@host` or `user@host:port`, for messages.
    pub(super) fn label(&self) -> String {
        let place = Destination {
            name: String::new(),
            user: Some(self.user.clone()),
            address: self.host.clone(),
            port: (self.port != 22).then_some(self.port),
        };
        place.to_string()
    }
}

/// The settings that flags alone give, where no OpenSSH is installed.
pub(super) fn from_flags(destination: &Destination, options: &SshOptions) -> Result<HostSettings, ConfigurationError> {
    let environment = &options.environment;
    let user = destination.user.clone().or_else(|| environment.user.clone());
    let user = user.ok_or_else(|| ConfigurationError::NoLogin(destination.name.clone()))?;
    let in_home = |name: &str| environment.home.as_ref().map(|home| home.join(".ssh").join(name));
    let own: Vec<PathBuf> = ["known_hosts", "known_hosts2"]
        .into_iter()
        .filter_map(in_home)
        .collect();
    Ok(HostSettings {
        name: destination.name.clone(),
        user,
        host: destination.address.clone(),
        port: destination.port.unwrap_or(22),
        host_key_alias: None,
        user_known_hosts: options.known_hosts.clone().map_or(own, |file| vec![file]),
        global_known_hosts: vec!["/etc/ssh/ssh_known_hosts".into(), "/etc/ssh/ssh_known_hosts2".into()],
        revoked_host_keys: None,
        strictness: if options.accept_new { Strictness::AcceptNew } else { Strictness::Ask },
        hash_known_hosts: false,
        explicit_identities: Vec::new(),
        identity_files: DEFAULT_KEYS.into_iter().filter_map(in_home).collect(),
        certificate_files: Vec::new(),
        identities_only: false,
        agent: environment.ssh_auth_sock.clone(),
        methods: vec![Method::PublicKey, Method::KeyboardInteractive, Method::Password],
        password_prompts: 3,
        batch_mode: false,
        jump: Vec::new(),
        proxy_command: None,
        address_family: AddressFamily::Any,
        bind_address: None,
        timeout: timeout(None, options),
        alive_interval: DEFAULT_ALIVE_INTERVAL,
        alive_count: 3,
        notices: vec![Notice {
            code: "ssh_client_missing",
            message: "no OpenSSH client is installed, so ssh_config is not read: only flags and f2bctl's own configuration count".into(),
        }],
    })
}

/// The limit of each step: of the flag, of ssh_config, or the default.
pub(super) fn timeout(configured: Option<u64>, options: &SshOptions) -> Duration {
    let configured = configured.filter(|seconds| *seconds > 0).map(Duration::from_secs);
    options.connect_timeout.or(configured).unwrap_or(DEFAULT_TIMEOUT)
}
