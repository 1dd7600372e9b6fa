//! The planners without a host: scripts of commands against hosts that are files, the answers compared as snapshots.
//!
//! Hosts and their answers are written by `F2BCTL_REGENERATE=1 cargo test --test scenarios recorded_hosts`, from a real
//! rehearsal host; a test there compares them with one that is made anew. `INSTA_UPDATE=always` accepts new snapshots.

#[expect(dead_code, reason = "what writes a host's file is used where there is one")]
mod hosts;
mod live_views;
mod report;
mod script;
mod views;
mod views_of_the_past;

use std::fmt::Write as _;

use hosts::RecordedHost;
use script::Script;

/// Runs a script and compares everything that was answered.
fn hold(name: &str) {
    let script = Script::read(name);
    let host = RecordedHost::read(&script.host);
    let mut text = String::new();
    for command in &script.commands {
        let answer = script::answer(command, host.observed(), &mut |files| host.rehearsal(files));
        let _ = writeln!(text, "$ f2bctl {command}\n{}", answer.trim_end());
        text.push('\n');
    }
    insta::with_settings!({
        prepend_module_to_snapshot => false,
        omit_expression => true,
        description => format!("on the host {}", script.host),
    }, {
        insta::assert_snapshot!(name, text);
    });
}

macro_rules! scripts {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                hold(stringify!($name));
            }
        )*

        #[test]
        fn every_script_is_run() {
            let names: Vec<String> = Script::all().into_iter().map(|script| script.name).collect();
            assert_eq!(names, [$(stringify!($name)),*]);
        }
    };
}

scripts! { adopt backups drift offboard onboard recidive reload repair rollback second_run split stopped temporary tune unban undo }
