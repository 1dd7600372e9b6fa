//! An Ansible inventory as a list of hosts: the JSON that `ansible-inventory --list` prints.
//!
//! Read are groups, their children, and of a host's variables those that say how it is reached. What f2bctl's own
//! configuration says of a host of the same name goes before all of it; the inventory then only adds its groups.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::host::{address_fault, is_name};
use super::{Become, HostSettings, Origin, Settings, SettingsError};

/// Groups that every inventory has; `@all` is `--all-hosts`.
const MADE_BY_ANSIBLE: [&str; 2] = ["_meta", "ungrouped"];
/// What Ansible calls a connection over SSH; a host that is reached otherwise is none of f2bctl's.
const OVER_SSH: [&str; 4] = ["ssh", "smart", "paramiko", "paramiko_ssh"];

impl Settings {
    /// The same settings with the hosts and groups of an inventory.
    ///
    /// The runbook's PROD, which is there without any file, stays only if the configuration file names it: with an
    /// inventory, `--all-hosts` never means a host that no file mentions.
    ///
    /// # Errors
    /// [`SettingsError::Inventory`] for a file that is no inventory or a variable that cannot be used.
    pub fn with_inventory(mut self, path: &Path, home: &Path) -> Result<Self, SettingsError> {
        let text = std::fs::read(path).map_err(|error| fault(path, format!("cannot be read: {error}")))?;
        let inventory: Map<String, Value> = serde_json::from_slice(&text)
            .map_err(|error| fault(path, format!("is not the JSON of an inventory: {error}")))?;
        let variables = inventory.get("_meta").and_then(|meta| meta.get("hostvars"));
        let members = members(&inventory);
        let names: BTreeSet<&str> = members.values().flatten().map(String::as_str).collect();
        self.hosts.retain(|host| host.origin != Origin::Builtin);
        for name in names {
            let groups = groups_of(&members, name);
            if let Some(known) = self.hosts.iter_mut().find(|host| host.name == name) {
                known.groups.extend(groups);
                continue;
            }
            let variables = variables.and_then(|all| all.get(name));
            if let Some(host) = host(name, variables, home).map_err(|what| fault(path, what))? {
                self.hosts.push(HostSettings { groups, ..host });
            }
        }
        Ok(self)
    }
}

fn fault(path: &Path, fault: String) -> SettingsError {
    SettingsError::Inventory {
        path: path.to_path_buf(),
        fault,
    }
}

/// Each group with its hosts, those of its children included. A child that leads back to its parent is passed over.
fn members(inventory: &Map<String, Value>) -> BTreeMap<String, BTreeSet<String>> {
    let groups = inventory
        .keys()
        .filter(|name| !MADE_BY_ANSIBLE.contains(&name.as_str()) || name.as_str() == "ungrouped");
    groups
        .map(|name| {
            let mut found = BTreeSet::new();
            collect(inventory, name, &mut BTreeSet::new(), &mut found);
            (name.clone(), found)
        })
        .collect()
}

fn collect(inventory: &Map<String, Value>, group: &str, seen: &mut BTreeSet<String>, found: &mut BTreeSet<String>) {
    if !seen.insert(group.to_owned()) {
        return;
    }
    let list = |key: &str| {
        let items = inventory.get(group).and_then(|group| group.get(key));
        let items = items.and_then(Value::as_array).into_iter().flatten();
        items.filter_map(Value::as_str)
    };
    found.extend(list("hosts").map(str::to_owned));
    for child in list("children") {
        collect(inventory, child, seen, found);
    }
}

fn groups_of(members: &BTreeMap<String, BTreeSet<String>>, host: &str) -> Vec<String> {
    let of = members
        .iter()
        .filter(|(name, hosts)| !MADE_BY_ANSIBLE.contains(&name.as_str()) && hosts.contains(host));
    of.map(|(name, _)| name.clone()).collect()
}

/// One host; `None` for one that is not reached over SSH.
fn host(name: &str, variables: Option<&Value>, home: &Path) -> Result<Option<HostSettings>, String> {
    let variable = |key: &str| text(name, variables, key);
    if let Some(connection) = variable("ansible_connection")?
        && !OVER_SSH.contains(&connection.rsplit('.').next().unwrap_or_default())
    {
        return Ok(None);
    }
    if !is_name(name) {
        return Err(format!("has a host {name:?}, whose name f2bctl cannot take"));
    }
    let address = address(
        variable("ansible_host")?.as_deref().unwrap_or(name),
        variable("ansible_user")?.or(variable("ansible_ssh_user")?).as_deref(),
        variable("ansible_port")?.or(variable("ansible_ssh_port")?).as_deref(),
    );
    if let Some(wrong) = address_fault(&address) {
        return Err(format!("gives {name} the address {address:?}, which {wrong}"));
    }
    let mut host = HostSettings::new(name, &address, Origin::Inventory);
    let key = variable("ansible_ssh_private_key_file")?.or(variable("ansible_private_key_file")?);
    host.identity = key.map(|path| below_home(&path, home));
    host.r#become = elevation(name, variables)?;
    Ok(Some(host))
}

fn address(host: &str, user: Option<&str>, port: Option<&str>) -> String {
    let user = user.map(|user| format!("{user}@")).unwrap_or_default();
    match port {
        Some(port) if host.contains(':') => format!("{user}[{host}]:{port}"),
        Some(port) => format!("{user}{host}:{port}"),
        None => format!("{user}{host}"),
    }
}

fn below_home(path: &str, home: &Path) -> PathBuf {
    path.strip_prefix("~/")
        .map_or_else(|| PathBuf::from(path), |rest| home.join(rest))
}

fn elevation(name: &str, variables: Option<&Value>) -> Result<Option<Become>, String> {
    let wanted = text(name, variables, "ansible_become")?.unwrap_or_default();
    if !["true", "yes", "on", "1", "y", "t"].contains(&wanted.to_lowercase().as_str()) {
        return Ok(None);
    }
    let method = text(name, variables, "ansible_become_method")?.unwrap_or_else(|| "sudo".to_owned());
    let user = text(name, variables, "ansible_become_user")?.unwrap_or_else(|| "root".to_owned());
    if method.rsplit('.').next() != Some("sudo") || user != "root" {
        return Err(format!(
            "has {name} become {user} through {method}; f2bctl knows root through sudo"
        ));
    }
    Ok(Some(Become::Sudo))
}

/// A variable as text. `ansible-inventory --list` leaves templates as they are, and guessing at one could mean another
/// host, so a template is refused.
fn text(name: &str, variables: Option<&Value>, key: &str) -> Result<Option<String>, String> {
    let value = match variables.and_then(|all| all.get(key)) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => text.clone(),
        Some(value @ (Value::Number(_) | Value::Bool(_))) => value.to_string(),
        Some(_) => return Err(format!("gives {name} a {key} that is neither text nor a number")),
    };
    if value.contains("{{") || value.contains("{%") {
        return Err(format!(
            "gives {name} a {key} that is a template, which only Ansible can read"
        ));
    }
    Ok((!value.is_empty()).then_some(value))
}
