//! The real agent on hostile data: pipes, devices, links, names, a forged journal, a fail2ban-server that lies.

use std::ffi::OsStr;
use std::io::{Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use f2bctl::remote::agent::{AgentFailureKind, BOOTSTRAP, Link, LinkError, Stream, greeting_payload};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, Command};

use crate::left_out::is_root_for;

/// Far above what any of these takes, far below the limits at which the agent would give a blocked read up.
const PATIENCE: Duration = Duration::from_secs(25);

/// A host in a folder, with an agent that runs as it would behind sshd.
struct Bench {
    folder: tempfile::TempDir,
    agent: Child,
    link: Link,
    /// Both logs.
    log: PathBuf,
}

impl Bench {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("conf")).expect("a folder");
        std::fs::set_permissions(folder.path().join("conf"), std::fs::Permissions::from_mode(0o755)).expect("a mode");
        let definition = format!("[Definition]\nsocket = {}\n", folder.path().join("socket").display());
        std::fs::write(folder.path().join("conf/fail2ban.conf"), definition).expect("a file");
        let mut agent = Command::new("python3")
            .args(["-I", "-c", BOOTSTRAP, "192.0.2.1 1 192.0.2.2 22"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("python3");
        let mut stdin = agent.stdin.take().expect("stdin");
        stdin
            .write_all(&greeting_payload().expect("a payload"))
            .await
            .expect("written");
        let stdout = agent.stdout.take().expect("stdout");
        let link = Link::new(Box::new(stdout), Box::new(stdin));
        let log = PathBuf::from("/nonexistent");
        Self {
            folder,
            agent,
            link,
            log,
        }
    }

    fn conf(&self, name: &str) -> PathBuf {
        self.folder.path().join("conf").join(name)
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    fn make_state(&self, mode: u32) {
        std::fs::create_dir_all(self.state()).expect("a folder");
        std::fs::set_permissions(self.state(), std::fs::Permissions::from_mode(mode)).expect("a mode");
    }

    fn host(&self) -> Value {
        json!({
            "config_dir": self.folder.path().join("conf"), "client": "/usr/bin/fail2ban-client",
            "log": self.log, "asterisk_log": self.log, "state_dir": self.state(),
        })
    }

    async fn ask(&mut self, verb: &'static str, mut arguments: Value) -> Result<Value, LinkError> {
        arguments["host"] = self.host();
        let ticket = self.link.send(verb, arguments).await?;
        self.link.answer(ticket, PATIENCE, &mut |_| ()).await
    }

    async fn observe(&mut self, part: &str) -> Value {
        self.ask("observe", json!({"want": [part]}))
            .await
            .expect("an observation")
    }

    /// Why a part is unknown; a part that is known fails the test.
    async fn unknown(&mut self, part: &str) -> String {
        let observed = self.observe(part).await;
        observed[part]["unknown"]
            .as_str()
            .unwrap_or_else(|| panic!("{part} is known: {observed}"))
            .to_owned()
    }

    async fn refusal(&mut self, verb: &'static str, arguments: Value) -> (AgentFailureKind, String) {
        match self.ask(verb, arguments.clone()).await {
            Err(LinkError::Agent(failure)) => (failure.kind, failure.message),
            other => panic!("{verb} {arguments} gave {other:?}"),
        }
    }

    /// Why the log cannot be followed.
    async fn unfollowed(&mut self) -> String {
        let host = self.host();
        let arguments = json!({"host": host, "since": null, "place": null});
        let mut followed: Stream<Value> = self.link.stream("follow", arguments).await.expect("sent");
        loop {
            match followed.next().await {
                Ok(Some(_)) => {}
                Err(LinkError::Agent(failure)) => return failure.message,
                other => panic!("it ended with {other:?}"),
            }
        }
    }

    /// The most memory that the agent ever had, in KiB.
    fn peak(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.agent.id().expect("it runs")));
        let status = status.expect("the agent lives");
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .expect("a figure");
        line.trim().trim_end_matches(" kB").trim().parse().expect("a number")
    }
}

fn make_fifo(path: &Path) {
    let made = std::process::Command::new("mkfifo").arg(path).status().expect("mkfifo");
    assert!(made.success());
}

#[tokio::test]
async fn pipes_and_devices_in_place_of_files_are_not_waited_for() {
    let mut bench = Bench::new().await;
    for name in ["fail2ban.local", "jail.local", "jail.conf", "jail.local.bak-2026-01-01"] {
        make_fifo(&bench.conf(name));
    }
    std::fs::create_dir(bench.conf("fail2ban.d")).expect("a folder");
    make_fifo(&bench.conf("fail2ban.d/x.conf"));
    assert!(bench.unknown("jail_local").await.contains("not a regular file"));
    let observed = bench.observe("server").await;
    assert_eq!(observed["server"]["value"]["running"], json!(false), "{observed}");
    assert!(bench.observe("files").await["files"]["value"].is_object());
    std::fs::remove_file(bench.conf("jail.local")).expect("removed");
    for device in ["/dev/zero", "/dev/tty", "/proc/self/mem"] {
        symlink(device, bench.conf("jail.local")).expect("a link");
        let why = bench.unknown("jail_local").await;
        assert!(!why.is_empty(), "{device}");
        std::fs::remove_file(bench.conf("jail.local")).expect("removed");
    }
    bench.make_state(0o700);
    for name in ["lock.json", "audit.jsonl"] {
        make_fifo(&bench.state().join(name));
    }
    assert!(bench.observe("lock").await["lock"]["value"].is_null());
    assert!(
        bench
            .refusal("audit", json!({"place": null, "newest_first": false}))
            .await
            .1
            .contains("not a regular file")
    );
    let refused = bench.refusal("record", json!({"record": {}})).await;
    assert!(refused.1.contains("not a regular file"), "{refused:?}");
}

#[tokio::test]
async fn no_log_is_read_through_a_link_that_another_could_have_made() {
    let mut bench = Bench::new().await;
    let secret = bench.folder.path().join("secret");
    std::fs::write(&secret, "[2026-11-27 10:00:00] NOTICE[1] root's own\n").expect("a file");
    let place = bench.folder.path().join("asterisk");
    for (folder, mode) in [("logs", 0o777), ("logs/deep", 0o755), ("own", 0o755)] {
        std::fs::create_dir_all(place.join(folder)).expect("a folder");
        std::fs::set_permissions(place.join(folder), std::fs::Permissions::from_mode(mode)).expect("a mode");
    }
    let link = |target: &Path, name: &str| {
        symlink(target, place.join(name)).expect("a link");
        place.join(name)
    };
    let forged = [
        link(&secret, "logs/messages.log"),
        link(&place.join("own"), "logs/elsewhere").join("x.log"),
        link(&place.join("logs/messages.log"), "own/chain.log"),
        link(Path::new("../logs/messages.log"), "own/relative.log"),
    ];
    std::fs::write(place.join("own/x.log"), "x\n").expect("a file");
    for log in forged {
        bench.log = log.clone();
        let why = bench.unknown("asterisk_log").await;
        assert!(
            why.contains("is not followed") && why.contains("0777"),
            "{log:?}: {why}"
        );
        assert!(
            bench.refusal("replay", json!({})).await.1.contains("is not followed"),
            "{log:?}"
        );
        let followed = bench.unfollowed().await;
        assert!(followed.contains("is not followed"), "{log:?}: {followed}");
        let told = bench.observe("surroundings").await;
        let log = &told["surroundings"]["value"]["logs"][0];
        assert!(
            log["unknown"]
                .as_str()
                .is_some_and(|why| why.contains("is not followed")),
            "{log}"
        );
    }
    // A link of root's own, and a file in a folder of the service, are read as ever.
    std::fs::write(place.join("logs/deep/plain.log"), "[2026-11-27 10:00:00] NOTICE[1] x\n").expect("a file");
    for log in [link(&secret, "own/link.log"), place.join("logs/deep/../deep/plain.log")] {
        bench.log = log;
        let read = bench.observe("asterisk_log").await;
        assert_eq!(read["asterisk_log"]["value"]["levels"]["NOTICE"], json!(1), "{read}");
    }
    for (log, why) in [
        ("/proc/kmsg", "the kernel's"),
        ("/sys/kernel/uevent_seqnum", "the kernel's"),
        ("/dev/zero", "not a regular file"),
    ] {
        bench.log = PathBuf::from(log);
        assert!(bench.refusal("replay", json!({})).await.1.contains(why), "{log}");
    }
}

#[tokio::test]
async fn names_that_are_no_text_and_lines_in_names_spoil_nothing() {
    let mut bench = Bench::new().await;
    std::fs::create_dir(bench.conf("jail.d")).expect("a folder");
    let names: [&[u8]; 4] = [b"caf\xe9.conf", b"a\nb.conf", b"\x1b[2J.conf", "हो.conf".as_bytes()];
    for name in names {
        std::fs::write(bench.conf("jail.d").join(OsStr::from_bytes(name)), "[x]\n").expect("a file");
    }
    std::fs::write(bench.conf(".").join(OsStr::from_bytes(b"jail.local.bak-\xff")), "").expect("a file");
    let files = bench.observe("files").await["files"]["value"].clone();
    for name in [
        "jail.d/caf\\xe9.conf",
        "jail.d/a\nb.conf",
        "jail.d/\u{1b}[2J.conf",
        "jail.d/हो.conf",
    ] {
        assert!(files[name].is_string(), "{name:?} in {files}");
    }
    let again = bench.observe("files").await["files"]["value"].clone();
    assert_eq!(files, again, "a plan is compared with this");
    assert_eq!(
        bench.observe("backups").await["backups"]["value"]
            .as_array()
            .expect("a list")
            .len(),
        1
    );
    assert!(bench.ask("tree", json!({})).await.is_ok());
}

#[tokio::test]
async fn links_in_circles_end_and_links_above_are_not_followed() {
    let mut bench = Bench::new().await;
    symlink("loop", bench.conf("loop")).expect("a link");
    symlink("loop.conf", bench.conf("loop.conf")).expect("a link");
    symlink(".", bench.conf("here")).expect("a link");
    symlink("..", bench.conf("above")).expect("a link");
    symlink("/", bench.conf("everything")).expect("a link");
    std::fs::write(bench.conf("jail.conf"), "[DEFAULT]\n[x]\n").expect("a file");
    symlink("nowhere", bench.conf("jail.local.bak-gone")).expect("a link");
    assert!(bench.observe("files").await["files"]["value"].is_object());
    assert_eq!(bench.observe("backups").await["backups"]["value"], json!([]));
    let rehearsed = bench
        .ask("rehearse", json!({"files": [], "running": []}))
        .await
        .expect("a rehearsal");
    assert!(rehearsed["jails"].is_object(), "{rehearsed}");
}

#[tokio::test]
async fn files_that_are_too_large_are_reported_and_not_read() {
    let mut bench = Bench::new().await;
    let file = std::fs::File::create(bench.conf("jail.local")).expect("a file");
    file.set_len(40 << 30).expect("a sparse file");
    assert!(bench.unknown("jail_local").await.contains("larger than"));
    assert!(bench.peak() < 200 << 10, "{} KiB", bench.peak());
}

#[tokio::test]
async fn a_journal_that_others_could_have_forged_is_not_believed() {
    let mut bench = Bench::new().await;
    let forged = bench.state().join("changes/01");
    std::fs::create_dir_all(&forged).expect("a folder");
    let target = bench.conf("jail.local");
    std::fs::write(&target, "before\n").expect("a file");
    std::fs::write(forged.join("phase"), "replaced").expect("a file");
    std::fs::write(
        forged.join("request.json"),
        json!({"audit": {}, "files": []}).to_string(),
    )
    .expect("a file");
    for mode in [0o777, 0o770, 0o702] {
        bench.make_state(mode);
        assert!(
            bench.unknown("changes").await.contains("cannot be relied on"),
            "{mode:o}"
        );
        let recover = json!({"change_id": "01", "how": "undo", "wait": 1});
        assert!(
            bench
                .refusal("recover", recover)
                .await
                .1
                .contains("cannot be relied on")
        );
        assert!(
            bench
                .refusal("audit", json!({"place": null, "newest_first": false}))
                .await
                .1
                .contains("cannot be relied on")
        );
        let told = bench.observe("lock").await["exposed"].clone();
        assert_eq!(told.as_array().map(Vec::len), Some(1), "{told}");
    }
    bench.make_state(0o700);
    assert_eq!(bench.observe("changes").await["changes"]["value"][0]["id"], json!("01"));
    std::fs::set_permissions(bench.folder.path(), std::fs::Permissions::from_mode(0o777)).expect("a mode");
    assert!(bench.unknown("changes").await.contains("above it"));
    std::fs::set_permissions(bench.folder.path(), std::fs::Permissions::from_mode(0o700)).expect("a mode");
    if is_root_for("a folder of another owner") {
        std::os::unix::fs::chown(bench.state(), Some(54321), None).expect("a chown");
        assert!(bench.unknown("changes").await.contains("another user"));
    }
    std::fs::set_permissions(bench.conf(""), std::fs::Permissions::from_mode(0o777)).expect("a mode");
    assert!(bench.unknown("files").await.contains("everybody may write"));
    assert_eq!(std::fs::read_to_string(target).expect("a file"), "before\n");
}

#[tokio::test]
async fn no_identifier_and_no_path_leads_out_of_its_folder() {
    let mut bench = Bench::new().await;
    bench.make_state(0o700);
    let long = "x".repeat(65);
    for id in [
        "",
        ".",
        "..",
        "../x",
        "a/b",
        "/etc",
        "a\0b",
        "a\nb",
        "a b",
        "x;y",
        long.as_str(),
    ] {
        for (verb, more) in [
            ("recover", json!({"how": "undo", "wait": 1})),
            ("outcome", json!({"wait": 1})),
            ("sign", json!({"token": "t"})),
        ] {
            let mut arguments = more;
            arguments["change_id"] = json!(id);
            let (kind, _) = bench.refusal(verb, arguments).await;
            assert_eq!(kind, AgentFailureKind::Protocol, "{verb} {id:?}");
        }
    }
    for path in ["../escaped", "/tmp/escaped", "jail.d/../../escaped", "..", ".", ""] {
        let files = json!([{"path": path, "content": "eA==", "before": null, "after": null}]);
        let refused = bench.refusal("rehearse", json!({"files": files, "running": []})).await;
        assert!(refused.1.contains("leaves the configuration"), "{path:?}: {refused:?}");
    }
    assert!(!bench.folder.path().join("escaped").exists());
    let mut left: Vec<_> = std::fs::read_dir(bench.state()).expect("a folder").collect();
    // `recover` and `outcome` take the lock first.
    left.retain(|entry| entry.as_ref().is_ok_and(|entry| entry.file_name() != "lock"));
    assert!(left.is_empty(), "{left:?}");
}

/// A fail2ban-server that answers every command with these bytes.
fn lying_server(folder: &Path, reply: Vec<u8>, ended: bool) {
    let path = folder.join("socket");
    let _ = std::fs::remove_file(&path);
    let listener = UnixListener::bind(path).expect("a socket");
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let reply = reply.clone();
            std::thread::spawn(move || {
                let mut request = [0_u8; 4096];
                while stream.read(&mut request).is_ok_and(|read| read > 0) {
                    let end: &[u8] = if ended { b"<F2B_END_COMMAND>" } else { b"" };
                    if stream.write_all(&reply).and_then(|()| stream.write_all(end)).is_err() {
                        return;
                    }
                    while !ended && stream.write_all(&reply).is_ok() {}
                }
            });
        }
    });
}

/// The bytes of a reply as Python pickles it.
fn pickled(expression: &str) -> Vec<u8> {
    let program = format!("import pickle,sys;sys.stdout.buffer.write(pickle.dumps({expression}, 2))");
    let output = std::process::Command::new("python3")
        .args(["-I", "-c", &program])
        .output()
        .expect("python3");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

#[tokio::test]
async fn a_server_that_lies_runs_no_code_and_costs_one_part() {
    let mut bench = Bench::new().await;
    let marker = bench.folder.path().join("pwned");
    let shell = format!("touch {}", marker.display());
    let code = format!("cos\nsystem\n(S'{shell}'\ntR.");
    let builtin = format!("c__builtin__\neval\n(S'__import__(\"os\").system(\"{shell}\")'\ntR.");
    let mut deep = b"\x80\x02".to_vec();
    deep.extend(std::iter::repeat_n(b']', 50_000));
    deep.extend(std::iter::repeat_n(b'a', 49_999));
    deep.push(b'.');
    let lies: Vec<(&str, Vec<u8>)> = vec![
        ("code", code.into_bytes()),
        ("builtin", builtin.into_bytes()),
        (
            "an object with a state",
            format!("\x28i__main__\nX\n\x28S'a'\nS'{shell}'\ndb.").into_bytes(),
        ),
        ("garbage", b"\xff\x00garbage".to_vec()),
        ("nothing", Vec::new()),
        ("a memo without end", b"\x80\x02Nr\xff\xff\xff\x7f.".to_vec()),
        ("depth", deep),
        ("no pair", pickled("7")),
        ("no text", pickled("(0, 7)")),
        ("numbers", pickled("(0, [('Jail list', 10**5000)])")),
        ("an error that is no text", pickled("(1, [10**5000, float('nan')])")),
    ];
    for (name, reply) in lies {
        lying_server(bench.folder.path(), reply, true);
        let why = bench.unknown("server").await;
        assert!(!why.is_empty() && why.len() < 2000, "{name}: {why}");
        assert!(!marker.exists(), "{name} ran a command");
    }
    assert!(bench.peak() < 400 << 10, "{} KiB", bench.peak());
}

#[tokio::test]
async fn jails_with_odd_names_and_values_come_through_as_data() {
    let mut bench = Bench::new().await;
    let jail = "x\\x1b[2J\\ud800$(reboot)";
    let value = format!(
        "(0, type('L', (list,), {{}})([('Number of jail', 1), ('Jail list', '{jail}'), \
         ('Filter', [('Currently failed', 10**30)]), ('Actions', [('Total banned', float('inf'))])]))"
    );
    let value = value.replace("type('L', (list,), {})", "list");
    let program = format!("pickle.dumps({value}, 2)");
    let output = std::process::Command::new("python3")
        .args([
            "-I",
            "-c",
            &format!("import pickle,sys;sys.stdout.buffer.write({program})"),
        ])
        .output()
        .expect("python3");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    lying_server(bench.folder.path(), output.stdout, true);
    let observed = bench.observe("server").await;
    // Either the part is unknown or it is data; in both cases it is JSON that could be read, and the agent goes on.
    assert!(observed["server"].is_object(), "{observed}");
    assert!(bench.observe("jail_local").await["jail_local"]["value"].is_object());
}

#[tokio::test]
async fn a_server_that_never_stops_talking_is_cut_off() {
    let mut bench = Bench::new().await;
    lying_server(bench.folder.path(), vec![b'x'; 1 << 16], false);
    assert!(bench.unknown("server").await.contains("does not end"));
    assert!(bench.peak() < 400 << 10, "{} KiB", bench.peak());
}
