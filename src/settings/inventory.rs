//! An Ansible inventory as a list of hosts: the JSON that `ansible-inventory --list` prints.
//!
//! Read are groups, their children, and of a host's variables those that say how it is reached. What f2bctl's own
//! configuration says of a host of the same name goes before all of it; the inventory then only adds its groups.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::host::{address_fault, is_name};
use super::{Become, HostSettings, Origin, Settings, SettingsError, read_regular};

/// The largest inventory that is read, in bytes: some 1 KiB of variables for each of 60,000 hosts.
const LARGEST_FILE: u64 = 64 * 1024 * 1024;
/// In how many groups all hosts together may be, those that come by way of child groups included.
const MOST_MEMBERSHIPS: usize = 1_000_000;
/// What is among the groups and is none: the variables of the hosts.
const META: &str = "_meta";
/// The group of the hosts that are in no other. It is none that anybody made, so it is not one to choose hosts by.
/// `all`, the inventory's other own group, is: `@all` has the inventory's hosts, `--all-hosts` those of the
/// configuration file besides.
const UNGROUPED: &str = "ungrouped";
/// What Ansible calls a connection over SSH; a host that is reached otherwise is none of f2bctl's.
const OVER_SSH: [&str; 4] = ["ssh", "smart", "paramiko", "paramiko_ssh"];

// Each variable that says how a host is reached, in every spelling that Ansible takes (`ansible-doc -t connection ssh`,
// `-t become sudo`; ansible-core 2.14).
const HOST: &[&str] = &["ansible_host", "ansible_ssh_host"];
const USER: &[&str] = &["ansible_user", "ansible_ssh_user"];
const PORT: &[&str] = &["ansible_port", "ansible_ssh_port"];
const KEY: &[&str] = &["ansible_private_key_file", "ansible_ssh_private_key_file"];
const CONNECTION: &[&str] = &["ansible_connection"];
const BECOME: &[&str] = &["ansible_become"];
const BECOME_METHOD: &[&str] = &["ansible_become_method"];
const BECOME_USER: &[&str] = &["ansible_become_user", "ansible_sudo_user"];
/// Spellings that hold for one way of connecting alone: whether they count is for Ansible to say, so they are refused.
const PARAMIKO: &[&str] = &["ansible_paramiko_host", "ansible_paramiko_user"];
const READ: [&[&str]; 9] = [
    HOST,
    USER,
    PORT,
    KEY,
    CONNECTION,
    BECOME,
    BECOME_METHOD,
    BECOME_USER,
    PARAMIKO,
];

impl Settings {
    /// The same settings with the hosts and groups of an inventory.
    ///
    /// The runbook's PROD, which is there while no host is configured, is then gone: `--all-hosts` never means a host
    /// that no file mentions.
    ///
    /// # Errors
    /// [`SettingsError::Inventory`] for a file that is not what `ansible-inventory --list` prints, or a variable that
    /// cannot be used: each of them could otherwise mean another host than Ansible's.
    pub fn with_inventory(mut self, path: &Path, home: &Path) -> Result<Self, SettingsError> {
        let text = read_regular(path, LARGEST_FILE).map_err(|error| fault(path, format!("cannot be read: {error}")))?;
        let inventory: Map<String, Value> = serde_json::from_slice(&text)
            .map_err(|error| fault(path, format!("is not the JSON of an inventory: {error}")))?;
        let variables = host_variables(&inventory).map_err(|what| fault(path, what))?;
        let groups = groups(&inventory).map_err(|what| fault(path, what))?;
        let groups_of = groups_of_hosts(&groups).map_err(|what| fault(path, what))?;
        self.hosts.retain(|host| host.origin != Origin::Builtin);
        // With the many hosts of an inventory none is meant by leaving it out.
        self.default_host = None;
        let configured = self.hosts.len();
        for (name, groups) in groups_of {
            let mut known = self.hosts.iter_mut().take(configured);
            if let Some(known) = known.find(|host| host.name == name) {
                known.groups.extend(groups);
                continue;
            }
            match host(name, variables.get(name), home).map_err(|what| fault(path, what))? {
                Reached::OverSsh(host) => self.hosts.push(HostSettings { groups, ..*host }),
                Reached::By(connection) => {
                    self.not_over_ssh.insert(name.to_owned(), connection);
                }
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

/// What `_meta` says of each host. Without it the file has been made otherwise, and each name would be taken for an
/// address.
fn host_variables(inventory: &Map<String, Value>) -> Result<&Map<String, Value>, String> {
    let meta = inventory.get(META).and_then(|meta| meta.get("hostvars"));
    meta.and_then(Value::as_object)
        .ok_or_else(|| "has no `_meta` with `hostvars`, so it does not say how its hosts are reached".to_owned())
}

/// What a group names.
struct Group<'file> {
    hosts: Vec<&'file str>,
    children: Vec<&'file str>,
}

fn groups(inventory: &Map<String, Value>) -> Result<BTreeMap<&str, Group<'_>>, String> {
    let groups = inventory.iter().filter(|(name, _)| *name != META);
    groups
        .map(|(name, content)| Ok((name.as_str(), group(name, content)?)))
        .collect()
}

fn group<'file>(name: &str, content: &'file Value) -> Result<Group<'file>, String> {
    let Some(content) = content.as_object() else {
        return Err(format!(
            "has the group {name} in the short form of an inventory script (a list of hosts)"
        ));
    };
    let variables = content.get("vars").and_then(Value::as_object);
    let read = READ.iter().copied().flatten();
    if let Some(key) = read
        .into_iter()
        .find(|key| variables.is_some_and(|all| all.contains_key(**key)))
    {
        return Err(format!(
            "gives the group {name} the variable {key}, as `--export` leaves it; only Ansible can tell which hosts it holds for"
        ));
    }
    Ok(Group {
        hosts: words(name, content, "hosts")?,
        children: words(name, content, "children")?,
    })
}

fn words<'file>(group: &str, content: &'file Map<String, Value>, key: &str) -> Result<Vec<&'file str>, String> {
    let wrong = || format!("has a group {group} whose `{key}` is not a list of names");
    match content.get(key) {
        None => Ok(Vec::new()),
        Some(Value::Array(items)) => items.iter().map(|item| item.as_str().ok_or_else(wrong)).collect(),
        Some(_) => Err(wrong()),
    }
}

/// Each host with the groups that it is in, by way of child groups too, in the order of their names. Groups that lead
/// to each other are passed over; how deep groups are nested takes no stack.
fn groups_of_hosts<'file>(
    groups: &BTreeMap<&'file str, Group<'file>>,
) -> Result<BTreeMap<&'file str, Vec<String>>, String> {
    let mut parents: BTreeMap<&str, Vec<&'file str>> = BTreeMap::new();
    let mut own: BTreeMap<&'file str, Vec<&'file str>> = BTreeMap::new();
    for (name, group) in groups {
        for child in &group.children {
            parents.entry(child).or_default().push(name);
        }
        for host in &group.hosts {
            own.entry(host).or_default().push(name);
        }
    }
    let mut memberships = 0;
    let mut found = BTreeMap::new();
    for (host, own) in own {
        let mut seen: BTreeSet<&str> = own.iter().copied().collect();
        let mut waiting = own;
        while let Some(group) = waiting.pop() {
            let above = parents.get(group).into_iter().flatten().copied();
            waiting.extend(above.filter(|parent| seen.insert(parent)));
            if memberships + seen.len() > MOST_MEMBERSHIPS {
                return Err(format!(
                    "puts its hosts into more than {MOST_MEMBERSHIPS} groups in all"
                ));
            }
        }
        memberships += seen.len();
        let named = seen.into_iter().filter(|name| *name != UNGROUPED);
        found.insert(host, named.map(str::to_owned).collect());
    }
    Ok(found)
}

/// How Ansible reaches a host.
enum Reached {
    /// As f2bctl does.
    OverSsh(Box<HostSettings>),
    /// Otherwise: its `ansible_connection`, such as `local`.
    By(String),
}

fn host(name: &str, variables: Option<&Value>, home: &Path) -> Result<Reached, String> {
    let variable = |spellings: &[&str]| variable(name, variables, spellings);
    if let Some(connection) = variable(CONNECTION)?
        && !OVER_SSH.contains(&connection.rsplit('.').next().unwrap_or_default())
    {
        return Ok(Reached::By(connection));
    }
    if !is_name(name) {
        return Err(format!("has a host {name:?}, whose name f2bctl cannot take"));
    }
    if let Some(key) = PARAMIKO
        .iter()
        .find(|key| variables.is_some_and(|all| all.get(key).is_some()))
    {
        return Err(format!(
            "gives {name} a {key}, which holds for paramiko alone; ansible_host and ansible_user hold for every way"
        ));
    }
    let address = address(
        variable(HOST)?.as_deref().unwrap_or(name),
        variable(USER)?.as_deref(),
        variable(PORT)?.as_deref(),
    );
    if let Some(wrong) = address_fault(&address) {
        return Err(format!("gives {name} the address {address:?}, which {wrong}"));
    }
    let mut host = HostSettings::new(name, &address, Origin::Inventory);
    host.identity = variable(KEY)?.map(|path| below_home(&path, home));
    host.r#become = elevation(name, variables)?;
    Ok(Reached::OverSsh(Box::new(host)))
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
    let wanted = variable(name, variables, BECOME)?.unwrap_or_default();
    if !["true", "yes", "on", "1", "y", "t"].contains(&wanted.to_lowercase().as_str()) {
        return Ok(None);
    }
    let method = variable(name, variables, BECOME_METHOD)?.unwrap_or_else(|| "sudo".to_owned());
    let user = variable(name, variables, BECOME_USER)?.unwrap_or_else(|| "root".to_owned());
    if method.rsplit('.').next() != Some("sudo") || user != "root" {
        return Err(format!(
            "has {name} become {user} through {method}; f2bctl knows root through sudo"
        ));
    }
    Ok(Some(Become::Sudo))
}

/// A variable in whichever of its spellings it is given. Ansible's order among them is its own and differs between
/// versions and plugins, so two that disagree are refused.
fn variable(name: &str, variables: Option<&Value>, spellings: &[&str]) -> Result<Option<String>, String> {
    let mut found: Option<(&str, String)> = None;
    for key in spellings {
        let Some(value) = text(name, variables, key)? else {
            continue;
        };
        match &found {
            Some((first, earlier)) if *earlier != value => {
                return Err(format!(
                    "gives {name} both {first} {earlier:?} and {key} {value:?}; only one of them can be meant"
                ));
            }
            _ => found = Some((key, value)),
        }
    }
    Ok(found.map(|(_, value)| value))
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
