//! Changes to the configuration file: one host put in or taken out.
//!
//! Everything else in the file stays byte for byte. The new text is read back strictly before it
//! replaces the old by a rename, so that a run never leaves a file that the next one refuses.

use std::io::{ErrorKind, Write as _};
use std::ops::Range;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use toml_edit::{Array, Document, DocumentMut, Item, Table, TableLike, Value};

use crate::model::written_network::WrittenNetwork;

use super::configuration::LARGEST_FILE;
use super::document::HOST_KEYS;
use super::read_regular;
use super::{Become, HostSettings, Place, Settings, SettingsError};

/// Puts `host` into the file at `path`, or brings its table up to date, and says whether the file
/// changed. Only what differs from the defaults is written. The file is made with mode 0600 (its
/// directory 0700); an existing one keeps its mode, and a link is followed.
///
/// # Errors
/// The faults of the present file, or [`SettingsError::Write`]; the file is then as it was.
pub fn put_host(path: &Path, host: &HostSettings) -> Result<bool, SettingsError> {
    let (before, mut document) = open(path)?;
    let hosts = document.entry("hosts").or_insert_with(|| {
        let mut table = Table::new();
        table.set_implicit(true);
        Item::Table(table)
    });
    let inline = hosts.is_inline_table();
    if let Some(hosts) = hosts.as_table_like_mut() {
        if !hosts.contains_key(&host.name) {
            hosts.insert(
                &host.name,
                if inline {
                    toml_edit::value(toml_edit::InlineTable::new())
                } else {
                    toml_edit::table()
                },
            );
        }
        if let Some(table) = hosts.get_mut(&host.name).and_then(Item::as_table_like_mut) {
            for key in HOST_KEYS {
                put_value(table, key, value_of(host, key));
            }
        }
    }
    let after = document.to_string();
    // A `default_host` that means the built-in host means none any more, once the file has a host of its own.
    Settings::parse(path, after.clone().into_bytes(), Path::new("/"))?;
    replace(path, &before, &after)
}

/// Takes the host `name` out of the file at `path`, with the comment lines directly above its
/// table, and `default_host` too where it named this host. Says whether the file changed; a file
/// that this leaves without any text is removed.
///
/// # Errors
/// The faults of the present file, or [`SettingsError::Write`]; the file is then as it was.
pub fn remove_host(path: &Path, name: &str) -> Result<bool, SettingsError> {
    let (before, mut document) = open(path)?;
    let Some(hosts) = document.get("hosts").and_then(Item::as_table_like) else {
        return Ok(false);
    };
    if !hosts.contains_key(name) {
        return Ok(false);
    }
    let after = match own_lines(&before, name) {
        Some(lines) => without(&before, &lines),
        None => {
            // An inline table or dotted keys: no lines of its own to cut out.
            if let Some(hosts) = document.get_mut("hosts").and_then(Item::as_table_like_mut) {
                hosts.remove(name);
            }
            document.to_string()
        }
    };
    let after = without_default(&after, name);
    if after.trim().is_empty() {
        let target = resolve(path);
        std::fs::remove_file(&target).map_err(|source| SettingsError::Write { path: target, source })?;
        return Ok(true);
    }
    replace(path, &before, &after)
}

/// The text of the file (empty where there is none), checked, and as an editable document.
fn open(path: &Path) -> Result<(String, DocumentMut), SettingsError> {
    let bytes = match read_regular(path, LARGEST_FILE) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
        Err(source) => {
            return Err(SettingsError::Unreadable {
                path: path.to_path_buf(),
                source,
            });
        }
    };
    Settings::parse(path, bytes.clone(), Path::new("/"))?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let document = text.parse::<DocumentMut>().map_err(|error| SettingsError::Syntax {
        place: Box::new(Place::at(path, &text, error.span().map_or(0, |span| span.start))),
        message: error.message().to_owned(),
    })?;
    Ok((text, document))
}

/// What the table of `host` has to say for `key`; `None` where the default says it.
fn value_of(host: &HostSettings, key: &str) -> Option<Value> {
    let default = HostSettings::new(&host.name, "", host.origin);
    let path =
        |path: &PathBuf, usual: &PathBuf| (path != usual).then(|| Value::from(path.to_string_lossy().into_owned()));
    let local = |path: &Option<PathBuf>| {
        path.as_ref()
            .map(|path| Value::from(path.to_string_lossy().into_owned()))
    };
    let list = |list: &[String]| (!list.is_empty()).then(|| Value::Array(list.iter().collect::<Array>()));
    match key {
        "address" => Some(Value::from(host.address.as_str())),
        "identity" => local(&host.identity),
        "known_hosts" => local(&host.known_hosts),
        "become" => host.r#become.map(|Become::Sudo| Value::from("sudo")),
        "config_dir" => path(&host.config_dir, &default.config_dir),
        "client" => (host.client != default.client).then(|| Value::from(host.client.as_str())),
        "log" => path(&host.log, &default.log),
        "asterisk_log" => path(&host.asterisk_log, &default.asterisk_log),
        "state_dir" => path(&host.state_dir, &default.state_dir),
        "groups" => list(&host.groups),
        "protected" => list(&written(&host.protected)),
        "allow_special" => host.allow_special.then(|| Value::from(true)),
        _ => None,
    }
}

fn written(networks: &[WrittenNetwork]) -> Vec<String> {
    networks.iter().map(|network| network.text().to_owned()).collect()
}

/// Sets `key` in place, so that the comments and the order around it stay; a value that says the
/// same already is left as it is written.
fn put_value(table: &mut dyn TableLike, key: &str, value: Option<Value>) {
    let Some(mut value) = value else {
        table.remove(key);
        return;
    };
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(present) if bare(present) == bare(&value) => {}
        Some(present) => {
            *value.decor_mut() = present.decor().clone();
            *present = value;
        }
        None => {
            table.insert(key, Item::Value(value));
        }
    }
}

/// The value without the space and comments around it, for comparing. Arrays are compared by
/// their elements, however they are laid out.
fn bare(value: &Value) -> String {
    match value {
        Value::Array(array) => array.iter().map(|each| bare(each) + ",").collect(),
        Value::String(text) => format!("{:?}", text.value()),
        other => other.to_string().trim().to_owned(),
    }
}

/// The bytes of `[hosts.NAME]` with the comment lines directly above and one blank line before
/// them; `None` where the host has no such table.
fn own_lines(source: &str, name: &str) -> Option<Range<usize>> {
    let document = Document::parse(source).ok()?;
    let table = document
        .get("hosts")?
        .as_table_like()?
        .get(name)?
        .as_table()
        .filter(|table| !table.is_dotted())?;
    let header = table.span()?.start;
    let last = table
        .iter()
        .filter_map(|(_, item)| item.span())
        .map(|span| span.end)
        .max()
        .unwrap_or(header);
    let end = source
        .get(last..)?
        .find('\n')
        .map_or(source.len(), |length| last + length + 1);
    let mut start = line_start(source, header);
    while let Some(above) = line_above(source, start) {
        if !source.get(above..start)?.trim_start().starts_with('#') {
            break;
        }
        start = above;
    }
    match line_above(source, start) {
        Some(above) if source.get(above..start)?.trim().is_empty() => Some(above..end),
        _ => Some(start..end),
    }
}

/// `source` without its top-level `default_host` line, if that names `name`.
fn without_default(source: &str, name: &str) -> String {
    let lines = || {
        let document = Document::parse(source).ok()?;
        let (key, item) = document.as_table().get_key_value("default_host")?;
        item.as_str().filter(|host| *host == name)?;
        let end = item.span()?.end;
        let rest = source.get(end..)?;
        Some(line_start(source, key.span()?.start)..rest.find('\n').map_or(source.len(), |length| end + length + 1))
    };
    lines().map_or_else(|| source.to_owned(), |lines| without(source, &lines))
}

fn without(source: &str, cut: &Range<usize>) -> String {
    let mut text = source.to_owned();
    text.replace_range(cut.clone(), "");
    text
}

fn line_start(source: &str, offset: usize) -> usize {
    source
        .get(..offset)
        .and_then(|before| before.rfind('\n'))
        .map_or(0, |end| end + 1)
}

/// Where the line above the one that starts at `start` begins.
fn line_above(source: &str, start: usize) -> Option<usize> {
    start.checked_sub(1).map(|end| line_start(source, end))
}

/// Follows a link to the file itself, which the rename then replaces.
fn resolve(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf())
}

/// Replaces the file by `after`, if that differs and can be read back.
fn replace(path: &Path, before: &str, after: &str) -> Result<bool, SettingsError> {
    if before == after {
        return Ok(false);
    }
    Settings::parse(path, after.as_bytes().to_vec(), Path::new("/"))?;
    let target = resolve(path);
    store(&target, after).map_err(|source| SettingsError::Write { path: target, source })?;
    Ok(true)
}

fn store(target: &Path, text: &str) -> std::io::Result<()> {
    let directory = target
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)?;
    // A temporary file of this kind has mode 0600 from the start.
    let mut file = tempfile::Builder::new().prefix(".config.").tempfile_in(directory)?;
    file.write_all(text.as_bytes())?;
    if let Ok(present) = std::fs::metadata(target) {
        let mode = present.permissions().mode() & 0o7777;
        file.as_file().set_permissions(std::fs::Permissions::from_mode(mode))?;
    }
    file.as_file().sync_all()?;
    file.persist(target).map_err(|error| error.error)?;
    std::fs::File::open(directory)?.sync_all()
}
