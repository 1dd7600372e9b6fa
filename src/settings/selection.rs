//! Which hosts a run is about: `--host` and `--all-hosts`.

use crate::model::spelling::nearest;

use super::host::{address_fault, is_name, without_scheme};
use super::{HostSettings, Origin, Settings, SettingsError};

impl Settings {
    /// The host that a run without `--host` is about.
    ///
    /// # Errors
    /// [`SettingsError::NoDefault`] where several hosts are configured and `default_host` names none of them.
    pub fn default_host(&self) -> Result<HostSettings, SettingsError> {
        let default = self.default_host.as_deref().and_then(|name| self.configured(name));
        default.cloned().ok_or_else(|| SettingsError::NoDefault {
            path: self.path.clone(),
            hosts: self.hosts.iter().map(|host| host.name.clone()).collect(),
        })
    }

    /// Every configured host, for `--all-hosts`.
    #[must_use]
    pub fn all_hosts(&self) -> Vec<HostSettings> {
        self.hosts.clone()
    }

    /// The hosts that `selection` names, in its order and each once: parts with commas between
    /// them, each `NAME`, `@GROUP` or `USER@ADDR[:PORT]`, the last also as `ssh://USER@ADDR[:PORT]`.
    ///
    /// A name that is not configured is taken as one of ssh_config. `USER@ADDR[:PORT]` that is
    /// word for word the address of a configured host means that host, so that its `protected`
    /// addresses stay protected.
    ///
    /// # Errors
    /// [`SettingsError::Selection`] for an empty part, an unknown group, a faulty address, or a host that the inventory does
    /// not reach over SSH.
    pub fn select(&self, selection: &str) -> Result<Vec<HostSettings>, SettingsError> {
        let mut chosen: Vec<HostSettings> = Vec::new();
        for part in selection.split(',').map(str::trim).map(without_scheme) {
            for host in self.part(part)? {
                if chosen.iter().all(|earlier| earlier.name != host.name) {
                    chosen.push(host);
                }
            }
        }
        Ok(chosen)
    }

    /// The configured host whose name is nearest to `name`, for "did you mean".
    #[must_use]
    pub fn nearest_name(&self, name: &str) -> Option<String> {
        nearest(
            name,
            self.hosts
                .iter()
                .map(|host| host.name.as_str())
                .filter(|known| *known != name),
        )
    }

    /// The configured host of that name.
    #[must_use]
    pub fn configured(&self, name: &str) -> Option<&HostSettings> {
        self.hosts.iter().find(|host| host.name == name)
    }

    fn part(&self, part: &str) -> Result<Vec<HostSettings>, SettingsError> {
        if let Some(group) = part.strip_prefix('@') {
            return self.group(part, group);
        }
        if let Some(host) = self.configured(part) {
            return Ok(vec![host.clone()]);
        }
        if let Some(connection) = self.not_over_ssh.get(part) {
            return Err(SettingsError::Selection {
                given: part.to_owned(),
                fault: format!("is not reached over SSH in the inventory (ansible_connection {connection:?})"),
                hint: format!(
                    "if it can be reached over SSH, give it a table [hosts.{part}] in f2bctl's configuration"
                ),
            });
        }
        if is_name(part) {
            return Ok(vec![HostSettings::new(part, part, Origin::Alias)]);
        }
        let fault = match address_fault(part) {
            _ if part.is_empty() => "is empty",
            Some(fault) => fault,
            None if !part.contains('@') => "has no user",
            None => {
                let same = self.hosts.iter().find(|host| host.address == part);
                let given = || HostSettings::new(part, part, Origin::Given);
                return Ok(vec![same.cloned().unwrap_or_else(given)]);
            }
        };
        Err(SettingsError::Selection {
            given: part.to_owned(),
            fault: fault.to_owned(),
            hint: "give NAME, @GROUP, USER@ADDR, USER@ADDR:PORT or USER@[IPV6]:PORT, several with commas between them"
                .to_owned(),
        })
    }

    fn group(&self, part: &str, group: &str) -> Result<Vec<HostSettings>, SettingsError> {
        let members: Vec<_> = self
            .hosts
            .iter()
            .filter(|host| host.groups.iter().any(|each| each == group))
            .cloned()
            .collect();
        if !members.is_empty() {
            return Ok(members);
        }
        let mut groups: Vec<&str> = self
            .hosts
            .iter()
            .flat_map(|host| host.groups.iter().map(String::as_str))
            .collect();
        groups.sort_unstable();
        groups.dedup();
        Err(SettingsError::Selection {
            given: part.to_owned(),
            fault: "is a group without hosts".to_owned(),
            hint: match (nearest(group, groups.iter().copied()), groups.is_empty()) {
                (Some(near), _) => format!("did you mean `@{near}`?"),
                (None, true) => format!("add groups = [\"{group}\"] to a host in {}", self.path.display()),
                (None, false) => format!("the groups are {}", groups.join(", ")),
            },
        })
    }
}
