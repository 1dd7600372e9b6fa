//! `why` on a rehearsal host with a real fail2ban: each verdict is made to appear, by lines as Asterisk writes them, by the
//! host's own fail2ban-client and by edits of its files.

mod blocked;
mod counting;
mod files;
mod verdicts;

use std::fs::File;
use std::io::Write as _;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{self, Lab, eventually};

/// A line that PJSIP writes at NOTICE of a REGISTER that failed, now or so many seconds ago.
fn notice(address: &str, account: &str, reason: &str, ago: i64) -> String {
    format!(
        "[{}] NOTICE[3] res_pjsip/pjsip_distributor.c: Request 'REGISTER' from '<sip:{account}@192.0.2.71>' failed for \
         '{address}:5060' (callid: {}@{address}) - {reason}\n",
        stamp(ago),
        number()
    )
}

/// A wrong password.
fn wrong(address: &str, account: &str) -> String {
    notice(address, account, "Failed to authenticate", 0)
}

/// A SECURITY event of a call.
fn event(address: &str, account: &str, call: &str, name: &str) -> String {
    format!(
        "[{}] SECURITY[4] res_security_log.c: SecurityEvent=\"{name}\",EventTV=\"2026-11-27T16:53:05.919+0000\",\
         Severity=\"Informational\",Service=\"PJSIP\",EventVersion=\"1\",AccountID=\"{account}\",SessionID=\"{call}\",\
         LocalAddress=\"IPV4/UDP/192.0.2.71/5060\",RemoteAddress=\"IPV4/UDP/{address}/5060\",UsingPassword=\"1\"\n",
        stamp(0)
    )
}

/// The local time, so many seconds ago.
fn stamp(ago: i64) -> String {
    (chrono::Local::now() - chrono::TimeDelta::seconds(ago))
        .format("%Y-%m-%d %H:%M:%S")
        .to_string()
}

/// A number that no other line has.
fn number() -> usize {
    static NEXT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(1);
    NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
}

/// Writes lines into Asterisk's log.
fn log(lab: &Lab, lines: impl IntoIterator<Item = String>) {
    let text: String = lines.into_iter().collect();
    let mut file = File::options()
        .append(true)
        .open(lab.paths.asterisk_log())
        .expect("the log");
    file.write_all(text.as_bytes()).expect("written");
}

/// Waits until the action log holds a text.
#[track_caller]
fn acted(lab: &Lab, text: &str) {
    eventually(text, || {
        std::fs::read_to_string(lab.paths.action_log()).is_ok_and(|log| log.contains(text))
    });
}

/// The answer about somebody.
#[track_caller]
fn why(lab: &Lab, arguments: &[&str]) -> Value {
    let run = lab.run(&[&["why", "--json"], arguments].concat());
    run.expect(0).json()
}

/// The answer about somebody, which has to have this verdict.
#[track_caller]
fn is(lab: &Lab, subject: &str, verdict: &str) -> Value {
    let answer = why(lab, &[subject]);
    assert_eq!(answer["verdict"], verdict, "{subject}: {answer:#}");
    answer
}
