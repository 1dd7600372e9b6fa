//! The configuration file as TOML: reads each value strictly and says where a mistake is.

use std::ops::Range;
use std::path::{Path, PathBuf};

use toml_edit::{Document, Item, TableLike, Value};

use crate::model::spelling::nearest;
use crate::model::written_network::WrittenNetwork;

use super::host::{address_fault, is_name, without_scheme};
use super::{Become, HostSettings, Origin, Place, Policy, SettingsError};

/// The keys of the file itself.
const FILE_KEYS: &[&str] = &["default_host", "hosts", "policy"];
/// The keys of `[policy]`.
const POLICY_KEYS: &[&str] = &["widest_ipv4", "widest_ipv6"];
/// The keys of a `[hosts.NAME]` table, in the order in which they are written.
pub(super) const HOST_KEYS: &[&str] = &[
    "address",
    "identity",
    "known_hosts",
    "become",
    "config_dir",
    "client",
    "log",
    "asterisk_log",
    "state_dir",
    "groups",
    "protected",
    "allow_special",
];

/// What a file says.
pub(super) struct Contents {
    /// `default_host`, checked to be one of the hosts.
    pub default_host: Option<String>,
    /// The hosts in the file's order; the runbook's PROD where it has none.
    pub hosts: Vec<HostSettings>,
    /// `[policy]`.
    pub policy: Policy,
}

/// Reads the text of a configuration file. `home` stands for `~/` in local paths.
pub(super) fn read(path: &Path, source: &str, home: &Path) -> Result<Contents, SettingsError> {
    let document = Document::parse(source).map_err(|error| SettingsError::Syntax {
        place: Box::new(Place::at(path, source, error.span().map_or(0, |span| span.start))),
        message: error.message().lines().collect::<Vec<_>>().join(", "),
    })?;
    let reader = Reader { path, source, home };
    let root: &dyn TableLike = document.as_table();
    reader.refuse_unknown(root, FILE_KEYS, "the file")?;
    let mut hosts = reader.hosts(root)?;
    if hosts.is_empty() {
        hosts.push(HostSettings::production());
    }
    Ok(Contents {
        default_host: reader.default_host(root, &hosts)?,
        policy: reader.policy(root)?,
        hosts,
    })
}

/// One value with the key and the place that an error would name.
struct Field<'a> {
    key: String,
    item: &'a Item,
}

struct Reader<'a> {
    path: &'a Path,
    source: &'a str,
    home: &'a Path,
}

impl Reader<'_> {
    fn place(&self, span: Option<Range<usize>>) -> Box<Place> {
        Box::new(Place::at(self.path, self.source, span.map_or(0, |span| span.start)))
    }

    fn refuse_unknown(
        &self,
        table: &dyn TableLike,
        known: &'static [&'static str],
        name: &str,
    ) -> Result<(), SettingsError> {
        match table.iter().find(|(key, _)| !known.contains(key)) {
            None => Ok(()),
            Some((key, item)) => Err(SettingsError::UnknownKey {
                place: self.place(table.key(key).and_then(toml_edit::Key::span).or_else(|| item.span())),
                key: key.to_owned(),
                table: name.to_owned(),
                nearest: nearest(key, known.iter().copied()),
                known: known.to_vec(),
            }),
        }
    }

    fn wrong_type(&self, field: &Field<'_>, expected: &'static str) -> SettingsError {
        let name = field.item.type_name();
        let article = if name.starts_with(['a', 'i']) { "an" } else { "a" };
        SettingsError::WrongType {
            place: self.place(field.item.span()),
            key: field.key.clone(),
            expected,
            found: format!("{article} {name}"),
        }
    }

    fn fault(&self, field: &Field<'_>, fault: impl Into<String>, hint: impl Into<String>) -> SettingsError {
        SettingsError::Value {
            place: self.place(field.item.span()),
            key: field.key.clone(),
            fault: fault.into(),
            hint: hint.into(),
        }
    }

    fn table<'b>(&self, field: &Field<'b>) -> Result<&'b dyn TableLike, SettingsError> {
        field
            .item
            .as_table_like()
            .ok_or_else(|| self.wrong_type(field, "a table"))
    }

    fn default_host(&self, root: &dyn TableLike, hosts: &[HostSettings]) -> Result<Option<String>, SettingsError> {
        let Some(field) = field(root, "default_host") else {
            return Ok(None);
        };
        let name = self.text(&field)?;
        if hosts.iter().any(|host| host.name == name) {
            return Ok(Some(name));
        }
        let hint = match nearest(&name, hosts.iter().map(|host| host.name.as_str())) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("add a table [hosts.{name}], or name a host that has one"),
        };
        Err(self.fault(
            &field,
            format!("names \"{name}\", which is not a host of this file"),
            hint,
        ))
    }

    fn policy(&self, root: &dyn TableLike) -> Result<Policy, SettingsError> {
        let mut policy = Policy::default();
        let Some(field_policy) = field(root, "policy") else {
            return Ok(policy);
        };
        let table = self.table(&field_policy)?;
        self.refuse_unknown(table, POLICY_KEYS, "[policy]")?;
        if let Some(field) = field(table, "widest_ipv4") {
            policy.widest_ipv4 = self.prefix(&field, Policy::LIMIT_IPV4, 32)?;
        }
        if let Some(field) = field(table, "widest_ipv6") {
            policy.widest_ipv6 = self.prefix(&field, Policy::LIMIT_IPV6, 128)?;
        }
        Ok(policy)
    }

    fn prefix(&self, field: &Field<'_>, widest: u8, longest: u8) -> Result<u8, SettingsError> {
        let number = field
            .item
            .as_integer()
            .ok_or_else(|| self.wrong_type(field, "an integer"))?;
        u8::try_from(number)
            .ok()
            .filter(|length| (widest..=longest).contains(length))
            .ok_or_else(|| {
                self.fault(
                    field,
                    format!("is {number}, outside {widest} to {longest}"),
                    format!("write a prefix length from {widest} (never wider) to {longest} (one address)"),
                )
            })
    }

    fn hosts(&self, root: &dyn TableLike) -> Result<Vec<HostSettings>, SettingsError> {
        let Some(field_hosts) = field(root, "hosts") else {
            return Ok(Vec::new());
        };
        let table = self.table(&field_hosts)?;
        table
            .iter()
            .map(|(name, item)| {
                let key = Field {
                    key: format!("hosts.{name}"),
                    item,
                };
                if !is_name(name) {
                    let place = self.place(table.key(name).and_then(toml_edit::Key::span));
                    return Err(SettingsError::Value {
                        place,
                        key: key.key,
                        fault: "is not a usable host name".to_owned(),
                        hint: "begin with a letter or digit and go on with letters, digits, `.`, `_` or `-`".to_owned(),
                    });
                }
                self.host(name, self.table(&key)?)
            })
            .collect()
    }

    fn host(&self, name: &str, table: &dyn TableLike) -> Result<HostSettings, SettingsError> {
        self.refuse_unknown(table, HOST_KEYS, &format!("[hosts.{name}]"))?;
        // A table without an address adds to what is known of that name: the runbook's PROD, or
        // a host of ssh_config.
        let mut host = if name == HostSettings::PRODUCTION_NAME {
            HostSettings {
                origin: Origin::File,
                ..HostSettings::production()
            }
        } else {
            HostSettings::new(name, name, Origin::File)
        };
        if let Some(field) = field(table, "address") {
            host.address = self.address(&field)?;
        }
        host.identity = field(table, "identity")
            .map(|field| self.local_path(&field))
            .transpose()?;
        host.known_hosts = field(table, "known_hosts")
            .map(|field| self.local_path(&field))
            .transpose()?;
        host.r#become = field(table, "become")
            .map(|field| self.escalation(&field))
            .transpose()?;
        if let Some(field) = field(table, "client") {
            host.client = self.client(&field)?;
        }
        let paths = [
            ("config_dir", &mut host.config_dir),
            ("log", &mut host.log),
            ("asterisk_log", &mut host.asterisk_log),
            ("state_dir", &mut host.state_dir),
        ];
        for (key, target) in paths {
            if let Some(field) = field(table, key) {
                *target = self.absolute(&field, self.text(&field)?)?;
            }
        }
        host.groups = self.list(table, "groups", Self::group)?;
        host.protected = self.list(table, "protected", Self::network)?;
        if let Some(field) = field(table, "allow_special") {
            host.allow_special = field
                .item
                .as_bool()
                .ok_or_else(|| self.wrong_type(&field, "a boolean (true or false)"))?;
        }
        Ok(host)
    }

    fn text(&self, field: &Field<'_>) -> Result<String, SettingsError> {
        let text = field.item.as_str().ok_or_else(|| self.wrong_type(field, "a string"))?;
        if text.is_empty() {
            return Err(self.fault(field, "is empty", "write a value, or leave the key out"));
        }
        if text.chars().any(char::is_control) {
            return Err(self.fault(
                field,
                "contains a control character",
                "write it on one line, without tabs",
            ));
        }
        Ok(text.to_owned())
    }

    fn address(&self, field: &Field<'_>) -> Result<String, SettingsError> {
        let text = without_scheme(&self.text(field)?).to_owned();
        match address_fault(&text) {
            None => Ok(text),
            Some(fault) => Err(self.fault(field, fault, "write USER@ADDR, USER@ADDR:PORT or USER@[IPV6]:PORT")),
        }
    }

    fn escalation(&self, field: &Field<'_>) -> Result<Become, SettingsError> {
        match self.text(field)?.as_str() {
            "sudo" => Ok(Become::Sudo),
            other => Err(self.fault(
                field,
                format!("is \"{other}\", which is not a way to become root here"),
                "write \"sudo\", or leave the key out where the login is root's",
            )),
        }
    }

    fn client(&self, field: &Field<'_>) -> Result<String, SettingsError> {
        let text = self.text(field)?;
        if is_name(&text) || text.starts_with('/') {
            return Ok(text);
        }
        Err(self.fault(
            field,
            "is neither a command name nor an absolute path",
            "write \"fail2ban-client\" or a path such as \"/usr/local/bin/fail2ban-client\"",
        ))
    }

    fn absolute(&self, field: &Field<'_>, text: String) -> Result<PathBuf, SettingsError> {
        if text.starts_with('/') {
            return Ok(PathBuf::from(text));
        }
        Err(self.fault(
            field,
            format!("is \"{text}\", which is not an absolute path"),
            "begin the path with `/`",
        ))
    }

    /// A path on this machine, where `~/` is the operator's home.
    fn local_path(&self, field: &Field<'_>) -> Result<PathBuf, SettingsError> {
        let text = self.text(field)?;
        if let Some(rest) = text.strip_prefix("~/") {
            return Ok(self.home.join(rest));
        }
        if text.starts_with('/') {
            return Ok(PathBuf::from(text));
        }
        Err(self.fault(
            field,
            format!("is \"{text}\", which is not an absolute path"),
            "begin the path with `/`, or with `~/` for your home directory",
        ))
    }

    fn list<Entry>(
        &self,
        table: &dyn TableLike,
        key: &str,
        check: fn(&Self, &Field<'_>) -> Result<Entry, SettingsError>,
    ) -> Result<Vec<Entry>, SettingsError> {
        let Some(field) = field(table, key) else {
            return Ok(Vec::new());
        };
        let array = field
            .item
            .as_array()
            .ok_or_else(|| self.wrong_type(&field, "an array of strings"))?;
        array
            .iter()
            .map(|value: &Value| {
                check(
                    self,
                    &Field {
                        key: key.to_owned(),
                        item: &Item::Value(value.clone()),
                    },
                )
            })
            .collect()
    }

    fn group(&self, field: &Field<'_>) -> Result<String, SettingsError> {
        let text = self.text(field)?;
        if is_name(&text) {
            return Ok(text);
        }
        Err(self.fault(
            field,
            format!("has \"{text}\", which is not a usable group name"),
            "begin with a letter or digit and go on with letters, digits, `.`, `_` or `-`",
        ))
    }

    fn network(&self, field: &Field<'_>) -> Result<WrittenNetwork, SettingsError> {
        let text = self.text(field)?;
        WrittenNetwork::parse(&text).map_err(|_| {
            self.fault(
                field,
                format!("has \"{text}\", which is neither an address nor a network"),
                "write an address such as 192.0.2.10 or a network such as 192.0.2.0/28",
            )
        })
    }
}

fn field<'a>(table: &'a dyn TableLike, key: &str) -> Option<Field<'a>> {
    table.get(key).map(|item| Field {
        key: key.to_owned(),
        item,
    })
}
