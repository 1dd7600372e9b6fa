//! The lab's fail2ban: a private copy of the distribution's files, the runbook's jails, a harmless
//! action.

use std::io::Write as _;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use chrono::Local;

use super::folder::{failed, make_private, remove_file, write};
use super::process::{running, wait};
use super::program::{command, last_lines, run};
use super::{LabError, LabPaths, Service, process, texts, traffic};
use crate::model::runbook::{AUTH, AUTH_FILTER, SCAN, SCAN_FILTER, is_named_after_asterisk};

/// Where the package puts its files.
const DISTRIBUTION: &str = "/etc/fail2ban";
/// The distribution's own folders and files; what the operator added beside them stays out.
const FOLDERS: &[&str] = &["filter.d", "filter.d/ignorecommands", "action.d"];
/// How long the server may take to answer or to end.
const PATIENCE: Duration = Duration::from_secs(20);

/// Writes the rehearsal host's own configuration: the distribution's, the runbook's over it.
pub(super) fn write_own_configuration(paths: &LabPaths) -> Result<(), LabError> {
    let target = paths.config_dir();
    copy_distribution(Path::new(DISTRIBUTION), &target)?;
    let files = [
        ("fail2ban.local", texts::server_overrides(paths)),
        ("jail.local", texts::jail_local(paths)),
        (texts::PRE_SPLIT_BACKUP, texts::pre_split_jail_local(paths)),
        (AUTH.filter_path, AUTH_FILTER.notice.to_owned()),
        (SCAN.filter_path, SCAN_FILTER.notice.to_owned()),
        ("action.d/lab-record.conf", texts::ban_action(paths)),
    ];
    for folder in ["jail.d", "fail2ban.d"] {
        make_private(&target.join(folder))?;
    }
    files
        .iter()
        .try_for_each(|(name, text)| write(&target.join(name), text.as_bytes(), 0o644))
}

/// Writes the logs that the jails read, with lines of just now.
pub(super) fn write_logs(paths: &LabPaths) -> Result<(), LabError> {
    let now = Local::now();
    write(&paths.asterisk_log(), traffic::asterisk(now).as_bytes(), 0o640)?;
    write(&paths.auth_log(), traffic::login(now).as_bytes(), 0o640)?;
    write(&paths.log("other.log"), b"", 0o640)?;
    write(&paths.action_log(), b"", 0o640)
}

/// Starts the server; gives its jails.
pub(super) fn start(paths: &LabPaths) -> Result<Vec<String>, LabError> {
    make_private_sockets(paths)?;
    // A killed server leaves both behind, and the client then refuses to start another.
    remove_file(&paths.socket())?;
    remove_file(&paths.fail2ban_pid())?;
    let started = conversation(paths, &["start"], &["status".to_owned()], "start the server");
    started.and_then(|text| jails_in(&text)).map_err(|error| {
        // The refusal names what failed first; a server that is left over is found by the next start, too.
        let _ = stop(paths);
        LabError::NotStarted {
            service: Service::Fail2ban,
            reason: error.to_string(),
        }
    })
}

/// Asks the server to end over its socket, then ends what is left of it; says whether there was one.
pub(super) fn stop(paths: &LabPaths) -> Result<bool, LabError> {
    let mark = paths.socket();
    let servers = processes(paths);
    if servers.is_empty() {
        return Ok(false);
    }
    if client(paths, &["stop"], "stop the server").is_ok() {
        // Whatever is left after that is ended by its number below.
        wait(PATIENCE, || processes(paths).is_empty().then_some(()));
    }
    processes(paths)
        .into_iter()
        .try_for_each(|pid| process::end(Service::Fail2ban, pid, &mark))?;
    Ok(true)
}

/// The process of the lab's server.
pub(super) fn process(paths: &LabPaths) -> Option<i32> {
    running(&paths.fail2ban_pid(), &paths.socket())
}

/// Whether the lab's server runs and answers.
pub(super) fn answers(paths: &LabPaths) -> bool {
    process(paths).is_some() && client(paths, &["ping"], "reach the server").is_ok()
}

/// The jails of the running server.
pub(super) fn jails(paths: &LabPaths) -> Result<Vec<String>, LabError> {
    jails_in(&client(paths, &["status"], "list the jails")?)
}

/// The jails that the client's `status` lists.
fn jails_in(status: &str) -> Result<Vec<String>, LabError> {
    let list = status.lines().find_map(|line| line.split_once("Jail list:"));
    let (_, list) = list.ok_or_else(|| unexpected("list the jails", status))?;
    Ok(list
        .split(',')
        .map(str::trim)
        .filter(|jail| !jail.is_empty())
        .map(str::to_owned)
        .collect())
}

/// Bans an address in those of the running jails that are Asterisk's; gives their names.
pub(super) fn ban(paths: &LabPaths, address: IpAddr, jails: &[String]) -> Result<Vec<String>, LabError> {
    let jails: Vec<String> = jails
        .iter()
        .filter(|jail| is_named_after_asterisk(jail))
        .cloned()
        .collect();
    let commands: Vec<String> = jails.iter().map(|jail| format!("set {jail} banip {address}")).collect();
    if commands.is_empty() {
        return Ok(jails);
    }
    let text = conversation(paths, &[], &commands, "ban an address")?;
    // Each answer is how many addresses are banned now, after the prompt.
    if text.lines().filter(|line| *line == "fail2ban> 1").count() < jails.len() {
        return Err(unexpected("ban an address", &text));
    }
    Ok(jails)
}

fn unexpected(purpose: &str, text: &str) -> LabError {
    LabError::Failed {
        program: "fail2ban-client".to_owned(),
        purpose: purpose.to_owned(),
        output: last_lines(text),
    }
}

/// The commands that this configuration would give the server, one Python list a line.
pub(super) fn dump(paths: &LabPaths) -> Result<String, LabError> {
    client(paths, &["-d"], "read the configuration")
}

/// Every process that was started with the lab's socket, whatever its pid file says.
fn processes(paths: &LabPaths) -> Vec<i32> {
    process::all_with(&paths.socket())
}

fn client(paths: &LabPaths, arguments: &[&str], purpose: &str) -> Result<String, LabError> {
    let mut client = client_command(paths);
    client.args(arguments);
    run(client, purpose)
}

/// Several commands of one client, which takes longer to load than to ask: `first` with its exit code, then lines as if
/// they were typed. Gives all that it printed.
fn conversation(paths: &LabPaths, first: &[&str], lines: &[String], purpose: &str) -> Result<String, LabError> {
    let mut client = client_command(paths);
    client.arg("-i").args(first).stdin(typed(lines)?);
    run(client, purpose)
}

/// A standard input that holds these lines; they are far shorter than what a pipe takes.
fn typed(lines: &[String]) -> Result<std::io::PipeReader, LabError> {
    let written = std::io::pipe().and_then(|(reader, mut writer)| {
        writer.write_all((lines.join("\n") + "\nexit\n").as_bytes())?;
        Ok(reader)
    });
    written.map_err(|source| LabError::Unrunnable {
        program: "fail2ban-client".to_owned(),
        source,
    })
}

fn client_command(paths: &LabPaths) -> Command {
    let mut client = command("fail2ban-client");
    // Named again, so that no faulty file can ever make this reach the machine's own server.
    client
        .arg("-c")
        .arg(paths.config_dir())
        .arg("-s")
        .arg(paths.socket())
        .arg("-p")
        .arg(paths.fail2ban_pid());
    client
}

fn make_private_sockets(paths: &LabPaths) -> Result<(), LabError> {
    // In the short place the folder above is this user's alone, too.
    if let Some(above) = paths.sockets.parent().filter(|above| !paths.folder.starts_with(above)) {
        make_private(above)?;
    }
    make_private(&paths.sockets)
}

/// Copies the distribution's configuration, links followed.
fn copy_distribution(source: &Path, target: &Path) -> Result<(), LabError> {
    make_private(target)?;
    let top = |name: &str| {
        name == "fail2ban.conf" || name == "jail.conf" || (name.starts_with("paths-") && name.ends_with(".conf"))
    };
    copy_files(source, target, top)?;
    let packaged = |name: &str| !name.ends_with(".local");
    FOLDERS
        .iter()
        .filter(|folder| source.join(folder).is_dir())
        .try_for_each(|folder| {
            make_private(&target.join(folder))?;
            copy_files(&source.join(folder), &target.join(folder), packaged)
        })
}

fn copy_files(source: &Path, target: &Path, wanted: impl Fn(&str) -> bool) -> Result<(), LabError> {
    let entries = std::fs::read_dir(source).map_err(failed("read", source))?;
    for entry in entries {
        let path: PathBuf = entry.map_err(failed("read", source))?.path();
        let Some(name) = path
            .file_name()
            .and_then(|name| name.to_str())
            .filter(|name| wanted(name))
        else {
            continue;
        };
        if path.is_file() {
            std::fs::copy(&path, target.join(name)).map_err(failed("copy", &path))?;
        }
    }
    Ok(())
}
