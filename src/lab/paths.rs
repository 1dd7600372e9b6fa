//! Where everything of the rehearsal host is.

use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::LabError;
use crate::settings::Environment;

/// The longest path of a unix socket on Linux: 108 bytes with the closing zero.
const LONGEST_SOCKET_PATH: usize = 107;
/// The socket's name in its folder.
const SOCKET: &str = "fail2ban.sock";

/// The places of one lab. Everything but `configuration_file` belongs to it alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabPaths {
    /// The private folder.
    pub folder: PathBuf,
    /// Where the sockets are: in the folder, or in a short place where its path is too long.
    pub sockets: PathBuf,
    /// The configuration file that gets the host `lab`.
    pub configuration_file: PathBuf,
}

impl LabPaths {
    /// The lab of this operator, in `$XDG_STATE_HOME/f2bctl/lab`; `configuration_file` is the
    /// one that this run reads ([`crate::settings::Settings::path`]).
    ///
    /// # Errors
    /// [`LabError::FolderName`] for a path that cannot be in sshd's and fail2ban's files.
    pub fn standard(environment: &Environment, configuration_file: PathBuf) -> Result<Self, LabError> {
        let folder = environment.state_home.join("f2bctl").join("lab");
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._+@-".contains(byte);
        if !folder.is_absolute() || !folder.as_os_str().as_bytes().iter().all(plain) {
            return Err(LabError::FolderName(folder));
        }
        let sockets = sockets(&folder);
        Ok(Self {
            folder,
            sockets,
            configuration_file,
        })
    }

    /// The record that makes the folder a lab.
    pub(super) fn record(&self) -> PathBuf {
        self.folder.join("lab.json")
    }

    /// sshd's keys and configuration.
    pub(super) fn secure_shell(&self, name: &str) -> PathBuf {
        self.folder.join("ssh").join(name)
    }

    /// The home of whoever logs in: empty, so that the operator's own shell start-up files play no part.
    pub(super) fn login_home(&self) -> PathBuf {
        self.folder.join("home")
    }

    /// fail2ban's configuration directory.
    #[must_use]
    pub fn config_dir(&self) -> PathBuf {
        self.folder.join("etc").join("fail2ban")
    }

    /// The logs.
    pub(super) fn log(&self, name: &str) -> PathBuf {
        self.folder.join("log").join(name)
    }

    /// fail2ban's action log.
    #[must_use]
    pub fn action_log(&self) -> PathBuf {
        self.log("fail2ban.log")
    }

    /// What Asterisk would log.
    #[must_use]
    pub fn asterisk_log(&self) -> PathBuf {
        self.log("messages.log")
    }

    /// What an sshd that is open to the world would log.
    pub(super) fn auth_log(&self) -> PathBuf {
        self.log("auth.log")
    }

    /// Where the harmless ban action keeps its lists, one file a jail.
    #[must_use]
    pub fn bans(&self) -> PathBuf {
        self.folder.join("bans")
    }

    /// fail2ban's database.
    pub(super) fn database(&self) -> PathBuf {
        self.folder.join("fail2ban.sqlite3")
    }

    /// f2bctl's own state directory on this host.
    #[must_use]
    pub fn state_dir(&self) -> PathBuf {
        self.folder.join("state")
    }

    /// fail2ban's socket.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.sockets.join(SOCKET)
    }

    /// fail2ban's pid file.
    #[must_use]
    pub fn fail2ban_pid(&self) -> PathBuf {
        self.sockets.join("fail2ban.pid")
    }

    /// sshd's pid file.
    #[must_use]
    pub fn sshd_pid(&self) -> PathBuf {
        self.secure_shell("sshd.pid")
    }
}

/// The folder of the sockets. The short place follows from the user and the folder alone, not
/// from `XDG_RUNTIME_DIR`: the lab outlives the login that made it, and the next one has to find it.
fn sockets(folder: &Path) -> PathBuf {
    let inside = folder.join("run");
    if inside.join(SOCKET).as_os_str().len() <= LONGEST_SOCKET_PATH {
        return inside;
    }
    let user = rustix::process::geteuid().as_raw();
    // Two labs of one user (two state homes) must not meet there.
    let digest = Sha256::digest(folder.as_os_str().as_bytes());
    let own: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    PathBuf::from(format!("/tmp/f2bctl-lab-{user}")).join(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_folder_gets_a_short_place_for_its_sockets() {
        let at = |home: &str| LabPaths::standard(&Environment::below(Path::new(home)), PathBuf::from("/c")).unwrap();
        let short = at("/home/a");
        assert_eq!(
            short.socket(),
            Path::new("/home/a/.local/state/f2bctl/lab/run/fail2ban.sock")
        );
        let (one, two) = (at(&format!("/{}", "a".repeat(90))), at(&format!("/{}", "b".repeat(90))));
        assert!(one.socket().as_os_str().len() <= 107);
        assert!(one.socket().starts_with("/tmp"));
        assert_ne!(one.socket(), two.socket());
    }

    #[test]
    fn a_folder_that_fail2ban_would_interpolate_is_refused() {
        for home in ["/home/100%", "/home/a b", "/home/a;b", "relative"] {
            let environment = Environment::below(Path::new(home));
            assert!(
                matches!(
                    LabPaths::standard(&environment, PathBuf::from("/c")),
                    Err(LabError::FolderName(_))
                ),
                "{home}"
            );
        }
    }
}
