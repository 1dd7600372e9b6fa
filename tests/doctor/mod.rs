//! `doctor` on a rehearsal host: healthy at first, then each finding is made to appear and to disappear after its fix.
//!
//! The host's state is changed as another hand would change it: by editing files and by its own fail2ban-client. The fix
//! is the command that the finding names, where it names one.

mod bans;
mod healthy;
mod jails;
mod listed;
mod logs;
mod surroundings;
mod whitelist;

use std::collections::BTreeSet;

use crate::support::{self, Lab};

/// The codes that doctor finds.
fn codes(lab: &Lab) -> BTreeSet<String> {
    let run = lab.run(&["doctor", "--json"]);
    let document = run.json();
    let findings = document["findings"].as_array().cloned().unwrap_or_default();
    assert!(
        run.code == 0 || run.code == 8,
        "exit {}: {}{}",
        run.code,
        run.stdout,
        run.stderr
    );
    findings
        .iter()
        .filter_map(|finding| finding["code"].as_str())
        .map(str::to_owned)
        .collect()
}

/// Makes a finding appear, heals it, and sees it gone.
fn appears_and_goes(lab: &Lab, code: &str, make: impl FnOnce(), heal: impl FnOnce()) {
    make();
    let found = codes(lab);
    assert!(found.contains(code), "{code} does not appear; found {found:?}");
    heal();
    let found = codes(lab);
    assert!(!found.contains(code), "{code} is still there");
}

/// An edit of jail.local without a reload, and its undoing.
fn on_disk(lab: &Lab, code: &str, from: &str, to: &str) {
    let before = lab.jail_local();
    appears_and_goes(
        lab,
        code,
        || lab.edit_jail_local(from, to),
        || lab.write_jail_local(&before),
    );
}

/// An edit of jail.local that is put into force, and its undoing.
fn in_force(lab: &Lab, code: &str, from: &str, to: &str) {
    let before = lab.jail_local();
    let make = || {
        lab.edit_jail_local(from, to);
        lab.client(&["reload"]);
    };
    let heal = || {
        lab.write_jail_local(&before);
        lab.client(&["reload"]);
    };
    appears_and_goes(lab, code, make, heal);
}
