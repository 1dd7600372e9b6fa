//! Another host's fail2ban configuration, taken along for a rehearsal and made harmless.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use super::folder::{make_private, remove_file, write};
use super::{LabError, LabPaths, fail2ban, texts};

/// The file that redirects every jail; `jail.d/*.local` are read last.
const JAILS: &str = "jail.d/zz-lab.local";
/// The file that moves socket, database and log; `fail2ban.d/*.local` are read last.
const SERVER: &str = "fail2ban.d/zz-lab.local";
/// The one action that a rehearsal may run.
const ACTION: &str = "lab-record";

/// One file of a configuration directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopiedFile {
    /// Its path below the directory.
    pub path: PathBuf,
    /// Its content.
    pub bytes: Vec<u8>,
    /// Its permission bits.
    pub mode: u32,
}

/// The files of another host's /etc/fail2ban. Banned addresses are not part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopiedConfiguration {
    /// The name of that host.
    pub source: String,
    /// Its files.
    pub files: Vec<CopiedFile>,
}

impl CopiedConfiguration {
    /// Writes the files as the lab's configuration, redirects log paths, socket and actions into
    /// the lab, and proves by fail2ban's own reading that nothing reaches outside.
    pub(super) fn write(&self, paths: &LabPaths) -> Result<(), LabError> {
        let target = paths.config_dir();
        make_private(&target)?;
        for file in &self.files {
            refuse_later(&file.path)?;
            write(
                &target.join(relative(&file.path)?),
                &file.bytes,
                (file.mode & 0o777) | 0o600,
            )?;
        }
        let mut jails = texts::redirected_default().to_owned();
        for name in self.jails()? {
            jails.push_str(&texts::redirected_jail(&name, paths));
        }
        write(&target.join(JAILS), jails.as_bytes(), 0o644)?;
        write(&target.join(SERVER), texts::server_overrides(paths).as_bytes(), 0o644)?;
        // An action of the same name on that host would be read over the lab's.
        remove_file(&target.join("action.d/lab-record.local"))?;
        write(
            &target.join("action.d/lab-record.conf"),
            texts::ban_action(paths).as_bytes(),
            0o644,
        )?;
        refuse_reaching_out(&fail2ban::dump(paths)?, paths)
    }

    /// The names of all sections in the files that define jails.
    fn jails(&self) -> Result<BTreeSet<String>, LabError> {
        let mut names = BTreeSet::new();
        for file in self.files.iter().filter(|file| defines_jails(&file.path)) {
            for name in sections(&String::from_utf8_lossy(&file.bytes)) {
                if matches!(name, "DEFAULT" | "INCLUDES" | "KNOWN") {
                    continue;
                }
                if !name
                    .chars()
                    .all(|each| each.is_ascii_alphanumeric() || "._-".contains(each))
                {
                    return Err(LabError::Copied(format!("{} has a jail `{name}`", file.path.display())));
                }
                names.insert(name.to_owned());
            }
        }
        Ok(names)
    }
}

fn relative(path: &Path) -> Result<&Path, LabError> {
    let plain = path.components().all(|part| matches!(part, Component::Normal(_)));
    if plain && path.components().next().is_some() {
        return Ok(path);
    }
    Err(LabError::Copied(format!(
        "`{}` is not a path below its directory",
        path.display()
    )))
}

/// Refuses a file that fail2ban would read after the lab's own, and so over it.
fn refuse_later(path: &Path) -> Result<(), LabError> {
    let name = |path: &Path| path.file_name().map(|name| name.to_os_string());
    let later = [JAILS, SERVER]
        .map(Path::new)
        .into_iter()
        .any(|own| path.parent() == own.parent() && path.extension() == own.extension() && name(path) >= name(own));
    if !later {
        return Ok(());
    }
    Err(LabError::Copied(format!(
        "{} is read after the lab's own zz-lab.local",
        path.display()
    )))
}

fn defines_jails(path: &Path) -> bool {
    let configuration = path
        .extension()
        .is_some_and(|ending| ending == "conf" || ending == "local");
    configuration && (path.starts_with("jail.d") || path.parent() == Some(Path::new("")))
}

/// The section names of a file, as Python's configparser sees them: `[` in the first column.
fn sections(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter_map(|line| line.strip_prefix('[')?.split_once(']').map(|(name, _)| name))
}

/// Refuses a configuration whose commands name another action, another log or a program to ask.
fn refuse_reaching_out(dump: &str, paths: &LabPaths) -> Result<(), LabError> {
    let folder = paths.folder.display().to_string();
    for line in dump.lines() {
        let words: Vec<&str> = line.split('\'').skip(1).step_by(2).collect();
        let (jail, what) = match words.as_slice() {
            ["set", jail, "addaction", action, ..] if *action != ACTION => (jail, format!("the action {action}")),
            ["set", jail, "addlogpath", log, ..] if !log.starts_with(&format!("{folder}/")) => {
                (jail, format!("the log {log}"))
            }
            ["set", jail, "ignorecommand", command, ..] if !command.is_empty() => {
                (jail, format!("the command {command}"))
            }
            _ => continue,
        };
        return Err(LabError::Copied(format!("its jail {jail} would still use {what}")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Environment;

    #[test]
    fn paths_that_leave_the_directory_are_refused() {
        for wrong in ["../x", "/etc/x", "a/../../x", ""] {
            assert!(relative(Path::new(wrong)).is_err(), "{wrong}");
        }
        assert!(relative(Path::new("filter.d/a.conf")).is_ok());
    }

    #[test]
    fn files_that_are_read_after_the_labs_own_are_refused() {
        for wrong in ["jail.d/zz-lab.local", "jail.d/zzz.local", "fail2ban.d/zz-late.local"] {
            assert!(refuse_later(Path::new(wrong)).is_err(), "{wrong}");
        }
        for good in [
            "jail.d/zzz.conf",
            "jail.d/customers.local",
            "jail.local",
            "filter.d/zzz.local",
        ] {
            assert!(refuse_later(Path::new(good)).is_ok(), "{good}");
        }
    }

    #[test]
    fn what_would_reach_outside_is_named() {
        let paths = LabPaths::standard(&Environment::below(Path::new("/h")), PathBuf::from("/c")).unwrap();
        let refusal = |line: &str| refuse_reaching_out(line, &paths).unwrap_err().to_string();
        assert_eq!(
            refusal("['set', 'sshd', 'addaction', 'iptables-multiport']"),
            "the copied configuration cannot be used here: its jail sshd would still use the action iptables-multiport"
        );
        assert_eq!(
            refusal("['add', 'x']\n['set', 'sshd', 'addlogpath', '/var/log/auth.log', 'head']"),
            "the copied configuration cannot be used here: its jail sshd would still use the log /var/log/auth.log"
        );
        assert_eq!(
            refusal("['set', 'sshd', 'ignorecommand', '/bin/x <ip>']"),
            "the copied configuration cannot be used here: its jail sshd would still use the command /bin/x <ip>"
        );
        let harmless = "['set', 'sshd', 'addaction', 'lab-record']\n['set', 'sshd', 'ignorecommand', '']\n\
                        ['set', 'sshd', 'addlogpath', '/h/.local/state/f2bctl/lab/log/auth.log', 'head']";
        assert!(refuse_reaching_out(harmless, &paths).is_ok());
    }
}
