//! Where a session goes: the text an operator typed, taken apart; names that could be read as an option or a command are refused.

use std::fmt;
use std::net::Ipv6Addr;

/// A host as the operator named it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// The name as typed or configured; used in messages only.
    pub name: String,
    /// The login, if the text gave one.
    pub user: Option<String>,
    /// A host name, an address, or an alias from ssh_config.
    pub address: String,
    /// The port, if the text gave one.
    pub port: Option<u16>,
}

/// Why a text is no destination.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DestinationError {
    /// There is nothing where a host should be.
    #[error("the host in {0:?} is empty; write NAME, USER@ADDRESS or USER@ADDRESS:PORT")]
    Empty(String),
    /// The text holds a character that no host or login has.
    #[error("{text:?} holds {found:?}, which no host name or login has")]
    Character {
        /// The text as given.
        text: String,
        /// The first such character.
        found: char,
    },
    /// It is an address of something else than SSH.
    #[error("{0:?} is not an address for SSH; write USER@ADDRESS:PORT or ssh://USER@ADDRESS:PORT")]
    Scheme(String),
    /// The text would be read as an option.
    #[error("{0:?} begins with a hyphen, so ssh would read it as an option")]
    Hyphen(String),
    /// What follows the colon is not a port.
    #[error("{0:?} is not a port; a port is a number from 1 to 65535")]
    Port(String),
    /// Several colons or brackets, and it is not an IPv6 address.
    #[error("{0:?} has several colons or brackets but is not an IPv6 address; write [ADDRESS]:PORT")]
    Colons(String),
}

impl Destination {
    /// Reads `NAME`, `USER@ADDRESS`, `USER@ADDRESS:PORT` or `USER@[V6]:PORT`, also as an `ssh://` address.
    ///
    /// # Errors
    /// When a part is empty, begins with a hyphen, or holds white space, control or shell characters, or the port is none.
    pub fn parse(text: &str) -> Result<Self, DestinationError> {
        if let Some(found) = text.chars().find(|found| is_forbidden(*found)) {
            return Err(DestinationError::Character {
                text: text.into(),
                found,
            });
        }
        let bare = match text.strip_prefix("ssh://") {
            Some(bare) => bare.strip_suffix('/').unwrap_or(bare),
            None => text,
        };
        if bare.contains("://") {
            return Err(DestinationError::Scheme(text.into()));
        }
        let (user, place) = match bare.rsplit_once('@') {
            Some((user, place)) => (Some(user), place),
            None => (None, bare),
        };
        let (address, port) = split_port(place)?;
        if address.starts_with('-') || user.is_some_and(|user| user.starts_with('-')) {
            return Err(DestinationError::Hyphen(text.into()));
        }
        if address.contains(['[', ']']) || (address.contains(':') && !is_ipv6(address)) {
            return Err(DestinationError::Colons(text.into()));
        }
        if address.is_empty() || user == Some("") {
            return Err(DestinationError::Empty(text.into()));
        }
        Ok(Self {
            name: text.into(),
            user: user.map(Into::into),
            address: address.into(),
            port,
        })
    }

    /// The same place under the name that the configuration gives it.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        self.name = name.into();
        self
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(user) = &self.user {
            write!(formatter, "{user}@")?;
        }
        match self.port {
            Some(port) if self.address.contains(':') => write!(formatter, "[{}]:{port}", self.address),
            Some(port) => write!(formatter, "{}:{port}", self.address),
            None => formatter.write_str(&self.address),
        }
    }
}

/// Why a host name of ssh_config is refused, after OpenSSH's `valid_hostname` (ssh.c): a shell of a ProxyCommand or of a
/// `Match exec` could take it for more than a name.
pub(super) fn host_name_fault(name: &str) -> Option<String> {
    let is_bad = |found: &char| found.is_control() || found.is_whitespace() || "'`\"$\\;&<>|(){},".contains(*found);
    fault_of(name, name.chars().find(is_bad))
}

/// The same for a login, after `valid_ruser`: it may hold spaces and backslashes, as those of a directory service do. What
/// a shell would expand in it (`$`) is refused as well, since f2bctl puts it into commands.
pub(super) fn login_fault(login: &str) -> Option<String> {
    let is_bad = |found: &char| found.is_control() || "'`\"$;&<>|(){}".contains(*found);
    let option = login
        .split(char::is_whitespace)
        .skip(1)
        .any(|word| word.starts_with('-'));
    let bad = login.chars().find(is_bad);
    fault_of(
        login,
        bad.or(option.then_some('-')).or(login.ends_with('\\').then_some('\\')),
    )
}

fn fault_of(name: &str, bad: Option<char>) -> Option<String> {
    match bad {
        _ if name.starts_with('-') => {
            Some("it begins with a hyphen, so a program would read it as an option".to_owned())
        }
        Some(found) => Some(format!(
            "a shell could take {found:?} in it for more than a part of a name"
        )),
        None => None,
    }
}

/// What OpenSSH refuses in a host name or login because a shell of a ProxyCommand or Match exec could see it.
fn is_forbidden(found: char) -> bool {
    found.is_control() || found.is_whitespace() || "'\"`$\\;&<>|(){},*?!#".contains(found)
}

fn split_port(place: &str) -> Result<(&str, Option<u16>), DestinationError> {
    if let Some(inside) = place.strip_prefix('[') {
        let (address, rest) = inside
            .split_once(']')
            .ok_or_else(|| DestinationError::Colons(place.into()))?;
        return match rest.strip_prefix(':') {
            Some(port) => Ok((address, Some(parse_port(port)?))),
            None if rest.is_empty() => Ok((address, None)),
            None => Err(DestinationError::Port(rest.into())),
        };
    }
    match place.matches(':').count() {
        0 => Ok((place, None)),
        1 => {
            let (address, port) = place.split_once(':').unwrap_or((place, ""));
            Ok((address, Some(parse_port(port)?)))
        }
        _ if is_ipv6(place) => Ok((place, None)),
        _ => Err(DestinationError::Colons(place.into())),
    }
}

fn is_ipv6(text: &str) -> bool {
    let address = text.split_once('%').map_or(text, |(address, _zone)| address);
    address.parse::<Ipv6Addr>().is_ok()
}

fn parse_port(text: &str) -> Result<u16, DestinationError> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse::<u16>() {
        Ok(port) if digits && port > 0 => Ok(port),
        _ => Err(DestinationError::Port(text.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (Option<String>, String, Option<u16>) {
        let destination = Destination::parse(text).unwrap();
        (destination.user, destination.address, destination.port)
    }

    #[test]
    fn takes_the_forms_that_the_contract_names() {
        assert_eq!(parts("prod"), (None, "prod".into(), None));
        assert_eq!(parts("root@192.0.2.7"), (Some("root".into()), "192.0.2.7".into(), None));
        assert_eq!(
            parts("root@192.0.2.7:2222"),
            (Some("root".into()), "192.0.2.7".into(), Some(2222))
        );
        assert_eq!(
            parts("root@[2001:db8::1]:22"),
            (Some("root".into()), "2001:db8::1".into(), Some(22))
        );
        assert_eq!(parts("[2001:db8::1]"), (None, "2001:db8::1".into(), None));
        assert_eq!(parts("2001:db8::1"), (None, "2001:db8::1".into(), None));
        assert_eq!(
            parts("first@last@host"),
            (Some("first@last".into()), "host".into(), None)
        );
    }

    #[test]
    fn refuses_what_ssh_or_a_shell_would_read_otherwise() {
        for text in ["-oProxyCommand=x", "root@-oProxyCommand=x", "-l@host"] {
            assert_eq!(Destination::parse(text), Err(DestinationError::Hyphen(text.into())));
        }
        for text in [
            "a b",
            "a\tb",
            "a\nb",
            "a;b",
            "$(id)",
            "a`id`",
            "host\u{1b}[2J",
            "a|b",
            "\u{a0}host",
        ] {
            assert!(
                matches!(Destination::parse(text), Err(DestinationError::Character { .. })),
                "{text:?}"
            );
        }
        for text in ["", "root@", "@host", "root@:22"] {
            assert_eq!(
                Destination::parse(text),
                Err(DestinationError::Empty(text.into())),
                "{text:?}"
            );
        }
        for text in ["host:", "host:0", "host:65536", "host:+22", "host:x", "[::1]x"] {
            assert!(
                matches!(Destination::parse(text), Err(DestinationError::Port(_))),
                "{text:?}"
            );
        }
        for text in ["a:b:c", "[::1", "[[]", "a]b", "[a:b]"] {
            assert!(
                matches!(Destination::parse(text), Err(DestinationError::Colons(_))),
                "{text:?}"
            );
        }
    }

    #[test]
    fn an_ssh_address_is_read_like_the_same_without_its_scheme() {
        for text in [
            "root@192.0.2.7",
            "root@192.0.2.7:2222",
            "root@[2001:db8::1]:22",
            "root@[2001:db8::1]",
            "pbx",
        ] {
            assert_eq!(parts(&format!("ssh://{text}")), parts(text));
            assert_eq!(parts(&format!("ssh://{text}/")), parts(text));
        }
        for text in [
            "ssh://",
            "ssh:///",
            "http://root@192.0.2.7",
            "ssh://a/b/c:x",
            "ssh://ssh://pbx",
        ] {
            assert!(Destination::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn names_of_ssh_config_that_a_shell_could_take_for_more_are_refused_as_openssh_does() {
        for name in [
            "-oProxyCommand=x",
            "a b",
            "a;b",
            "$(id)",
            "`id`",
            "a|b",
            "a\u{1b}b",
            "a'b",
            "a,b",
            "{a}",
        ] {
            assert!(host_name_fault(name).is_some(), "{name:?}");
        }
        for name in ["pbx-1.example", "192.0.2.7", "2001:db8::1", "fe80::1%eth0", "pbx_1"] {
            assert_eq!(host_name_fault(name), None, "{name:?}");
        }
        for login in [
            "-l", "a -oX", "a;b", "$(id)", "${IFS}", "$HOME", "`id`", "a|b", "a\nb", "a'b", "a\\",
        ] {
            assert!(login_fault(login).is_some(), "{login:?}");
        }
        for login in [
            "root",
            "ravi.k",
            "PBX\\ravi",
            "ravi@example.org",
            "Ravi Kumar",
            "ravi-k",
        ] {
            assert_eq!(login_fault(login), None, "{login:?}");
        }
    }

    #[test]
    fn shows_what_it_read() {
        for text in ["root@[2001:db8::1]:22", "root@192.0.2.7:2222", "prod"] {
            assert_eq!(Destination::parse(text).unwrap().to_string(), text);
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_accepted_reads_the_same_again(text in "[a-c@:.\\[\\]0-9%-]{0,14}") {
            if let Ok(first) = Destination::parse(&text) {
                let again = Destination::parse(&first.to_string()).expect("a destination that was shown");
                proptest::prop_assert_eq!((first.user, first.address, first.port), (again.user, again.address, again.port));
            }
        }
    }
}
