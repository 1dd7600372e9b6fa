//! Runs a test once more in a network namespace of its own, where the packet filter is nobody else's.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::left_out::is_root_for;

/// Set for the run inside.
const INSIDE: &str = "F2BCTL_TEST_NAMESPACE";

/// Whether this run is the one inside. Outside, the test of this name (or of this end of a name) is run inside and has to
/// pass; a user who is not root cannot make a namespace, and it is said that the test was left out.
#[track_caller]
pub fn in_namespace(test: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    if !is_root_for("a network namespace") {
        return false;
    }
    let own = std::env::current_exe().expect("the test program");
    let test = whole_name(&own, test);
    let output = Command::new("unshare")
        .args([
            "--net",
            "--",
            "sh",
            "-c",
            "ip link set lo up && exec \"$0\" --exact \"$1\" --nocapture",
        ])
        .arg(own)
        .arg(&test)
        .env(INSIDE, "1")
        .stdin(Stdio::null())
        .output()
        .expect("unshare is installed");
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{test} inside the namespace:\n{said}"
    );
    false
}

/// The one test of the program whose name is this, or ends in it.
fn whole_name(program: &Path, end: &str) -> String {
    let listed = run(program.to_str().expect("UTF-8"), &["--list", "--format", "terse"]);
    let mut names: Vec<&str> = listed.lines().filter_map(|line| line.strip_suffix(": test")).collect();
    names.retain(|name| *name == end || name.ends_with(&format!("::{end}")));
    assert_eq!(names.len(), 1, "tests whose names end in {end}: {names:?}");
    names.concat()
}

/// The rules of this namespace's packet filter for IPv4.
pub fn rules() -> String {
    let output = Command::new("iptables")
        .args(["-w", "-S"])
        .output()
        .expect("iptables is installed");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Changes the rules for IPv4 behind fail2ban's back: `iptables -w` with these words.
#[track_caller]
pub fn iptables(words: &str) {
    let words: Vec<&str> = std::iter::once("-w").chain(words.split_whitespace()).collect();
    run("iptables", &words);
}

/// A second namespace behind a cable: `inside` is this one's address, `outside` the other's. It ends with the value.
pub struct Neighbour {
    holder: std::process::Child,
}

impl Neighbour {
    /// Lays the cable.
    pub fn new(inside: &str, outside: &str) -> Self {
        let holder = Command::new("unshare")
            .args(["--net", "--", "sleep", "600"])
            .stdin(Stdio::null())
            .spawn()
            .expect("unshare is installed");
        let neighbour = Self { holder };
        neighbour.wait_for_namespace();
        let pid = neighbour.holder.id().to_string();
        run("ip", &["link", "add", "near", "type", "veth", "peer", "name", "far"]);
        run("ip", &["link", "set", "far", "netns", &pid]);
        run("ip", &["address", "add", &format!("{inside}/24"), "dev", "near"]);
        run("ip", &["link", "set", "near", "up"]);
        neighbour.run(&["ip", "address", "add", &format!("{outside}/24"), "dev", "far"]);
        neighbour.run(&["ip", "link", "set", "far", "up"]);
        neighbour
    }

    /// The process that holds the namespace.
    pub fn pid(&self) -> u32 {
        self.holder.id()
    }

    fn wait_for_namespace(&self) {
        let of = |pid: u32| std::fs::read_link(format!("/proc/{pid}/ns/net")).ok();
        let own = of(std::process::id());
        super::eventually("the neighbour has a namespace", || {
            of(self.holder.id()).is_some_and(|other| Some(other) != own)
        });
    }

    /// Runs a command over there; its output.
    #[track_caller]
    pub fn run(&self, arguments: &[&str]) -> String {
        let pid = self.holder.id().to_string();
        run("nsenter", &[&["-t", &pid, "-n", "--"], arguments].concat())
    }
}

impl Drop for Neighbour {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

#[track_caller]
fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("the program is installed");
    assert!(output.status.success(), "{program} {arguments:?}: {output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
