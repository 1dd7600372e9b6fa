//! Says that a test, or a part of it, cannot be tried here, and why.
//!
//! The test harness of Rust knows only "passed" and "failed" for what has begun. So each test that finds out that it cannot
//! be tried says so here: past the harness on stderr, and in the file that `F2BCTL_LEFT_OUT` names. `tests/run` takes
//! these tests off the ones that passed, and runs those that lack nothing but root once more through sudo.

#![allow(dead_code, reason = "each test program uses its own part")]

use std::fs::File;
use std::io::Write as _;
use std::panic::Location;

/// Whether this is root. If not, it says that the calling test is left out, because root alone can do this.
#[track_caller]
pub fn is_root_for(what: &str) -> bool {
    let is_root = rustix::process::geteuid().is_root();
    if !is_root {
        report("root", &format!("needs root: {what}"));
    }
    is_root
}

/// Says that the calling test, or a part of it, is left out for a reason that root's rights do not change.
#[track_caller]
pub fn left_out(why: &str) {
    report("other", why);
}

#[track_caller]
fn report(lacks: &str, why: &str) {
    let (thread, place) = (std::thread::current(), Location::caller());
    // With one thread alone the harness runs tests on its main thread, which has no test's name.
    let test = match thread.name() {
        Some(name) if name != "main" => name.to_owned(),
        _ => format!("{}:{}", place.file(), place.line()),
    };
    let why = why.replace(['\n', '\t'], " ");
    // The harness keeps what the print macros write to itself; this goes past it.
    let _ = writeln!(std::io::stderr(), "left out: {test}: {why}");
    let Some(file) = std::env::var_os("F2BCTL_LEFT_OUT") else {
        return;
    };
    let program = std::env::current_exe().expect("the test program");
    let line = format!("{lacks}\t{}\t{test}\t{why}\n", program.display());
    let mut file = File::options()
        .create(true)
        .append(true)
        .open(file)
        .expect("F2BCTL_LEFT_OUT");
    // One write a line: several tests write at once.
    file.write_all(line.as_bytes()).expect("F2BCTL_LEFT_OUT is written");
}
