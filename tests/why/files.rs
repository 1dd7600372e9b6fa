//! `why --file`: files of one's own machine, without a host.

use super::support::{Lab, Run};
use super::*;

#[test]
fn what_files_say_without_a_host() {
    let lab = Lab::folder_only();
    let file = lab.folder().join("pulled.log");
    let text = [
        wrong("198.51.100.20", "6004"),
        event("198.51.100.30", "6010", "a", "SuccessfulAuth"),
        "Nov 27 16:50:02 pbx asterisk[1]: NOTICE[2]: chan_iax2.c:9 in f: Host 2001:db8::5 failed to authenticate as 'x'\n".to_owned(),
    ];
    std::fs::write(&file, text.concat()).expect("written");
    let path = file.to_str().expect("UTF-8");
    let answer = |subject: &str| {
        let run = Run::of(lab.program().args(["why", subject, "--json", "--file", path]));
        run.expect(0).json()
    };
    let failed = answer("198.51.100.20");
    // Nobody was asked whether it is banned, and so it is not said.
    assert_eq!((&failed["verdict"], &failed["host"]), (&"unknown".into(), &Value::Null));
    assert!(failed["answer"].to_string().contains("was not asked"), "{failed:#}");
    assert_eq!(answer("198.51.100.30")["verdict"], "lines_but_no_failure");
    assert_eq!(answer("192.0.2.1")["verdict"], "no_lines");
    assert_eq!(answer("2001:DB8:0:0::5")["accounts"][0]["account"], "x");
    assert_eq!(answer("6004")["accounts"][0]["failures"], 1);
    Run::of(lab.program().args(["why", "198.51.100.20", "--file", "/nosuch"])).expect(2);
}
