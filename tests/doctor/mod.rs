//! `doctor` on a rehearsal host: healthy at first, then each finding is made to appear and to disappear after its fix.
//!
//! The host's state is changed as another hand would change it: by editing files and by its own fail2ban-client. The fix
//! is the command that the finding names, where it names one.

pub(crate) mod asterisk;
mod bans;
mod healthy;
mod jails;
mod listed;
mod logs;
mod surroundings;
mod whitelist;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use crate::support::{self, Lab};

/// The rehearsal host's backup of before the split.
const PRE_SPLIT: &str = "jail.local.bak-2026-05-11-pre-split";

/// A host without the backup of before the split, whose rollback doctor would rehearse as well each time it is asked.
fn host() -> Lab {
    let lab = Lab::start();
    std::fs::remove_file(lab.paths.config_dir().join(PRE_SPLIT)).expect("the backup");
    lab
}

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

/// The codes that doctor finds beside that of the backup which such a host does not have.
fn others(lab: &Lab) -> BTreeSet<String> {
    let mut found = codes(lab);
    assert!(found.remove("pre_split_backup_missing"), "{found:?}");
    found
}

/// What brings a finding about, and what heals it.
struct Fault<'a> {
    code: &'a str,
    make: Box<dyn FnOnce() + 'a>,
    heal: Box<dyn FnOnce() + 'a>,
}

fn fault<'a>(code: &'a str, make: impl FnOnce() + 'a, heal: impl FnOnce() + 'a) -> Fault<'a> {
    let (make, heal) = (Box::new(make), Box::new(heal));
    Fault { code, make, heal }
}

/// An edit of jail.local, and its undoing.
fn edit<'a>(lab: &'a Lab, code: &'a str, from: &'a str, to: &'a str) -> Fault<'a> {
    let before = Rc::new(RefCell::new(Vec::new()));
    let kept = Rc::clone(&before);
    let make = move || {
        kept.replace(lab.jail_local());
        lab.edit_jail_local(from, to);
    };
    fault(code, make, move || lab.write_jail_local(before.take()))
}

/// Makes findings appear, all at once, heals them, the last one first, and sees them gone.
fn appear_and_go<'a>(lab: &Lab, faults: impl IntoIterator<Item = Fault<'a>>) {
    made_and_healed(lab, faults, || ());
}

/// The same, where each state is put into force by the operator's reload.
fn appear_and_go_in_force<'a>(lab: &Lab, faults: impl IntoIterator<Item = Fault<'a>>) {
    made_and_healed(lab, faults, || {
        lab.client(&["reload"]);
    });
}

/// The same, where each state is put into force in some other way.
fn made_and_healed<'a>(lab: &Lab, faults: impl IntoIterator<Item = Fault<'a>>, put_into_force: impl Fn()) {
    let mut cures = Vec::new();
    for fault in faults {
        (fault.make)();
        cures.push((fault.code, fault.heal));
    }
    put_into_force();
    let found = codes(lab);
    for (code, _) in &cures {
        assert!(found.contains(*code), "{code} does not appear; found {found:?}");
    }
    let mut made = Vec::new();
    for (code, heal) in cures.into_iter().rev() {
        heal();
        made.push(code);
    }
    put_into_force();
    let found = codes(lab);
    for code in made {
        assert!(!found.contains(code), "{code} is still there");
    }
}
