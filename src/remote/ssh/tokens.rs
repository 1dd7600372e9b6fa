//! `~`, `%` tokens and `${NAME}` in values of ssh_config, which `ssh -G` prints as they were written.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::destination::{host_name_fault, login_fault};

/// The values that tokens stand for.
#[derive(Debug, Clone)]
pub(super) struct Tokens<'a> {
    /// `%h`: the host name to connect to.
    pub host: &'a str,
    /// `%n`: the name as it was typed.
    pub typed: &'a str,
    /// `%p`: the port.
    pub port: u16,
    /// `%r`: the login on the host.
    pub login: &'a str,
    /// `%u`: the local user.
    pub user: &'a str,
    /// `%l`: this machine's name.
    pub local: &'a str,
    /// `%k`: the host key alias, or else the name as it was typed.
    pub alias: &'a str,
    /// `%d` and `~`: the home directory.
    pub home: Option<&'a Path>,
    /// For `${NAME}`.
    pub variables: &'a BTreeMap<String, String>,
}

/// A value that cannot be read; says why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum TokenError {
    /// A token that is not expanded here.
    #[error("%{0} is not expanded by f2bctl")]
    Unknown(char),
    /// The value ends in the middle of a token.
    #[error("it ends in the middle of a token")]
    Cut,
    /// `${NAME}` of a variable that is not set.
    #[error("the environment variable {0} is not set")]
    NoVariable(String),
    /// `~` or `%d` without a home directory.
    #[error("there is no home directory")]
    NoHome,
    /// A name that a shell could take for more than a name.
    #[error("%{token} is {value:?}, and {why}")]
    Shell {
        /// The token.
        token: char,
        /// What it stands for.
        value: String,
        /// Why that is refused.
        why: String,
    },
    /// `~NAME` is another user's home.
    #[error("the home directory of another user is not looked up")]
    OtherHome,
}

impl Tokens<'_> {
    /// The file that a value names.
    pub(super) fn path(&self, value: &str) -> Result<PathBuf, TokenError> {
        let value = self.variables_in(&self.text(value)?)?;
        match value.strip_prefix('~') {
            None => Ok(PathBuf::from(value)),
            Some("") => self.home.map(Path::to_owned).ok_or(TokenError::NoHome),
            Some(rest) => {
                let rest = rest.strip_prefix('/').ok_or(TokenError::OtherHome)?;
                Ok(self.home.ok_or(TokenError::NoHome)?.join(rest.trim_start_matches('/')))
            }
        }
    }

    /// A command for a shell with its `%` tokens replaced, each of which is a name and can be nothing else.
    pub(super) fn command(&self, value: &str) -> Result<String, TokenError> {
        let names = [
            ('h', self.host),
            ('n', self.typed),
            ('k', self.alias),
            ('l', self.local),
            ('L', self.local),
        ];
        let logins = [('r', self.login), ('u', self.user)];
        let hosts = names.map(|(token, name)| (token, name, host_name_fault(name)));
        let logins = logins.map(|(token, name)| (token, name, login_fault(name)));
        for (token, name, fault) in hosts.into_iter().chain(logins) {
            if let Some(why) = fault.filter(|_| value.contains(&format!("%{token}"))) {
                let value = name.to_owned();
                return Err(TokenError::Shell { token, value, why });
            }
        }
        self.text(value)
    }

    /// A value with its `%` tokens replaced.
    pub(super) fn text(&self, value: &str) -> Result<String, TokenError> {
        let mut expanded = String::with_capacity(value.len());
        let mut characters = value.chars();
        while let Some(character) = characters.next() {
            if character != '%' {
                expanded.push(character);
                continue;
            }
            let token = characters.next().ok_or(TokenError::Cut)?;
            self.push(&mut expanded, token)?;
        }
        Ok(expanded)
    }

    fn push(&self, expanded: &mut String, token: char) -> Result<(), TokenError> {
        match token {
            '%' => expanded.push('%'),
            'h' => expanded.push_str(self.host),
            'n' => expanded.push_str(self.typed),
            'p' => expanded.push_str(&self.port.to_string()),
            'r' => expanded.push_str(self.login),
            'u' => expanded.push_str(self.user),
            'l' => expanded.push_str(self.local),
            'L' => expanded.push_str(self.local.split('.').next().unwrap_or_default()),
            'k' => expanded.push_str(self.alias),
            'i' => expanded.push_str(&rustix::process::getuid().as_raw().to_string()),
            'd' => expanded.push_str(&self.home.ok_or(TokenError::NoHome)?.to_string_lossy()),
            _ => return Err(TokenError::Unknown(token)),
        }
        Ok(())
    }

    fn variables_in(&self, value: &str) -> Result<String, TokenError> {
        let mut expanded = String::with_capacity(value.len());
        let mut rest = value;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}').ok_or(TokenError::Cut)?;
            let replacement = self
                .variables
                .get(name)
                .ok_or_else(|| TokenError::NoVariable(name.into()))?;
            expanded.push_str(before);
            expanded.push_str(replacement);
            rest = after;
        }
        expanded.push_str(rest);
        Ok(expanded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expand(value: &str) -> Result<PathBuf, TokenError> {
        let variables = BTreeMap::from([("KEYS".to_owned(), "/keys".to_owned())]);
        let tokens = Tokens {
            host: "192.0.2.7",
            typed: "web",
            port: 2222,
            login: "root",
            user: "ravi",
            local: "desk.example",
            alias: "web-alias",
            home: Some(Path::new("/home/ravi")),
            variables: &variables,
        };
        tokens.path(value)
    }

    #[test]
    fn expands_what_openssh_documents_for_files() {
        let cases = [
            ("~/.ssh/k_%r@%h", "/home/ravi/.ssh/k_root@192.0.2.7"),
            (
                "${KEYS}/%n-%p-%u-%L-%l-%k",
                "/keys/web-2222-ravi-desk-desk.example-web-alias",
            ),
            ("%d/100%%", "/home/ravi/100%"),
            ("~", "/home/ravi"),
            ("/plain path", "/plain path"),
        ];
        for (value, expected) in cases {
            assert_eq!(expand(value), Ok(PathBuf::from(expected)), "{value}");
        }
    }

    #[test]
    fn says_what_it_cannot_expand() {
        assert_eq!(expand("%C"), Err(TokenError::Unknown('C')));
        assert_eq!(expand("x%"), Err(TokenError::Cut));
        assert_eq!(expand("${NOPE}"), Err(TokenError::NoVariable("NOPE".into())));
        assert_eq!(expand("${KEYS"), Err(TokenError::Cut));
        assert_eq!(expand("~other/x"), Err(TokenError::OtherHome));
    }
}
