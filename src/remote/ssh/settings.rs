//! What is known of a host before it is dialled, as values; made from the answer of `ssh -G` or from flags alone.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::destination::Destination;
use super::error::ConfigurationError;
use super::known_hosts::host_name_for;
use super::options::SshOptions;
use super::prompt::Notice;
use super::tokens::Tokens;

/// How long a step of connecting may take where nothing says otherwise.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(15);
/// How often a quiet host is asked for a sign of life where ssh_config does not say.
const DEFAULT_ALIVE_INTERVAL: Duration = Duration::from_secs(15);
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
    /// How often a quiet host is asked for a sign of life.
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

/// The lines of `ssh -G`: each option with its values, in order.
#[derive(Debug, Default)]
pub(super) struct Answer(BTreeMap<String, Vec<String>>);

impl Answer {
    /// Reads the output of `ssh -G`.
    pub(super) fn read(output: &[u8]) -> Result<Self, ConfigurationError> {
        let text = std::str::from_utf8(output)
            .map_err(|_| ConfigurationError::Unreadable("its answer is not UTF-8".into()))?;
        let mut lines: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for line in text.lines() {
            if line
                .chars()
                .any(|character| character.is_control() && character != '\t')
            {
                return Err(ConfigurationError::Unreadable(format!(
                    "its answer has a control character in {line:?}"
                )));
            }
            let (key, value) = line.split_once(' ').unwrap_or((line, ""));
            lines
                .entry(key.to_ascii_lowercase())
                .or_default()
                .push(value.trim().to_owned());
        }
        Ok(Self(lines))
    }

    /// The first value of an option.
    pub(super) fn first(&self, key: &str) -> Option<&str> {
        self.0
            .get(key)?
            .first()
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// The first value, unless it is `none`.
    fn some(&self, key: &str) -> Option<&str> {
        self.first(key).filter(|value| !value.eq_ignore_ascii_case("none"))
    }

    fn all(&self, key: &str) -> impl Iterator<Item = &str> {
        self.0.get(key).into_iter().flatten().map(String::as_str)
    }

    fn flag(&self, key: &str, default: bool) -> bool {
        match self.first(key) {
            Some("yes" | "true") => true,
            Some("no" | "false") => false,
            _ => default,
        }
    }

    fn number<T: std::str::FromStr>(&self, key: &str) -> Option<T> {
        self.first(key)?.parse().ok()
    }
}

/// The settings that an answer of `ssh -G` gives, completed by the flags.
pub(super) fn from_answer(
    answer: &Answer,
    destination: &Destination,
    options: &SshOptions,
) -> Result<HostSettings, ConfigurationError> {
    let missing = |key: &str| ConfigurationError::Unreadable(format!("its answer has no {key}"));
    let host = answer.first("hostname").ok_or_else(|| missing("hostname"))?.to_owned();
    let user = answer.first("user").ok_or_else(|| missing("user"))?.to_owned();
    let port = answer.number("port").ok_or_else(|| missing("port"))?;
    let host_key_alias = answer.some("hostkeyalias").map(Into::into);
    let tokens = tokens(&host, &user, port, destination, host_key_alias.as_deref(), options);
    let mut notices = Vec::new();
    let strictness = strictness(answer, options, &mut notices);
    let mut files = |key: &str| expand_all(answer.all(key), &tokens, key, &mut notices);
    let (identity_files, certificate_files) = (files("identityfile"), files("certificatefile"));
    let proxy_command = answer.some("proxycommand").map(|command| {
        tokens
            .text(command)
            .map_err(|error| unsupported("ProxyCommand", command, &error.to_string()))
    });
    Ok(HostSettings {
        name: destination.name.clone(),
        user_known_hosts: known_hosts_files(
            answer.first("userknownhostsfile"),
            &tokens,
            options.known_hosts.as_deref(),
        )?,
        global_known_hosts: known_hosts_files(answer.first("globalknownhostsfile"), &tokens, None)?,
        revoked_host_keys: revoked_host_keys(answer, &tokens)?,
        strictness,
        hash_known_hosts: answer.flag("hashknownhosts", false),
        explicit_identities: Vec::new(),
        identity_files,
        certificate_files,
        identities_only: answer.flag("identitiesonly", false),
        agent: agent(answer.first("identityagent"), &tokens, options)?,
        methods: methods(answer),
        password_prompts: answer.number("numberofpasswordprompts").unwrap_or(3).clamp(1, 3),
        batch_mode: answer.flag("batchmode", false),
        jump: answer.some("proxyjump").map(split_jump).unwrap_or_default(),
        proxy_command: proxy_command.transpose()?,
        address_family: match answer.first("addressfamily") {
            Some("inet") => AddressFamily::Inet,
            Some("inet6") => AddressFamily::Inet6,
            _ => AddressFamily::Any,
        },
        bind_address: answer.some("bindaddress").map(Into::into),
        timeout: timeout(answer.number("connecttimeout"), options),
        alive_interval: match answer.number("serveraliveinterval") {
            Some(seconds) if seconds > 0 => Duration::from_secs(seconds),
            _ => DEFAULT_ALIVE_INTERVAL,
        },
        alive_count: answer.number("serveralivecountmax").unwrap_or(3).max(1),
        host_key_alias,
        host,
        user,
        port,
        notices,
    })
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

fn tokens<'a>(
    host: &'a str,
    login: &'a str,
    port: u16,
    destination: &'a Destination,
    alias: Option<&'a str>,
    options: &'a SshOptions,
) -> Tokens<'a> {
    let environment = &options.environment;
    Tokens {
        host,
        typed: &destination.address,
        port,
        login,
        user: environment.user.as_deref().unwrap_or_default(),
        local: &environment.host_name,
        alias: alias.unwrap_or(&destination.address),
        home: environment.home.as_deref(),
        variables: &environment.variables,
    }
}

fn timeout(configured: Option<u64>, options: &SshOptions) -> Duration {
    let configured = configured.filter(|seconds| *seconds > 0).map(Duration::from_secs);
    options.connect_timeout.or(configured).unwrap_or(DEFAULT_TIMEOUT)
}

fn strictness(answer: &Answer, options: &SshOptions, notices: &mut Vec<Notice>) -> Strictness {
    let configured = match answer.first("stricthostkeychecking") {
        Some("yes" | "true") => Strictness::Refuse,
        Some("accept-new") => Strictness::AcceptNew,
        Some("no" | "off" | "false") => {
            notices.push(Notice {
                code: "host_key_check_stays_on",
                message: "ssh_config turns the host key check off for this host; f2bctl records an unknown key and refuses a changed one all the same".into(),
            });
            Strictness::AcceptNew
        }
        _ => Strictness::Ask,
    };
    if options.accept_new {
        Strictness::AcceptNew
    } else {
        configured
    }
}

fn unsupported(option: &'static str, value: &str, why: &str) -> ConfigurationError {
    ConfigurationError::Unsupported {
        option,
        value: value.into(),
        why: why.into(),
    }
}

/// Files of which some may be impossible to name: those are left out, and said.
fn expand_all<'a>(
    values: impl Iterator<Item = &'a str>,
    tokens: &Tokens<'_>,
    key: &str,
    notices: &mut Vec<Notice>,
) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    for value in values.filter(|value| !value.eq_ignore_ascii_case("none")) {
        match tokens.path(value) {
            Ok(path) => paths.push(path),
            Err(error) => notices.push(Notice {
                code: "ssh_option_not_honoured",
                message: format!("ssh_config's {key} {value:?} is left out: {error}"),
            }),
        }
    }
    paths
}

/// `ssh -G` prints several files on one line without quotes: a word that begins no path belongs to the one before it.
fn known_hosts_files(
    line: Option<&str>,
    tokens: &Tokens<'_>,
    own: Option<&Path>,
) -> Result<Vec<PathBuf>, ConfigurationError> {
    if let Some(own) = own {
        return Ok(vec![own.to_owned()]);
    }
    let mut values: Vec<String> = Vec::new();
    for word in line.unwrap_or_default().split(' ') {
        match values.last_mut() {
            Some(last) if !word.starts_with(['/', '~', '$', '%']) && word != "none" => {
                last.push(' ');
                last.push_str(word);
            }
            _ => values.push(word.to_owned()),
        }
    }
    values
        .iter()
        .filter(|value| !value.is_empty() && *value != "none")
        .map(|value| {
            tokens
                .path(value)
                .map_err(|error| unsupported("UserKnownHostsFile", value, &error.to_string()))
        })
        .collect()
}

fn revoked_host_keys(answer: &Answer, tokens: &Tokens<'_>) -> Result<Option<PathBuf>, ConfigurationError> {
    let expand = |value: &str| {
        tokens
            .path(value)
            .map_err(|error| unsupported("RevokedHostKeys", value, &error.to_string()))
    };
    answer.some("revokedhostkeys").map(expand).transpose()
}

fn agent(
    value: Option<&str>,
    tokens: &Tokens<'_>,
    options: &SshOptions,
) -> Result<Option<PathBuf>, ConfigurationError> {
    let own = options.environment.ssh_auth_sock.clone();
    match value {
        None | Some("SSH_AUTH_SOCK") => Ok(own),
        Some(none) if none.eq_ignore_ascii_case("none") => Ok(None),
        Some(value) => {
            if let Some(name) = value.strip_prefix('$').filter(|name| !name.starts_with('{')) {
                return Ok(options.environment.variables.get(name).map(PathBuf::from));
            }
            let path = tokens.path(value);
            path.map(Some)
                .map_err(|error| unsupported("IdentityAgent", value, &error.to_string()))
        }
    }
}

fn methods(answer: &Answer) -> Vec<Method> {
    let allowed = |method: &Method| match method {
        Method::PublicKey => !matches!(answer.first("pubkeyauthentication"), Some("no" | "false")),
        Method::KeyboardInteractive => answer.flag("kbdinteractiveauthentication", true),
        Method::Password => answer.flag("passwordauthentication", true),
    };
    let all = [Method::PublicKey, Method::KeyboardInteractive, Method::Password];
    let preferred: Vec<Method> = match answer.some("preferredauthentications") {
        None => all.to_vec(),
        Some(list) => list
            .split(',')
            .filter_map(|word| all.into_iter().find(|method| method.word() == word.trim()))
            .collect(),
    };
    preferred.into_iter().filter(allowed).collect()
}

/// The hosts of a ProxyJump, nearest first; `ssh://` is optional.
pub(super) fn split_jump(value: &str) -> Vec<String> {
    value
        .split(',')
        .map(|hop| hop.trim().trim_start_matches("ssh://").trim_end_matches('/').to_owned())
        .filter(|hop| !hop.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remote::ssh::options::Environment;

    fn options() -> SshOptions {
        let environment = Environment {
            home: Some("/home/ravi".into()),
            user: Some("ravi".into()),
            ssh_auth_sock: Some("/run/agent".into()),
            ..Environment::default()
        };
        SshOptions {
            environment,
            ..SshOptions::default()
        }
    }

    fn settings(extra: &str) -> Result<HostSettings, ConfigurationError> {
        let output = format!("host web\nuser root\nhostname Web.Example\nport 2222\n{extra}");
        from_answer(
            &Answer::read(output.as_bytes())?,
            &Destination::parse("web").unwrap(),
            &options(),
        )
    }

    #[test]
    fn reads_what_decides_about_a_connection() {
        let settings = settings(
            "identityfile ~/.ssh/k_%r@%h\nidentityfile ~/.ssh/other\nproxyjump a,ssh://b:22/\nconnecttimeout 9\n\
             userknownhostsfile /root/.ssh/kh1 /tmp/a b/kh2 ~/kh\nserveraliveinterval 7\nidentityagent none\nhashknownhosts yes\n",
        )
        .unwrap();
        assert_eq!(settings.label(), "root@Web.Example:2222");
        assert_eq!(
            settings.key_names(),
            ("[web.example]:2222".into(), Some("web.example".into()))
        );
        assert_eq!(
            settings.identity_files,
            [
                PathBuf::from("/home/ravi/.ssh/k_root@Web.Example"),
                "/home/ravi/.ssh/other".into()
            ]
        );
        assert_eq!(settings.jump, ["a", "b:22"]);
        assert_eq!(
            settings.user_known_hosts,
            [
                PathBuf::from("/root/.ssh/kh1"),
                "/tmp/a b/kh2".into(),
                "/home/ravi/kh".into()
            ]
        );
        assert_eq!((settings.timeout.as_secs(), settings.alive_interval.as_secs()), (9, 7));
        assert_eq!((settings.agent, settings.hash_known_hosts), (None, true));
    }

    #[test]
    fn no_value_turns_the_host_key_check_off() {
        let settings = settings("stricthostkeychecking false\n").unwrap();
        assert_eq!(settings.strictness, Strictness::AcceptNew);
        assert_eq!(
            settings.notices.first().map(|notice| notice.code),
            Some("host_key_check_stays_on")
        );
    }

    #[test]
    fn says_which_key_file_cannot_be_named_and_refuses_what_would_weaken_trust() {
        let settings_with_hash = settings("identityfile ~/k_%C\n").unwrap();
        assert!(
            settings_with_hash
                .notices
                .iter()
                .any(|notice| notice.message.contains("k_%C"))
        );
        assert!(matches!(
            settings("revokedhostkeys /r/%C\n"),
            Err(ConfigurationError::Unsupported { .. })
        ));
    }

    #[test]
    fn hostile_answers_are_refused() {
        assert!(matches!(
            settings("identityfile a\u{1b}b\n"),
            Err(ConfigurationError::Unreadable(_))
        ));
        assert!(matches!(
            Answer::read(b"host \xff\n"),
            Err(ConfigurationError::Unreadable(_))
        ));
        let destination = Destination::parse("web").unwrap();
        let answer = Answer::read(b"host web\nport 99999\nuser x\nhostname y\n").unwrap();
        assert!(from_answer(&answer, &destination, &options()).is_err());
    }

    #[test]
    fn keeps_the_order_of_login_methods_that_is_preferred() {
        let methods = settings("preferredauthentications password,hostbased,publickey\npubkeyauthentication true\n")
            .unwrap()
            .methods;
        assert_eq!(methods, [Method::Password, Method::PublicKey]);
        assert_eq!(
            settings("pubkeyauthentication no\nbatchmode yes\n")
                .unwrap()
                .methods
                .first(),
            Some(&Method::KeyboardInteractive)
        );
    }
}
