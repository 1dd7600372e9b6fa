//! Ending a rehearsal host that a test no longer needs: at once, since how a host is taken down is a test of its own.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// How long killed processes may take to be gone.
const PATIENCE: Duration = Duration::from_secs(5);

/// Kills every process with this folder in its command line, and what these have started.
pub fn kill_all_of(folder: &Path) {
    let start = Instant::now();
    loop {
        let found = all_of(folder);
        if found.is_empty() || start.elapsed() > PATIENCE {
            return;
        }
        for pid in found.into_iter().filter_map(Pid::from_raw) {
            // One that has ended meanwhile is as good.
            let _ = kill_process(pid, Signal::KILL);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Those that name the folder, and their descendants; a zombie names nothing.
fn all_of(folder: &Path) -> BTreeSet<i32> {
    let mark = folder.as_os_str().as_encoded_bytes();
    let names_it = |pid: i32| {
        std::fs::read(format!("/proc/{pid}/cmdline"))
            .is_ok_and(|line| line.windows(mark.len()).any(|window| window == mark))
    };
    let all: Vec<(i32, i32)> = pids().filter_map(|pid| Some((pid, parent(pid)?))).collect();
    let mut found: BTreeSet<i32> = all.iter().map(|(pid, _)| *pid).filter(|pid| names_it(*pid)).collect();
    loop {
        let children = all
            .iter()
            .filter(|(_, parent)| found.contains(parent))
            .map(|(pid, _)| *pid);
        let more: Vec<i32> = children.filter(|pid| !found.contains(pid)).collect();
        if more.is_empty() {
            return found;
        }
        found.extend(more);
    }
}

fn pids() -> impl Iterator<Item = i32> {
    let entries = std::fs::read_dir("/proc").expect("processes");
    entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
}

/// The parent of a process that is no zombie.
fn parent(pid: i32) -> Option<i32> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in brackets may hold blanks; the state and the parent follow it.
    let mut words = stat.rsplit_once(')')?.1.split_whitespace();
    let state = words.next()?;
    (state != "Z").then(|| words.next()?.parse().ok())?
}
