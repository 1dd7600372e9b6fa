//! The lab's processes: distinguished from others by what they were started with.

use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use super::{LabError, Service};

/// How long a process may take to end after being asked, and again after being killed.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often a condition is looked at while waiting.
const STEP: Duration = Duration::from_millis(20);

/// The process that `pid_file` names, if it runs and its command line names `mark`, a path that
/// only this lab's process was started with. A stale file whose number another process has by
/// now, also after a reboot, gives `None`.
pub(super) fn running(pid_file: &Path, mark: &Path) -> Option<i32> {
    let pid = std::fs::read_to_string(pid_file).ok()?.trim().parse().ok()?;
    is_ours(pid, mark).then_some(pid)
}

/// Whether process `pid` was started with `mark` among its arguments. A zombie has none.
fn is_ours(pid: i32, mark: &Path) -> bool {
    // sshd rewrites its title: the arguments are then one text with blanks between them.
    std::fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| {
        line.split(|byte| matches!(byte, 0 | b' '))
            .any(|word| word == mark.as_os_str().as_encoded_bytes())
    })
}

/// Every process whose command line names `mark`, for those whose pid file is lost.
pub(super) fn all_with(mark: &Path) -> Vec<i32> {
    pids().filter(|pid| is_ours(*pid, mark)).collect()
}

/// The children of `parent`.
pub(super) fn children(parent: i32) -> Vec<i32> {
    let wanted = format!("PPid:\t{parent}");
    pids()
        .filter(|pid| {
            std::fs::read_to_string(format!("/proc/{pid}/status"))
                .is_ok_and(|status| status.lines().any(|line| line == wanted))
        })
        .collect()
}

fn pids() -> impl Iterator<Item = i32> {
    std::fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
}

/// Asks process `pid` to end, then makes it, and waits until it has. The process is held by a
/// descriptor from before the check to the signal, so that no other can take its number between.
pub(super) fn end(service: Service, pid: i32, mark: &Path) -> Result<(), LabError> {
    for signal in [Signal::TERM, Signal::KILL] {
        let handle = Pid::from_raw(pid).and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok());
        match handle {
            Some(handle) if is_ours(pid, mark) => {
                // It may have ended by itself since; the wait below finds that out.
                let _ = pidfd_send_signal(&handle, signal);
            }
            _ => return Ok(()),
        }
        if wait(PATIENCE, || (!is_ours(pid, mark)).then_some(())).is_some() {
            return Ok(());
        }
    }
    Err(LabError::StillRunning { service, pid })
}

/// Ends a child of a process of the lab, such as the session of an sshd; its own command line
/// names nothing, so `parent` is looked at again.
pub(super) fn end_child(pid: i32, parent: i32) {
    let Some(handle) = Pid::from_raw(pid).and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok()) else {
        return;
    };
    if children(parent).contains(&pid) {
        // One that ended by itself is as good.
        let _ = pidfd_send_signal(&handle, Signal::TERM);
    }
}

/// Waits until `condition` has an answer, at most `limit`.
pub(super) fn wait<T>(limit: Duration, mut condition: impl FnMut() -> Option<T>) -> Option<T> {
    let start = Instant::now();
    loop {
        if let Some(answer) = condition() {
            return Some(answer);
        }
        if start.elapsed() > limit {
            return None;
        }
        std::thread::sleep(STEP);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stale_pid_file_is_not_another_peoples_process() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pid");
        std::fs::write(&file, format!("{}\n", std::process::id())).unwrap();
        assert_eq!(running(&file, Path::new("/no/such/mark")), None);
        let mut child = std::process::Command::new("sleep")
            .arg("60")
            .arg0_mark(folder.path())
            .spawn()
            .unwrap();
        std::fs::write(&file, child.id().to_string()).unwrap();
        let pid = i32::try_from(child.id()).unwrap();
        let found = wait(Duration::from_secs(5), || running(&file, folder.path()));
        assert_eq!(found, Some(pid));
        assert_eq!(all_with(folder.path()), [pid]);
        assert!(children(i32::try_from(std::process::id()).unwrap()).contains(&pid));
        end(Service::Fail2ban, pid, folder.path()).unwrap();
        assert_eq!(running(&file, folder.path()), None);
        assert!(!child.wait().unwrap().success());
    }

    trait Marked {
        fn arg0_mark(&mut self, mark: &Path) -> &mut Self;
    }

    impl Marked for std::process::Command {
        fn arg0_mark(&mut self, mark: &Path) -> &mut Self {
            use std::os::unix::process::CommandExt as _;
            self.arg0(mark)
        }
    }
}
