//! Small hosts as they are found in the field: what f2bctl says of each has to be what its fail2ban does.
//!
//! Several cases share a host. Each is an edit of the rehearsal host's list or another file of it, put into force by the
//! operator's own reload.

mod bans;
mod begin;
mod causes;
mod differential;
mod origins;
mod recorded;
mod runtime;
mod words;

use serde_json::Value;

use crate::support::Lab;

/// The rehearsal host's list; cases write theirs in its place.
pub const LIST: &str = "ignoreip = 127.0.0.1/8 ::1 203.0.113.0/24 198.51.100.128/28";
/// The jails of the rehearsal host.
pub const JAILS: [&str; 3] = ["asterisk-auth", "asterisk-scan", "sshd"];

/// A host whose list is written anew for each case.
pub struct Host {
    pub lab: Lab,
    text: String,
}

impl Host {
    pub fn start() -> Self {
        let lab = Lab::start();
        let text = lab.jail_local_text();
        std::fs::create_dir_all(lab.paths.config_dir().join("jail.d")).expect("jail.d");
        Self { lab, text }
    }

    /// jail.local with this text in place of its list, in force.
    pub fn listing(&self, list: &str) {
        assert!(self.text.contains(LIST), "{}", self.text);
        self.lab.write_jail_local(self.text.replacen(LIST, list, 1));
        self.reload();
    }

    /// Another file of the configuration, in force.
    pub fn with_file(&self, name: &str, text: &str) {
        std::fs::write(self.lab.paths.config_dir().join(name), text).expect("written");
        self.reload();
    }

    /// That file gone again, in force.
    pub fn without_file(&self, name: &str) {
        std::fs::remove_file(self.lab.paths.config_dir().join(name)).expect("removed");
        self.reload();
    }

    pub fn reload(&self) {
        self.lab.client(&["reload"]);
    }

    /// `whitelist check ADDRESS`, as JSON.
    pub fn check(&self, address: &str) -> Value {
        self.lab.done(&["whitelist", "check", address, "--json"]).json()
    }

    /// The row of the whitelist that is about a network.
    pub fn row(&self, network: &str) -> Value {
        let list = self.lab.done(&["whitelist", "list", "--json"]).json();
        let rows = list["whitelist"].as_array().expect("rows").clone();
        let found = rows.iter().find(|row| row["network"] == network);
        found
            .unwrap_or_else(|| panic!("no row of {network} in {rows:#?}"))
            .clone()
    }

    /// The findings of `lint` of one code, as (message, fix).
    pub fn findings(&self, code: &str) -> Vec<(String, String)> {
        let run = self.lab.run(&["whitelist", "lint", "--json"]);
        let document = run.json();
        let found = document["findings"].as_array().expect("findings").iter();
        let text = |finding: &Value, key: &str| finding[key].as_str().expect("a text").to_owned();
        found
            .filter(|finding| finding["code"] == code)
            .map(|finding| (text(finding, "message"), text(finding, "fix")))
            .collect()
    }
}

/// The jail's decision in an answer of `whitelist check`.
pub fn decision<'answer>(answer: &'answer Value, jail: &str) -> &'answer Value {
    let jails = answer["jails"].as_array().expect("jails");
    let found = jails.iter().find(|decision| decision["jail"] == jail);
    found.unwrap_or_else(|| panic!("no decision of {jail} in {answer}"))
}

/// The command of a fix, as it is typed.
pub fn command(fix: &str) -> Vec<&str> {
    let typed = fix.strip_prefix("f2bctl ").expect("a command");
    // What is quoted is one word.
    let parts = typed.split('\'').enumerate();
    let words = parts.flat_map(|(index, part)| match index % 2 {
        1 => vec![part],
        _ => part.split(' ').filter(|word| !word.is_empty()).collect(),
    });
    words.collect()
}
