//! The answer of `ssh -G`, read with care, and the settings that it gives a host.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::model::comment_text::is_hidden;

use super::configuration_error::ConfigurationError;
use super::destination::{Destination, host_name_fault, login_fault};
use super::options::SshOptions;
use super::prompt::Notice;
use super::settings::{AddressFamily, DEFAULT_ALIVE_INTERVAL, HostSettings, Method, Strictness, timeout};
use super::tokens::Tokens;

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
            if line.chars().any(|character| is_hidden(character) && character != '\t') {
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

/// Reads any output as the answer of `ssh -G` and says where it leads, such as `ravi@192.0.2.7:2222`: the whole way that such
/// text goes, for checks that feed it anything.
///
/// # Errors
/// [`ConfigurationError`] for what is no such answer, or names something that cannot be honoured.
pub fn read_ssh_answer(
    output: &[u8],
    destination: &Destination,
    options: &SshOptions,
) -> Result<String, ConfigurationError> {
    let answer = Answer::read(output)?;
    from_answer(&answer, destination, options).map(|settings| settings.label())
}

/// The settings that an answer of `ssh -G` gives, completed by the flags.
pub(super) fn from_answer(
    answer: &Answer,
    destination: &Destination,
    options: &SshOptions,
) -> Result<HostSettings, ConfigurationError> {
    let missing = |key: &str| ConfigurationError::Unreadable(format!("its answer has no {key}"));
    let name = |key: &str, option: &'static str, fault: fn(&str) -> Option<String>| {
        let value = answer.first(key).ok_or_else(|| missing(key))?;
        match fault(value) {
            Some(why) => Err(unsupported(option, value, &why)),
            None => Ok(value.to_owned()),
        }
    };
    let host = name("hostname", "HostName", host_name_fault)?;
    let user = name("user", "User", login_fault)?;
    let port = answer.number("port").ok_or_else(|| missing("port"))?;
    let host_key_alias = answer.some("hostkeyalias").map(Into::into);
    let tokens = tokens(&host, &user, port, destination, host_key_alias.as_deref(), options);
    let mut notices = Vec::new();
    let strictness = strictness(answer, options, &mut notices);
    let mut files = |key: &str| expand_all(answer.all(key), &tokens, key, &mut notices);
    let (identity_files, certificate_files) = (files("identityfile"), files("certificatefile"));
    let proxy_command = answer.some("proxycommand").map(|command| {
        tokens
            .command(command)
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

/// Files of which some may be impossible to name: those are left out, with a warning.
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
    fn names_with_white_space_or_hidden_characters_lead_nowhere() {
        let destination = Destination::parse("pbx").unwrap();
        for answer in [
            "hostname a\tb\nuser u\nport 22\n",
            "hostname a b\nuser u\nport 22\n",
            "hostname a\nuser u\tv\nport 22\n",
            "hostname a\u{202e}b\nuser u\nport 22\n",
        ] {
            let read = read_ssh_answer(answer.as_bytes(), &destination, &SshOptions::default());
            assert!(
                matches!(
                    read,
                    Err(ConfigurationError::Unreadable(_) | ConfigurationError::Unsupported { .. })
                ),
                "{answer:?}"
            );
        }
    }

    #[test]
    fn shell_text_in_a_name_reaches_no_proxy_command() {
        let destination = Destination::parse("pbx").unwrap();
        for (host, user, more) in [
            ("192.0.2.7;id", "root", ""),
            ("$(id)", "root", ""),
            ("192.0.2.7", "root`id`", ""),
            ("192.0.2.7", "root$IFS", ""),
            ("192.0.2.7", "-oProxyCommand=id", ""),
            ("192.0.2.7", "root", "hostkeyalias a;id\n"),
        ] {
            let answer =
                format!("hostname {host}\nuser {user}\nport 22\n{more}proxycommand nc -X connect %h %p %r %k\n");
            let read = read_ssh_answer(answer.as_bytes(), &destination, &SshOptions::default());
            assert!(
                matches!(read, Err(ConfigurationError::Unsupported { .. })),
                "{answer:?}: {read:?}"
            );
        }
        let answer = Answer::read(b"hostname 192.0.2.7\nuser root\nport 22\nproxycommand nc '%h' %p | tee %%r\n");
        let settings = from_answer(&answer.unwrap(), &destination, &options()).unwrap();
        assert_eq!(settings.proxy_command.as_deref(), Some("nc '192.0.2.7' 22 | tee %r"));
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
