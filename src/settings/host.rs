//! One host that f2bctl works on: how to reach it, and where its things are.

use std::path::PathBuf;

use crate::model::runbook;
use crate::model::written_network::WrittenNetwork;

/// How to become root on the host where the login is another user's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Become {
    /// Through `sudo`.
    Sudo,
}

/// Where a host's settings come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The `prod` of the runbook, which is there without a file.
    Builtin,
    /// A `[hosts.NAME]` table of the configuration file.
    File,
    /// An Ansible inventory.
    Inventory,
    /// A plain name that is not configured: left to ssh_config and the resolver.
    Alias,
    /// `USER@ADDR[:PORT]` as it was given.
    Given,
}

impl Origin {
    /// The word, as documents have it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Builtin => "builtin",
            Self::File => "file",
            Self::Inventory => "inventory",
            Self::Alias => "alias",
            Self::Given => "given",
        }
    }
}

/// The settings of one host. Paths in it, except `identity` and `known_hosts`, are the host's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostSettings {
    /// The name in the configuration, or the text that was given.
    pub name: String,
    /// `[USER@]ADDR[:PORT]`, or a name that ssh_config knows.
    pub address: String,
    /// A private key on this machine (absolute).
    pub identity: Option<PathBuf>,
    /// A known_hosts file on this machine (absolute) instead of the usual ones.
    pub known_hosts: Option<PathBuf>,
    /// How to become root there; absent means that the login is root's already.
    pub r#become: Option<Become>,
    /// fail2ban's configuration directory.
    pub config_dir: PathBuf,
    /// fail2ban's client: a command name or an absolute path.
    pub client: String,
    /// fail2ban's action log.
    pub log: PathBuf,
    /// The file that Asterisk logs to and the jails read.
    pub asterisk_log: PathBuf,
    /// Journal, lock and audit log on the host.
    pub state_dir: PathBuf,
    /// The groups that `@GROUP` finds this host by.
    pub groups: Vec<String>,
    /// Addresses and networks that are never un-whitelisted or banned, as written.
    pub protected: Vec<WrittenNetwork>,
    /// Whether special ranges (private, documentation …) need no flag here.
    pub allow_special: bool,
    /// Where these settings come from.
    pub origin: Origin,
}

impl HostSettings {
    /// The name of the host that is there without a file.
    pub const PRODUCTION_NAME: &'static str = "prod";
    /// The runbook's PROD ("File layout on PROD"). No other line of the program names it.
    pub const PRODUCTION_ADDRESS: &'static str = "root@89.116.31.109";
    /// Runbook, File layout.
    pub const DEFAULT_CONFIG_DIR: &'static str = runbook::CONFIG_DIR;
    /// Found on the host's PATH.
    pub const DEFAULT_CLIENT: &'static str = runbook::CLIENT;
    /// Runbook, File layout: "Action log".
    pub const DEFAULT_LOG: &'static str = runbook::ACTION_LOG;
    /// Runbook, File layout: "Source the jails monitor".
    pub const DEFAULT_ASTERISK_LOG: &'static str = runbook::ASTERISK_LOG;
    /// Contract, Configuration.
    pub const DEFAULT_STATE_DIR: &'static str = runbook::STATE_DIR;

    /// A host of that name at that address, everything else as on the runbook's PROD.
    #[must_use]
    pub fn new(name: impl Into<String>, address: impl Into<String>, origin: Origin) -> Self {
        Self {
            name: name.into(),
            address: address.into(),
            identity: None,
            known_hosts: None,
            r#become: None,
            config_dir: PathBuf::from(Self::DEFAULT_CONFIG_DIR),
            client: Self::DEFAULT_CLIENT.to_owned(),
            log: PathBuf::from(Self::DEFAULT_LOG),
            asterisk_log: PathBuf::from(Self::DEFAULT_ASTERISK_LOG),
            state_dir: PathBuf::from(Self::DEFAULT_STATE_DIR),
            groups: Vec::new(),
            protected: Vec::new(),
            allow_special: false,
            origin,
        }
    }

    /// The runbook's PROD.
    #[must_use]
    pub fn production() -> Self {
        Self::new(Self::PRODUCTION_NAME, Self::PRODUCTION_ADDRESS, Origin::Builtin)
    }
}

/// Whether `text` may name a host or a group: a letter or digit, then letters, digits, `.`, `_`
/// and `-`. Such a name can be no option of a program and no list.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text
            .chars()
            .all(|each| each.is_ascii_alphanumeric() || matches!(each, '.' | '_' | '-'))
}

/// An address without the `ssh://` that it may begin with, as `ssh` takes it: the host is known by what remains.
pub(super) fn without_scheme(text: &str) -> &str {
    match text.strip_prefix("ssh://") {
        Some(bare) => bare.strip_suffix('/').unwrap_or(bare),
        None => text,
    }
}

/// What is wrong with `text` as an address, if anything: the answer completes "the address …".
pub(super) fn address_fault(text: &str) -> Option<&'static str> {
    if text.contains("://") {
        return Some("is not an address for SSH");
    }
    let (user, rest) = match text.rsplit_once('@') {
        Some((user, rest)) => (Some(user), rest),
        None => (None, text),
    };
    let plain = |part: &str| {
        !part.is_empty()
            && !part.starts_with('-')
            && !part
                .chars()
                .any(|each| each.is_whitespace() || each.is_control() || matches!(each, ',' | '"' | '\''))
    };
    if user.is_some_and(|user| !plain(user)) {
        return Some("has no usable user name before the `@`");
    }
    let (host, port) = split_port(rest);
    if !plain(host) {
        return Some("has no usable host name");
    }
    let bracketed = host
        .strip_prefix('[')
        .map(|inner| inner.strip_suffix(']').unwrap_or(""));
    if bracketed.is_some_and(|inner| inner.parse::<std::net::Ipv6Addr>().is_err()) {
        return Some("has no IPv6 address between its brackets");
    }
    if bracketed.is_none() && host.contains(':') && host.parse::<std::net::Ipv6Addr>().is_err() {
        return Some("has no usable host name");
    }
    match port {
        Some(port)
            if port
                .parse::<u16>()
                .map_or(true, |number| number == 0 || port.starts_with('+')) =>
        {
            Some("has no port between 1 and 65535 after its `:`")
        }
        _ => None,
    }
}

/// Splits `ADDR:PORT`; a bare IPv6 address has colons of its own and no port.
fn split_port(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_forms_of_the_contract() {
        for good in [
            "root@192.0.2.1",
            "root@pbx.example:2222",
            "pbx",
            "ops@[2001:db8::1]:22",
            "ops@2001:db8::1",
            "a@b@c.example",
        ] {
            assert_eq!(address_fault(good), None, "{good}");
        }
    }

    #[test]
    fn refuses_what_could_be_an_option_or_is_no_address() {
        let wrong = [
            ("", "has no usable host name"),
            ("-oProxyCommand=x", "has no usable host name"),
            ("root@-oProxyCommand=x", "has no usable host name"),
            ("-l@host", "has no usable user name before the `@`"),
            ("@host", "has no usable user name before the `@`"),
            ("root@ho st", "has no usable host name"),
            ("root@host:0", "has no port between 1 and 65535 after its `:`"),
            ("root@host:+22", "has no port between 1 and 65535 after its `:`"),
            ("root@host:70000", "has no port between 1 and 65535 after its `:`"),
            ("root@host:", "has no port between 1 and 65535 after its `:`"),
            ("root@[2001:db8::1", "has no IPv6 address between its brackets"),
            ("root@[nonsense]:22", "has no IPv6 address between its brackets"),
            ("root@a:b:c", "has no usable host name"),
        ];
        for (given, fault) in wrong {
            assert_eq!(address_fault(given), Some(fault), "{given}");
        }
    }

    #[test]
    fn names_are_plain_words() {
        assert!(is_name("pbx-1.mumbai_a"));
        for wrong in ["", "-a", ".a", "a b", "a,b", "a@b", "é"] {
            assert!(!is_name(wrong), "{wrong}");
        }
    }
}
