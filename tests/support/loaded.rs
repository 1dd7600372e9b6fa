//! fail2ban's own client and its trial of filters, without loading their code each time: `loaded.py` has it and forks.
//!
//! Boundary: what is run is what the package installs. f2bctl itself and the rehearsal host start the programs as they are.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixStream};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::OnceLock;

const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/loaded.py");

/// The process that has fail2ban loaded; it ends with this one, whose end closes its standard input.
fn loaded() -> &'static (Child, SocketAddr) {
    static LOADED: OnceLock<(Child, SocketAddr)> = OnceLock::new();
    LOADED.get_or_init(|| {
        let name = format!("f2bctl-tests-{}", std::process::id());
        let mut child = Command::new("/usr/bin/python3")
            .args(["-I", PROGRAM, &name])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 is installed");
        let mut line = String::new();
        let printed = child.stdout.take().expect("piped");
        BufReader::new(printed).read_line(&mut line).expect("a line");
        assert_eq!(line, "ready\n", "{PROGRAM}");
        (child, SocketAddr::from_abstract_name(name).expect("a name"))
    })
}

/// Runs `fail2ban-client` or `fail2ban-regex` with these arguments, or the `state` of a server's socket.
pub fn run(program: &str, arguments: &[&OsStr]) -> Output {
    let words = arguments.iter().map(|word| word.to_str().expect("UTF-8"));
    let words: Vec<&str> = std::iter::once(program).chain(words).collect();
    let mut stream = UnixStream::connect_addr(&loaded().1).expect("it listens");
    let request = serde_json::to_string(&words).expect("JSON") + "\n";
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    let (status, stdout, stderr): (i32, String, String) = serde_json::from_str(&answer).expect("an answer");
    Output {
        status: ExitStatus::from_raw(status),
        stdout: stdout.into_bytes(),
        stderr: stderr.into_bytes(),
    }
}
