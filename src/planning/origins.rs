//! Where an entry of a running jail's whitelist comes from: a line of a file, or nothing but the running server.
//!
//! Boundary: what the files give is fail2ban's own reading of them, taken on the host. Without that it is unknown.

use crate::model::observed::Observed;
use crate::model::origins::{EntryOrigin, ListOrigin, Loaded, Member, Place};

/// Where an entry that is in force comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin<'seen> {
    /// A line of a file.
    File(&'seen EntryOrigin),
    /// No file gives it, and no file changed since the server read them: it was set at run time.
    Runtime,
    /// No file gives it any more: it was set at run time, or deleted from a file since the server read it.
    RuntimeOrDeleted,
    /// Nobody could be asked, with the reason.
    Unknown(String),
}

/// Where an entry comes from that a running jail shows.
pub fn origin<'seen>(observed: &'seen Observed, jail: &str, shown: &str) -> Origin<'seen> {
    let origins = match observed.origins.read() {
        Ok(origins) => origins,
        Err(reason) => return Origin::Unknown(reason.to_owned()),
    };
    match origins.jails.get(jail).map(|list| list.read()) {
        None => Origin::Unknown("the jail was not looked at".to_owned()),
        Some(Err(reason)) => Origin::Unknown(reason.to_owned()),
        Some(Ok(list)) => match given(list, shown) {
            Some(entry) => Origin::File(entry),
            None if origins.loaded.as_ref().is_some_and(Loaded::is_current) => Origin::Runtime,
            None => Origin::RuntimeOrDeleted,
        },
    }
}

/// The entry of a list that a server shows so.
fn given<'list>(list: &'list ListOrigin, shown: &str) -> Option<&'list EntryOrigin> {
    let shows = |entry: &&EntryOrigin| entry.shown.iter().flatten().any(|text| text == shown);
    list.entries.iter().find(shows)
}

/// Whether a list has an entry that a server shows so.
pub fn holds(list: &ListOrigin, shown: &str) -> bool {
    given(list, shown).is_some()
}

/// The list that the files give to a jail, where that is known.
pub fn list<'seen>(observed: &'seen Observed, jail: &str) -> Option<&'seen ListOrigin> {
    observed.origins.value()?.jails.get(jail)?.value()
}

/// What a file holds that an entry names, as a server shows the entry.
///
/// # Errors
/// Why that is not known.
pub fn members<'seen>(observed: &'seen Observed, shown: &str) -> Result<&'seen [Member], &'seen str> {
    match observed.origins.read()?.members.get(shown) {
        Some(members) => members.read().map(Vec::as_slice),
        None => Err("it was not looked at"),
    }
}

/// The first place that another file, or a jail's own section, has for a jail's list instead of jail.local's entry.
pub fn laid_over<'seen>(observed: &'seen Observed, jail: &str, shown: &str) -> Option<&'seen Place> {
    let list = list(observed, jail)?;
    if given(list, shown).is_some() {
        return None;
    }
    list.entries.iter().find_map(|entry| entry.place.as_ref())
}

/// A place as it is shown: relative to the configuration directory where it lies in there.
pub fn shown_place(place: &Place, observed: &Observed) -> String {
    let Place(path, line) = place;
    let folder = observed
        .jail_local
        .value()
        .and_then(|file| file.path.strip_suffix("jail.local"));
    let path = folder.and_then(|folder| path.strip_prefix(folder)).unwrap_or(path);
    format!("{path}:{line}")
}
