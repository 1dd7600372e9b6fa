//! Starting, healing and removing the rehearsal host.

use std::net::{IpAddr, Ipv4Addr};

use chrono::Local;

use super::folder::{Record, hold, make_private, refuse_foreign, remove_folder, remove_lab};
use super::{
    CopiedConfiguration, HOST_NAME, LabError, LabEvent, LabPaths, Service, fail2ban, prerequisites, secure_shell,
    status,
};
use crate::document::LabState;
use crate::settings::write::{put_host, remove_host};
use crate::settings::{HostSettings, Origin};

/// A member of 192.0.2.0/28, the network that the demonstration onboards: banned beforehand, so
/// that onboarding has a ban to lift.
const BANNED: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 10));

/// What `up` is asked for beyond the usual.
#[derive(Debug, Clone, Default)]
pub struct UpOptions {
    /// Another host's configuration instead of the runbook's.
    pub from: Option<CopiedConfiguration>,
    /// sshd's port; a free one where it is absent or taken.
    pub port: Option<u16>,
}

/// A rehearsal host that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabHost {
    /// Its settings, as they are in the configuration file now.
    pub settings: HostSettings,
    /// Whether nothing had to be started.
    pub already_running: bool,
}

/// Starts the rehearsal host, or what is dead of it, and enters it into the configuration.
///
/// Doing it twice changes nothing the second time. Both processes outlive this one.
///
/// # Errors
/// See [`LabError`]; a lab that could not be completed is started afresh by the next `up`.
pub fn up(paths: &LabPaths, options: &UpOptions, events: &mut dyn FnMut(LabEvent)) -> Result<LabHost, LabError> {
    let missing = prerequisites();
    if !missing.is_empty() {
        return Err(LabError::Missing(missing));
    }
    let _held = hold(paths)?;
    refuse_foreign(paths)?;
    let present = Record::read(paths)?.filter(|record| record.complete);
    let (record, already_running) = match present {
        Some(_) if options.from.is_some() => return Err(LabError::Occupied(paths.folder.clone())),
        Some(record) => heal(paths, record, options, events)?,
        None => (create(paths, options, events)?, false),
    };
    let settings = host_settings(paths, &record);
    if put_host(&paths.configuration_file, &settings)? {
        events(LabEvent::HostWritten {
            file: paths.configuration_file.clone(),
        });
    }
    Ok(LabHost {
        settings,
        already_running,
    })
}

/// Ends both processes, makes sure that they have ended, and removes the folder and the host from
/// the configuration. Doing it twice changes nothing the second time.
///
/// # Errors
/// See [`LabError`]; nothing is removed while a process still runs.
pub fn down(paths: &LabPaths, events: &mut dyn FnMut(LabEvent)) -> Result<(), LabError> {
    let _held = hold(paths)?;
    refuse_foreign(paths)?;
    let there = paths.folder.exists();
    stop(paths, events)?;
    if there {
        clear(paths)?;
        events(LabEvent::FolderRemoved {
            folder: paths.folder.clone(),
        });
    } else {
        events(LabEvent::NothingThere {
            folder: paths.folder.clone(),
        });
    }
    if remove_host(&paths.configuration_file, HOST_NAME)? {
        events(LabEvent::HostRemoved {
            file: paths.configuration_file.clone(),
        });
    }
    Ok(())
}

/// Makes the lab from nothing; what an earlier run left half made is cleared first.
fn create(paths: &LabPaths, options: &UpOptions, events: &mut dyn FnMut(LabEvent)) -> Result<Record, LabError> {
    stop(paths, events)?;
    clear(paths)?;
    make_private(&paths.folder)?;
    let mut record = Record {
        schema: 1,
        port: 0,
        user: secure_shell::user()?,
        created: Local::now(),
        source: options.from.as_ref().map(|copied| copied.source.clone()),
        complete: false,
    };
    record.write(paths)?;
    for folder in [
        paths.secure_shell(""),
        paths.log(""),
        paths.bans(),
        paths.state_dir(),
        paths.folder.join("etc"),
    ] {
        make_private(&folder)?;
    }
    secure_shell::make_keys(paths, &record.user)?;
    fail2ban::write_logs(paths)?;
    match &options.from {
        None => fail2ban::write_own_configuration(paths)?,
        Some(copied) => {
            copied.write(paths)?;
            events(LabEvent::ConfigurationCopied {
                source: copied.source.clone(),
                files: copied.files.len(),
            });
        }
    }
    events(LabEvent::FolderWritten {
        folder: paths.folder.clone(),
    });
    let jails = start_fail2ban(paths, events)?;
    let jails = fail2ban::ban(paths, BANNED, &jails)?;
    if !jails.is_empty() {
        events(LabEvent::Banned { address: BANNED, jails });
    }
    start_sshd(paths, &mut record, options.port, events)?;
    record.complete = true;
    record.write(paths)?;
    Ok(record)
}

/// Starts again what does not answer, with the same files and, if it is free, the same port.
fn heal(
    paths: &LabPaths,
    mut record: Record,
    options: &UpOptions,
    events: &mut dyn FnMut(LabEvent),
) -> Result<(Record, bool), LabError> {
    let found = status(paths)?;
    if found.state == LabState::Running {
        events(LabEvent::AlreadyRunning {
            folder: paths.folder.clone(),
        });
        return Ok((record, true));
    }
    if !found.fail2ban.answers {
        events(LabEvent::Healing {
            service: Service::Fail2ban,
        });
        fail2ban::stop(paths)?;
        start_fail2ban(paths, events)?;
    }
    if !found.sshd.answers {
        events(LabEvent::Healing { service: Service::Sshd });
        secure_shell::stop(paths)?;
        let port = options.port.unwrap_or(record.port);
        start_sshd(paths, &mut record, Some(port), events)?;
        record.write(paths)?;
    }
    Ok((record, false))
}

fn start_fail2ban(paths: &LabPaths, events: &mut dyn FnMut(LabEvent)) -> Result<Vec<String>, LabError> {
    let jails = fail2ban::start(paths)?;
    events(LabEvent::Fail2banStarted { jails: jails.clone() });
    Ok(jails)
}

fn start_sshd(
    paths: &LabPaths,
    record: &mut Record,
    port: Option<u16>,
    events: &mut dyn FnMut(LabEvent),
) -> Result<(), LabError> {
    record.port = secure_shell::start(paths, &record.user, port)?;
    events(LabEvent::SshdStarted { port: record.port });
    secure_shell::prove_login(paths, &record.user, record.port)?;
    events(LabEvent::LoginProved {
        address: host_settings(paths, record).address,
    });
    Ok(())
}

fn stop(paths: &LabPaths, events: &mut dyn FnMut(LabEvent)) -> Result<(), LabError> {
    if fail2ban::stop(paths)? {
        events(LabEvent::Stopped {
            service: Service::Fail2ban,
        });
    }
    if secure_shell::stop(paths)? {
        events(LabEvent::Stopped { service: Service::Sshd });
    }
    Ok(())
}

fn clear(paths: &LabPaths) -> Result<(), LabError> {
    if !paths.sockets.starts_with(&paths.folder) {
        remove_folder(&paths.sockets)?;
        if let Some(above) = paths.sockets.parent() {
            // Another lab of this user may still have its sockets there.
            let _ = std::fs::remove_dir(above);
        }
    }
    remove_lab(&paths.folder, &paths.record())
}

fn host_settings(paths: &LabPaths, record: &Record) -> HostSettings {
    HostSettings {
        identity: Some(paths.secure_shell("user_key")),
        known_hosts: Some(paths.secure_shell("known_hosts")),
        config_dir: paths.config_dir(),
        log: paths.action_log(),
        asterisk_log: paths.asterisk_log(),
        state_dir: paths.state_dir(),
        allow_special: true,
        ..HostSettings::new(
            HOST_NAME,
            format!("{}@127.0.0.1:{}", record.user, record.port),
            Origin::File,
        )
    }
}
