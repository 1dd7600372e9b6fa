//! What the caller decides about a session, and the part of the process's surroundings that a session depends on.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::keyring::Keyring;

/// The flags and the host's own configuration, as far as they concern the connection.
#[derive(Debug, Clone, Default)]
pub struct SshOptions {
    /// Read this instead of the operator's own ssh_config (`ssh -F`).
    pub ssh_config: Option<PathBuf>,
    /// Key files to offer first, in this order (`ssh -i`).
    pub identities: Vec<PathBuf>,
    /// Hosts to go through, nearest first (`ssh -J`); empty leaves it to ssh_config.
    pub jump: Vec<String>,
    /// The only file of the operator's own known hosts; the system's files still count.
    pub known_hosts: Option<PathBuf>,
    /// Record an unknown host key instead of asking or refusing. A changed key is refused all the same.
    pub accept_new: bool,
    /// How long to wait for each step of connecting; `None` leaves it to ssh_config's ConnectTimeout, or else 15 s.
    pub connect_timeout: Option<Duration>,
    /// Keys that were opened before; share it between hosts and logins.
    pub keyring: Keyring,
    /// The surroundings.
    pub environment: Environment,
}

/// What a session takes from the process that it runs in, as a value so that a test can choose it.
#[derive(Clone, Default)]
pub struct Environment {
    /// The home directory, for `~`.
    pub home: Option<PathBuf>,
    /// The local user's name, for `%u` and as the login where nothing names one.
    pub user: Option<String>,
    /// This machine's own name, for `%l`.
    pub host_name: String,
    /// The socket of the operator's ssh-agent.
    pub ssh_auth_sock: Option<PathBuf>,
    /// The shell that runs a ProxyCommand.
    pub shell: PathBuf,
    /// The OpenSSH client that says what its configuration means; looked up in PATH when it has no slash.
    pub ssh: PathBuf,
    /// Environment variables for `${NAME}` in ssh_config. Never shown: they may hold secrets.
    pub variables: BTreeMap<String, String>,
}

impl Environment {
    /// The surroundings of this process. Variables that are not UTF-8 are left out.
    #[must_use]
    pub fn of_this_process() -> Self {
        let variables: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let variable = |name: &str| variables.get(name).filter(|value| !value.is_empty()).cloned();
        let host_name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        Self {
            home: variable("HOME").map(PathBuf::from),
            user: variable("USER")
                .or_else(|| variable("LOGNAME"))
                .or_else(|| whoami::fallible::username().ok()),
            host_name: host_name.trim().to_owned(),
            ssh_auth_sock: variable("SSH_AUTH_SOCK").map(PathBuf::from),
            shell: variable("SHELL").map_or_else(|| PathBuf::from("/bin/sh"), PathBuf::from),
            ssh: PathBuf::from("ssh"),
            variables,
        }
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Environment")
            .field("home", &self.home)
            .field("user", &self.user)
            .field("host_name", &self.host_name)
            .field("ssh_auth_sock", &self.ssh_auth_sock)
            .field("shell", &self.shell)
            .field("ssh", &self.ssh)
            .field("variables", &format_args!("{} not shown", self.variables.len()))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environment_variables_never_reach_a_debug_text() {
        let environment = Environment {
            variables: BTreeMap::from([("TOKEN".into(), "hush".into())]),
            ..Environment::default()
        };
        let shown = format!("{environment:?}");
        assert!(!shown.contains("hush") && !shown.contains("TOKEN"), "{shown}");
    }
}
