//! The planners' hosts (tests/planner) come from here: a rehearsal host's own agent is asked, without SSH, what they hold.
//! Each run compares the shape of its answers with that of the files.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Stdio;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use f2bctl::model::observed::{Observed, Part, Rehearsal};
use f2bctl::model::operation::ReplaceFile;
use f2bctl::remote::agent::{BOOTSTRAP, HostPaths, Link, greeting_payload};
use f2bctl::remote::host::Host;
use serde_json::{Value, json};

use super::planner_hosts::RecordedHost;
use super::planner_script::{Script, answer};
use super::support::{Lab, is_root};

const PARTS: [Part; 13] = [
    Part::Files,
    Part::JailLocal,
    Part::Fail2banLocal,
    Part::Server,
    Part::Firewall,
    Part::Backups,
    Part::Changes,
    Part::Lock,
    Part::Temporary,
    Part::BackupTexts,
    Part::Filters,
    Part::Journal,
    Part::AsteriskLog,
];
/// SSH_CONNECTION of the operator, who is nobody's customer.
const OPERATOR: &str = "198.51.100.7 50022 198.51.100.20 22";
/// The folder that stands in the files for that of the rehearsal host.
const FOLDER: &str = "/srv/lab";
/// A log in which both levels are written, as short as that can be.
const LOG: &str = "[2026-11-22 06:54:01] NOTICE[31194] res_pjsip/pjsip_distributor.c: Request 'REGISTER' from \
    '<sip:6001@192.0.2.1>' failed for '192.0.2.77:5060' (callid: 1) - Failed to authenticate\n";

/// A rehearsal host whose agent runs as a child of this process.
struct Asked<'lab> {
    lab: &'lab Lab,
    runtime: tokio::runtime::Runtime,
    host: Host,
    _agent: tokio::process::Child,
}

impl<'lab> Asked<'lab> {
    fn new(lab: &'lab Lab) -> Self {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let (host, agent) = runtime.block_on(async {
            let mut agent = tokio::process::Command::new("/usr/bin/python3")
                .args(["-I", "-c", BOOTSTRAP, OPERATOR])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .kill_on_drop(true)
                .spawn()
                .expect("python3 is installed");
            let (input, output) = (agent.stdin.take().expect("piped"), agent.stdout.take().expect("piped"));
            let link = Link::new(Box::new(output), Box::new(input)).with_program(greeting_payload().expect("packed"));
            (Host::new(link, paths(lab)), agent)
        });
        Self {
            lab,
            runtime,
            host,
            _agent: agent,
        }
    }

    /// What is seen of it.
    fn observed(&mut self) -> Observed {
        let mut events = |_| ();
        let looked = self.host.observe(&PARTS, &mut events);
        self.runtime.block_on(looked).expect("an observation")
    }

    /// What comes of a draft, of which the names in the files are those of the rehearsal host.
    fn rehearsed(&mut self, files: &[ReplaceFile], running: &[String]) -> Rehearsal {
        let mut events = |_| ();
        let tried = self.host.rehearse(files, running, &mut events);
        self.runtime.block_on(tried).expect("a rehearsal")
    }

    /// The host as a file, with its answer to every draft of the scripts about it.
    fn recorded(&mut self, scripts: &[Script]) -> RecordedHost {
        let folder = self.lab.paths.folder.display().to_string();
        let observed = self.observed();
        let running: Vec<String> = observed
            .server
            .value()
            .map(|server| server.jails.keys().cloned().collect())
            .unwrap_or_default();
        let mut kept = json!(observed);
        kept["operator"]["hostname"] = json!("pbx1");
        // Who made the changes of its journal typed them on this machine.
        let operator = format!("{}@{}", super::support::OPERATOR, observed.operator.hostname);
        rename(&mut kept, &operator, "ravi@desk");
        rename(&mut kept, &folder, FOLDER);
        let mut recorded = RecordedHost {
            observed: kept,
            ..RecordedHost::default()
        };
        for command in scripts.iter().flat_map(|script| &script.commands) {
            answer(command, recorded.observed(), &mut |files| {
                let mut real = json!(files);
                rename(&mut real, FOLDER, &folder);
                let real: Vec<ReplaceFile> = serde_json::from_value(real).expect("files");
                let mut rehearsal = json!(self.rehearsed(&real, &running));
                rename(&mut rehearsal, &folder, FOLDER);
                let rehearsal: Rehearsal = serde_json::from_value(rehearsal).expect("a rehearsal");
                recorded.keep(files, &rehearsal);
                rehearsal
            });
        }
        recorded
    }
}

fn paths(lab: &Lab) -> HostPaths {
    let text = |path: std::path::PathBuf| path.display().to_string();
    HostPaths {
        config_dir: text(lab.paths.config_dir()),
        client: "fail2ban-client".to_owned(),
        log: text(lab.paths.action_log()),
        asterisk_log: text(lab.paths.asterisk_log()),
        state_dir: text(lab.paths.state_dir()),
    }
}

/// Puts one folder's name in the place of another's, in every text and in the content of files.
fn rename(value: &mut Value, from: &str, to: &str) {
    match value {
        Value::String(text) => {
            *text = match STANDARD
                .decode(text.as_bytes())
                .ok()
                .and_then(|bytes| String::from_utf8(bytes).ok())
            {
                Some(content) if content.contains(from) => STANDARD.encode(content.replace(from, to)),
                _ => text.replace(from, to),
            };
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, from, to)),
        Value::Object(fields) => fields.values_mut().for_each(|field| rename(field, from, to)),
        _ => {}
    }
}

/// A rehearsal host as the scripts want it.
fn runbook_host() -> Lab {
    let lab = Lab::start();
    std::fs::write(lab.paths.asterisk_log(), LOG).expect("the log");
    lab
}

/// The keys of a value at every depth, with the kind of what they hold; the elements of a list are one.
fn shape(value: &Value, place: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (key, field) in fields {
                shape(field, &format!("{place}.{key}"), found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| shape(item, &format!("{place}[]"), found)),
        Value::Null => {}
        Value::Bool(_) => drop(found.insert(format!("{place}: bool"))),
        Value::Number(_) => drop(found.insert(format!("{place}: number"))),
        Value::String(_) => drop(found.insert(format!("{place}: text"))),
    }
}

#[test]
fn the_recorded_hosts_are_what_a_host_answers() {
    let mut scripts: BTreeMap<String, Vec<Script>> = BTreeMap::new();
    for script in Script::all() {
        scripts.entry(script.host.clone()).or_default().push(script);
    }
    let of = |name: &str| scripts.get(name).map(Vec::as_slice).unwrap_or_default();
    let lab = runbook_host();
    if std::env::var_os("F2BCTL_REGENERATE").is_some_and(|value| value == "1") {
        return record(&lab, &of);
    }
    let script = of("runbook")
        .iter()
        .find(|script| script.name == "onboard")
        .expect("a script");
    let one = Script {
        name: script.name.clone(),
        host: script.host.clone(),
        commands: script.commands.iter().take(1).cloned().collect(),
    };
    let (now, kept) = (
        Asked::new(&lab).recorded(std::slice::from_ref(&one)),
        RecordedHost::read("runbook"),
    );
    let shapes = [&now, &kept].map(|host| {
        let mut found = BTreeSet::new();
        shape(&host.observed, "observed", &mut found);
        shape(&host.first, "rehearsed", &mut found);
        found
    });
    let [new, old] = shapes;
    // What the login may not read of the packet filter it names, and that is nobody's business but that machine's.
    const UNREADABLE: &str = "observed.firewall.value.unknown.";
    let differing: Vec<&String> = new
        .symmetric_difference(&old)
        .filter(|place| is_root() || !place.starts_with(UNREADABLE))
        .collect();
    assert!(
        differing.is_empty(),
        "write the recorded hosts anew; they differ in {differing:#?}"
    );
}

/// Writes every host anew: one rehearsal host, led from state to state by the program itself.
fn record<'all>(lab: &Lab, of: &dyn Fn(&str) -> &'all [Script]) {
    let write = |name: &str| {
        let text = serde_json::to_string_pretty(&Asked::new(lab).recorded(of(name))).expect("JSON");
        std::fs::write(RecordedHost::file(name), text + "\n").expect("the file");
    };
    write("runbook");
    let text = lab.jail_local_text();
    lab.edit_jail_local("maxretry = 5\n", "maxretry = 7\n");
    write("edited");
    lab.write_jail_local(&text);
    lab.edit_jail_local(
        "ignoreip = 127.0.0.1/8 ::1 203.0.113.0/24",
        "# 192.0.2.128/25 | Gone Hotels | | by=lab on=2026-05-11\n# Sea View: 192.0.2.32/28 main line\n\
         ignoreip = 127.0.0.1/8 ::1 192.0.2.32/28 192.0.2.48/28 203.0.113.0/24 203.0.113.0/24",
    );
    lab.client(&["reload"]);
    write("handwritten");
    lab.write_jail_local(&text);
    lab.client(&["reload"]);
    lab.done(&["onboard", "192.0.2.0/28", "--customer", "Lotus Court Hotels", "--yes"]);
    lab.done(&["temp", "add", "192.0.2.77", "--for", "12h", "--yes"]);
    lab.done(&["tune", "asterisk-scan", "maxretry", "60", "--yes"]);
    write("onboarded");
    lab.done(&["rollback", "--carry-whitelist", "--yes"]);
    write("single");
    lab.stop_fail2ban();
    write("stopped");
}
