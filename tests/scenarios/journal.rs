//! The journal over years: it forgets the oldest of what has ended, and nothing else.

use std::fs;
use std::time::{Duration, SystemTime};

use super::ONBOARD;
use super::interrupted::interrupt;
use super::support::Lab;

/// How many ended changes the host remembers.
const REMEMBERED: usize = 500;

#[test]
fn of_many_changes_the_oldest_that_have_ended_are_forgotten() {
    let lab = Lab::start();
    lab.done(ONBOARD);
    let changes = lab.paths.state_dir().join("changes");
    let folders = || {
        let entries = fs::read_dir(&changes).expect("the journal");
        let names = entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"));
        names.collect::<Vec<_>>()
    };
    let newest = folders().remove(0);
    // Changes of years, the last of them an hour ago.
    for number in 0..560_u64 {
        let old = changes.join(format!("00-{number:04}"));
        fs::create_dir(&old).expect("a change");
        for file in ["request.json", "before.json", "before-0", "live.json"] {
            fs::copy(changes.join(&newest).join(file), old.join(file)).expect("its files");
        }
        // One that a power cut left without a phase has never begun.
        let phase = old.join(if number == 3 { "stray" } else { "phase" });
        fs::write(&phase, "done").expect("its phase");
        let age = SystemTime::now() - Duration::from_secs(3600 * (561 - number));
        for path in [&phase, &old] {
            fs::File::open(path)
                .expect("a file")
                .set_modified(age)
                .expect("its age");
        }
    }
    interrupt(&lab, &["offboard", "192.0.2.0/28", "--yes"], "replaced");
    assert_eq!(folders().len(), 562, "nothing is forgotten before a change ends");
    lab.done(&["backup", "--yes"]);
    let left = folders();
    assert_eq!(left.len(), REMEMBERED);
    assert!(left.contains(&newest));
    assert!(
        !left.contains(&"00-0003".to_owned()),
        "what never began goes by its age"
    );
    assert!(left.contains(&"00-0559".to_owned()) && !left.contains(&"00-0061".to_owned()));

    // What is remembered can be undone, and the trail has forgotten nothing.
    lab.done(&["undo", &newest, "--yes"]);
    assert!(!lab.jail_local_text().contains("192.0.2.0/28"));
    lab.done(&["audit", "verify"]);
    assert_eq!(lab.audit_of("outcome").len(), 4);
}
