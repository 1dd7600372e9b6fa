//! `f2bctl hosts`: which hosts the configuration knows. Nothing is connected to.

use clap::Args;

use crate::cli::services::Services;
use crate::document::{Document, HostRow, Hosts};
use crate::settings::{Become, HostSettings};

/// The hosts of the configuration.
#[derive(Debug, Args)]
pub struct Arguments {}

/// Runs the command.
pub fn run(services: &Services) -> Document {
    let settings = &services.settings;
    let hosts = settings.hosts.iter().map(|host| HostRow {
        default: Some(settings.default_host.as_deref() == Some(&*host.name)),
        ..row(host)
    });
    let hosts = Hosts {
        hosts: hosts.collect(),
        config: settings.path.clone(),
        config_present: settings.present,
    };
    Document::report("hosts", None, hosts)
}

/// The settings of a host, as documents have them.
pub fn row(host: &HostSettings) -> HostRow {
    HostRow {
        name: host.name.clone(),
        address: host.address.clone(),
        identity: host.identity.clone(),
        known_hosts: host.known_hosts.clone(),
        r#become: host.r#become.map(|Become::Sudo| "sudo"),
        config_dir: host.config_dir.clone(),
        client: host.client.clone(),
        log: host.log.clone(),
        asterisk_log: host.asterisk_log.clone(),
        state_dir: host.state_dir.clone(),
        groups: host.groups.clone(),
        protected: host.protected.iter().map(|network| network.text().to_owned()).collect(),
        allow_special: host.allow_special,
        origin: host.origin.word(),
        default: None,
    }
}
