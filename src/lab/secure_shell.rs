//! The lab's sshd: its own keys, only this user, only 127.0.0.1.

use std::io::Read as _;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::time::Duration;

use super::folder::{make_private, remove_file, write};
use super::process::{end_child, running, wait};
use super::program::{command, last_lines, run};
use super::{LabError, LabPaths, Service, process};

/// How long sshd may take until it greets.
const START: Duration = Duration::from_secs(10);
/// How long a wanted port may stay taken before another is chosen.
const RELEASE: Duration = Duration::from_secs(2);
/// How often another port is tried where one was taken between looking and using.
const ATTEMPTS: usize = 5;

/// The login name of the user that runs this.
pub(super) fn user() -> Result<String, LabError> {
    let mut id = command("id");
    id.arg("-un");
    Ok(run(id, "name the current user")?.trim().to_owned())
}

/// Makes the host key and the user's key; the user's opens this sshd only.
pub(super) fn make_keys(paths: &LabPaths, user: &str) -> Result<(), LabError> {
    for (name, comment) in [
        ("host_key", "f2bctl-lab-host".to_owned()),
        ("user_key", format!("{user}@f2bctl-lab")),
    ] {
        let path = paths.secure_shell(name);
        remove_file(&path)?;
        let mut keygen = command("ssh-keygen");
        keygen
            .args(["-q", "-t", "ed25519", "-N", "", "-C", &comment, "-f"])
            .arg(&path);
        run(keygen, "make a key")?;
    }
    let public = read(&paths.secure_shell("user_key.pub"))?;
    write(&paths.secure_shell("authorized_keys"), public.as_bytes(), 0o600)
}

/// Starts sshd on `wanted`, or on a free port where that is taken, and gives the port.
pub(super) fn start(paths: &LabPaths, user: &str, wanted: Option<u16>) -> Result<u16, LabError> {
    make_separation_folder()?;
    make_private(&paths.login_home())?;
    let mut reason = String::new();
    for attempt in 0..ATTEMPTS {
        let port = free_port(wanted.filter(|_| attempt == 0))?;
        write(
            &paths.secure_shell("sshd_config"),
            configuration(paths, user, port).as_bytes(),
            0o600,
        )?;
        write(
            &paths.secure_shell("known_hosts"),
            known_hosts(paths, port)?.as_bytes(),
            0o600,
        )?;
        remove_file(&paths.sshd_pid())?;
        write(&paths.secure_shell("sshd.log"), b"", 0o600)?;
        let mut sshd = command("sshd");
        // sshd goes into the background by itself, in a session of its own.
        sshd.arg("-f")
            .arg(paths.secure_shell("sshd_config"))
            .arg("-E")
            .arg(paths.secure_shell("sshd.log"));
        match run(sshd, "start") {
            Ok(_) if wait(START, || answers(paths, port).then_some(())).is_some() => {
                return Ok(port);
            }
            Ok(_) => reason = format!("no greeting within {} s", START.as_secs()),
            Err(LabError::Failed { output, .. }) => reason = output,
            Err(other) => return Err(other),
        }
        let log = std::fs::read_to_string(paths.secure_shell("sshd.log")).unwrap_or_default();
        reason = format!("{reason}; {}", last_lines(&log));
        stop(paths)?;
    }
    Err(LabError::NotStarted {
        service: Service::Sshd,
        reason,
    })
}

/// The process of the lab's sshd.
pub(super) fn process(paths: &LabPaths) -> Option<i32> {
    running(&paths.sshd_pid(), &mark(paths))
}

/// Whether the lab's sshd runs and greets on that port.
pub(super) fn answers(paths: &LabPaths, port: u16) -> bool {
    process(paths).is_some() && greeting(port).is_some_and(|text| text.starts_with(b"SSH-"))
}

/// Ends the lab's sshd and the sessions that it still has; says whether there was one.
pub(super) fn stop(paths: &LabPaths) -> Result<bool, LabError> {
    let mark = mark(paths);
    let listeners = process::all_with(&mark);
    for &pid in &listeners {
        for session in process::children(pid) {
            end_child(session, pid);
        }
        process::end(Service::Sshd, pid, &mark)?;
    }
    Ok(!listeners.is_empty())
}

/// Logs in once as the configured host says, by the system's own ssh.
pub(super) fn prove_login(paths: &LabPaths, user: &str, port: u16) -> Result<(), LabError> {
    let mut ssh = command("ssh");
    ssh.args([
        "-F",
        "none",
        "-o",
        "BatchMode=yes",
        "-o",
        "IdentitiesOnly=yes",
        "-o",
        "StrictHostKeyChecking=yes",
    ])
    .args([
        "-o",
        "ConnectTimeout=10",
        "-o",
        "GlobalKnownHostsFile=none",
        "-o",
        "IdentityAgent=none",
        // What the client prefers from 9.0 on takes ten times the processor time of all else here.
        "-o",
        "KexAlgorithms=curve25519-sha256",
        "-o",
    ])
    .arg(format!(
        "UserKnownHostsFile={}",
        paths.secure_shell("known_hosts").display()
    ))
    .arg("-i")
    .arg(paths.secure_shell("user_key"))
    .args([
        "-p",
        &port.to_string(),
        "-l",
        user,
        "127.0.0.1",
        "python3 -I -c 'print(1)'",
    ]);
    run(ssh, "log in to the lab and run python3 there").map(|_| ())
}

/// What only this lab's sshd was started with.
fn mark(paths: &LabPaths) -> std::path::PathBuf {
    paths.secure_shell("sshd_config")
}

fn configuration(paths: &LabPaths, user: &str, port: u16) -> String {
    let at = |name: &str| paths.secure_shell(name).display().to_string();
    let pam = if root_is_locked() { "yes" } else { "no" };
    [
        "# The sshd of the rehearsal host: this user's login with the lab's own key, nothing else.".to_owned(),
        format!("Port {port}"),
        "ListenAddress 127.0.0.1".to_owned(),
        format!("HostKey {}", at("host_key")),
        format!("PidFile {}", at("sshd.pid")),
        format!("AuthorizedKeysFile {}", at("authorized_keys")),
        format!("AllowUsers {user}"),
        "PermitRootLogin prohibit-password".to_owned(),
        "AuthenticationMethods publickey".to_owned(),
        "PasswordAuthentication no".to_owned(),
        "KbdInteractiveAuthentication no".to_owned(),
        format!("UsePAM {pam}"),
        "# The folder is private itself; what lies above it is not sshd's business here.".to_owned(),
        "StrictModes no".to_owned(),
        "UseDNS no".to_owned(),
        "# A host of its own: what this user's own shell does at a login (aliases, version managers) is not done here."
            .to_owned(),
        format!("SetEnv HOME={}", paths.login_home().display()),
        "# Many operators may rehearse at once; the default turns logins away at random from ten on.".to_owned(),
        "MaxStartups 100".to_owned(),
        "AllowTcpForwarding no".to_owned(),
        "AllowAgentForwarding no".to_owned(),
        "X11Forwarding no".to_owned(),
        "PermitTunnel no".to_owned(),
        "PermitUserRC no".to_owned(),
        "# The audit log names the key that was accepted.".to_owned(),
        "ExposeAuthInfo yes".to_owned(),
        "PrintMotd no".to_owned(),
        "LogLevel VERBOSE".to_owned(),
        String::new(),
    ]
    .join("\n")
}

/// Without PAM sshd refuses a locked account, which root's is on Ubuntu; with PAM it lets a key in.
fn root_is_locked() -> bool {
    rustix::process::geteuid().is_root()
        && std::fs::read_to_string("/etc/shadow")
            .is_ok_and(|shadow| shadow.lines().any(|line| line.starts_with("root:!")))
}

fn known_hosts(paths: &LabPaths, port: u16) -> Result<String, LabError> {
    let public = read(&paths.secure_shell("host_key.pub"))?;
    let key: Vec<&str> = public.split_whitespace().take(2).collect();
    Ok(format!("[127.0.0.1]:{port} {}\n", key.join(" ")))
}

/// Root's sshd wants the folder that the system's service would make at boot.
fn make_separation_folder() -> Result<(), LabError> {
    let folder = Path::new("/run/sshd");
    if !rustix::process::geteuid().is_root() || folder.is_dir() {
        return Ok(());
    }
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o755)
        .create(folder)
        .map_err(super::folder::failed("create", folder))
}

fn free_port(wanted: Option<u16>) -> Result<u16, LabError> {
    // A session that outlives a killed sshd for a moment still holds the old port.
    let taken = wanted.and_then(|port| wait(RELEASE, || TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok()));
    let listener = match taken {
        Some(listener) => Ok(listener),
        None => TcpListener::bind((Ipv4Addr::LOCALHOST, 0)),
    };
    listener
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|source| LabError::NotStarted {
            service: Service::Sshd,
            reason: format!("no free port on 127.0.0.1 ({source})"),
        })
}

fn greeting(port: u16) -> Option<[u8; 4]> {
    let limit = Duration::from_secs(2);
    let mut stream = TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), limit).ok()?;
    stream.set_read_timeout(Some(limit)).ok()?;
    let mut text = [0; 4];
    stream.read_exact(&mut text).ok()?;
    Some(text)
}

fn read(path: &Path) -> Result<String, LabError> {
    std::fs::read_to_string(path).map_err(super::folder::failed("read", path))
}
