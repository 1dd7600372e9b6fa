//! Undo a change that was made: its files come back as they were before it, from the host's journal.
//!
//! It refuses when one of them has moved on since, and shows how: whoever changed it later would lose that.

use crate::document::{Advice, Warning, WarningCode};
use similar::TextDiff;

use crate::model::comment_text::escaped;
use crate::model::observed::{Clock, Journal, Observed, Part, PastChange, PastFile};
use crate::model::operation::{Edit, ReplaceFile, is_read_by_fail2ban};
use crate::planning::draft::Draft;
use crate::planning::effect::Intent;
use crate::planning::policy::Guard;
use crate::planning::procedure::Procedure;
use crate::planning::reading::JAIL_LOCAL;
use crate::planning::refusal::Refusal;
use crate::planning::server_move::{ServerMove, server_move};

/// How much of an identifier a sentence has: its time in milliseconds, which no two changes of a host share.
const SHORT_ID: usize = 13;

/// The request.
#[derive(Debug, Clone, Default)]
pub struct Undo {
    /// The change; the newest one that touched a file by default.
    pub change_id: Option<String>,
}

impl Undo {
    /// The change that is meant.
    fn target<'host>(&self, journal: &'host Journal) -> Result<&'host PastChange, Refusal> {
        let Some(wanted) = &self.change_id else {
            return newest(journal);
        };
        let change = named(wanted, journal)?;
        if change.files.is_empty() {
            return Err(Refusal::precondition(format!(
                "change {wanted} ({}) touched no file, so there is nothing to put back",
                command(change)
            ))
            .hint("`f2bctl history` lists the changes; onboard, offboard, rollback and the like can be undone"));
        }
        Ok(change)
    }
}

/// The change of this identifier, or the only one whose identifier begins so.
fn named<'host>(wanted: &str, journal: &'host Journal) -> Result<&'host PastChange, Refusal> {
    if let Some(exact) = journal.changes.iter().find(|change| change.id == wanted) {
        return Ok(exact);
    }
    let begins = |change: &&PastChange| !wanted.is_empty() && change.id.starts_with(wanted);
    let found: Vec<&PastChange> = journal.changes.iter().filter(begins).collect();
    match found.as_slice() {
        [] => Err(unknown(wanted, journal)),
        [only] => Ok(only),
        several => {
            let ids: Vec<String> = several.iter().map(|change| escaped(&change.id)).collect();
            let message = format!("{} changes of this host begin with {}", ids.len(), escaped(wanted));
            Err(Refusal::precondition(message).hint(format!("name one of {}", ids.join(", "))))
        }
    }
}

/// The newest change that touched a file. If that is an undo, its target is already as it was.
fn newest(journal: &Journal) -> Result<&PastChange, Refusal> {
    let mut touching = journal.changes.iter().filter(|change| !change.files.is_empty());
    let last = touching.next().ok_or_else(|| nothing_to_undo(journal))?;
    let undone = last
        .undoes
        .as_ref()
        .and_then(|id| journal.changes.iter().find(|change| change.id == *id));
    Ok(undone.unwrap_or(last))
}

fn nothing_to_undo(journal: &Journal) -> Refusal {
    let why = "no change of f2bctl on this host has touched a file, so there is nothing to undo";
    let refusal = Refusal::precondition(why);
    match journal.changes.first() {
        Some(change) => refusal.hint(
            Advice::text(format!("{} is the newest: ", named_shortly(change)))
                .and(why_not(change.command.as_deref().unwrap_or_default()).into()),
        ),
        None => refusal,
    }
}

fn unknown(wanted: &str, journal: &Journal) -> Refusal {
    let refusal = Refusal::precondition(format!(
        "no change {} that was made and proven is in this host's journal",
        escaped(wanted)
    ))
    .hint("`f2bctl history` lists the changes by their identifiers");
    match journal.left_out {
        0 => refusal,
        count => refusal.hint(
            Advice::text(format!("{count} older changes can't be undone this way; "))
                .run("restore BACKUP")
                .then(" puts jail.local back"),
        ),
    }
}

fn command(change: &PastChange) -> String {
    escaped(change.command.as_deref().unwrap_or("unknown command"))
}

impl Procedure for Undo {
    fn command(&self) -> &'static str {
        "undo"
    }

    fn parts(&self) -> &'static [Part] {
        &[Part::Journal]
    }

    fn draft(&self, observed: &Observed, guard: &Guard) -> Result<Draft, Refusal> {
        let journal = observed.journal.read().map_err(|reason| {
            Refusal::precondition(format!("the journal cannot be read: {}", escaped(reason))).hint(Advice::AS_ROOT)
        })?;
        let change = self.target(journal)?;
        let warnings = match self.change_id {
            Some(_) => Vec::new(),
            None => passed_over(journal, change, &observed.clock),
        };
        let undone = |file: &PastFile| present(journal, file) == file.before.as_deref();
        if change.files.iter().all(undone) {
            let mut warnings = warnings;
            warnings.push(undone_already(change));
            return Ok(Draft {
                warnings,
                ..Draft::default()
            });
        }
        not_moved_on(journal, change)?;
        let mut draft = Draft {
            undoes: Some(change.id.clone()),
            warnings,
            ..Draft::default()
        };
        // Backwards, so that every prefix of the way back can start as well.
        for file in change.files.iter().rev() {
            put_back(&mut draft, change, file);
        }
        if draft.files.iter().any(|file| is_read_by_fail2ban(&file.path)) {
            draft.server = server_move(observed, guard)?;
        }
        draft.intent = Intent::wholesale(draft.server);
        draft.warnings.extend(remarks(change, draft.server));
        Ok(draft)
    }
}

/// A change as a sentence names it: its command and the beginning of its identifier.
fn named_shortly(change: &PastChange) -> String {
    let id: String = change.id.chars().take(SHORT_ID).collect();
    format!("the {} {}", command(change), escaped(&id))
}

/// Why an undo finds nothing to do; a second one is not meant to go on to the change before.
fn undone_already(change: &PastChange) -> Warning {
    let name = capitalized(&named_shortly(change));
    let message = Advice::text(format!(
        "{name} is undone already: its files are as they were before it. "
    ))
    .and(
        "`f2bctl history` lists the changes before it, and `f2bctl undo CHANGE` takes back the one that is named."
            .into(),
    );
    Warning::new(WarningCode::AlreadyUndone, message)
}

/// The changes without files that are newer than the one that is meant: an undo of the newest passes them over.
fn passed_over(journal: &Journal, target: &PastChange, clock: &Clock) -> Vec<Warning> {
    let newer = journal.changes.iter().take_while(|change| change.id != target.id);
    let idle = newer.filter(|change| change.files.is_empty());
    let warn = |change: &PastChange| {
        // Whole seconds are all that a person needs.
        let (name, ended) = (capitalized(&named_shortly(change)), clock.moment(change.ended as i64));
        let message = Advice::text(format!("{name} of {ended} is newer and is not undone: "))
            .and(why_not(change.command.as_deref().unwrap_or_default()).into())
            .then(".");
        Warning::new(WarningCode::PassedOver, message)
    };
    idle.map(warn).collect()
}

fn capitalized(sentence: &str) -> String {
    let mut letters = sentence.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

/// Why a change without files is not taken back, and what does it instead.
fn why_not(command: &str) -> &'static str {
    match command {
        "temp add" | "temp extend" => "it changed no file; `f2bctl temp remove` ends a temporary entry",
        "temp remove" => "it changed no file; `f2bctl temp add` sets a temporary entry again",
        "unban" => "it changed no file, and a ban that was lifted is not set again",
        "backup" => "it changed no file and only made a backup",
        _ => "it changed no file",
    }
}

/// A file as it is now.
fn present<'host>(journal: &'host Journal, file: &PastFile) -> Option<&'host [u8]> {
    let now = journal.now.iter().find(|now| now.path == file.path)?;
    now.content.as_deref()
}

/// Puts one file back in the draft; what is as it was stays out of it.
fn put_back(draft: &mut Draft, change: &PastChange, file: &PastFile) {
    if file.before == file.after {
        return;
    }
    let (path, change) = (file.path.clone(), named_shortly(change));
    let meaning = match (&file.before, &file.after) {
        (Some(_), Some(_)) => Edit::PutBack { path, change },
        (Some(_), None) => Edit::BringBack { path, change },
        (None, _) => Edit::TakeAway { path, change },
    };
    if file.path == JAIL_LOCAL && file.after.is_some() {
        draft.backup = Some("undo".to_owned());
    }
    draft.files.push(ReplaceFile {
        path: file.path.clone(),
        before: file.after.clone(),
        after: file.before.clone(),
        attributes: file.attributes.clone(),
        meaning: vec![meaning],
    });
}

/// Every file still is as the change left it.
fn not_moved_on(journal: &Journal, change: &PastChange) -> Result<(), Refusal> {
    let moved: Vec<&PastFile> = change
        .files
        .iter()
        .filter(|file| present(journal, file) != file.after.as_deref())
        .collect();
    if moved.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = moved.iter().map(|file| escaped(&file.path)).collect();
    let shown: Vec<String> = moved.iter().map(|file| difference(journal, file)).collect();
    let refusal = Refusal::precondition(format!(
        "{} was changed after change {} ({}), and undoing it would lose that:{}",
        names.join(", "),
        change.id,
        command(change),
        shown.concat()
    ));
    let later = journal.changes.iter().take_while(|other| other.id != change.id);
    let touching: Vec<&str> = later
        .filter(|other| {
            other
                .files
                .iter()
                .any(|file| moved.iter().any(|old| old.path == file.path))
        })
        .map(|other| other.id.as_str())
        .collect();
    Err(match touching.as_slice() {
        [] => refusal.hint("it was edited outside f2bctl: `f2bctl restore BACKUP` puts jail.local back as a whole"),
        ids => refusal.hint(format!(
            "undo the later changes first, in this order: {}",
            ids.join(", ")
        )),
    })
}

/// What a file has now against what the change left there.
fn difference(journal: &Journal, file: &PastFile) -> String {
    let text = |bytes: Option<&[u8]>| {
        let whole = String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned();
        let lines: Vec<String> = whole.split('\n').map(escaped).collect();
        lines.join("\n")
    };
    let (left, now) = (text(file.after.as_deref()), text(present(journal, file)));
    let path = escaped(&file.path);
    let difference = TextDiff::from_lines(left.as_str(), now.as_str())
        .unified_diff()
        .context_radius(1)
        .header(&format!("{path} as the change left it"), &format!("{path} now"))
        .to_string();
    difference.lines().map(|line| format!("\n  | {line}")).collect()
}

fn remarks(change: &PastChange, moved: ServerMove) -> Vec<Warning> {
    let mut found = Vec::new();
    let command = change.command.as_deref();
    if matches!(command, Some("unban" | "onboard" | "temp keep" | "whitelist import")) {
        let message = "Bans that this change lifted are not set again; new failures lead to new bans.";
        found.push(Warning::new(WarningCode::BansStayLifted, message));
    }
    if command == Some("temp keep") {
        let message = "The temporary entry that this change kept does not come back. \
                       `f2bctl temp add ADDRESS --for DURATION` sets it again.";
        found.push(Warning::new(WarningCode::TemporaryGone, message));
    }
    if moved == ServerMove::None {
        let message = "fail2ban does not read these files, so it is not reloaded.";
        found.push(Warning::new(WarningCode::NoReload, message));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::known::Known;
    use crate::model::observed::{HostFile, Server};

    fn now(path: &str, content: Option<&[u8]>) -> HostFile {
        HostFile {
            path: path.to_owned(),
            exists: content.is_some(),
            link: None,
            sha256: None,
            content: content.map(<[u8]>::to_vec),
            mode: None,
        }
    }

    fn file(path: &str, before: Option<&str>, after: Option<&str>) -> PastFile {
        let bytes = |text: Option<&str>| text.map(|text| text.as_bytes().to_vec());
        PastFile {
            path: path.to_owned(),
            before: bytes(before),
            after: bytes(after),
            attributes: None,
        }
    }

    fn change(id: &str, undoes: Option<&str>, files: Vec<PastFile>) -> PastChange {
        PastChange {
            id: id.to_owned(),
            ended: 0.0,
            operator: None,
            command: Some("onboard".to_owned()),
            undoes: undoes.map(str::to_owned),
            files,
        }
    }

    fn observed(changes: Vec<PastChange>, now: Vec<HostFile>) -> Observed {
        let server = Server {
            running: true,
            ..Server::default()
        };
        Observed {
            server: Known::of(server),
            journal: Known::of(Journal {
                changes,
                now,
                left_out: 0,
            }),
            ..Observed::default()
        }
    }

    fn undo(id: Option<&str>, observed: &Observed) -> Result<Draft, Refusal> {
        let change_id = id.map(str::to_owned);
        Undo { change_id }.draft(observed, &Guard::default())
    }

    #[test]
    fn files_come_back_in_the_opposite_order() {
        let files = vec![
            file("jail.local", Some("old"), Some("new")),
            file("filter.d/a.local", Some("filter"), None),
        ];
        let here = vec![now("jail.local", Some(b"new")), now("filter.d/a.local", None)];
        let draft = undo(None, &observed(vec![change("c1", None, files)], here)).expect("draft");
        let paths: Vec<&str> = draft.files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, ["filter.d/a.local", "jail.local"]);
        assert_eq!(draft.undoes.as_deref(), Some("c1"));
        assert_eq!(draft.server, ServerMove::Reload);
    }

    #[test]
    fn a_second_undo_is_empty_and_an_undo_can_be_undone_by_its_name() {
        let changes = vec![
            change("c2", Some("c1"), vec![file("jail.local", Some("new"), Some("old"))]),
            change("c1", None, vec![file("jail.local", Some("old"), Some("new"))]),
        ];
        let observed = observed(changes, vec![now("jail.local", Some(b"old"))]);
        let second = undo(None, &observed).expect("second");
        assert!(second.is_empty());
        assert!(
            second.warnings[0]
                .message
                .to_string()
                .starts_with("The onboard c1 is undone already"),
            "{:?}",
            second.warnings
        );
        assert!(undo(Some("c1"), &observed).expect("by name").is_empty());
        let again = undo(Some("c2"), &observed).expect("redo");
        assert_eq!(again.files[0].after.as_deref(), Some(&b"new"[..]));
    }

    #[test]
    fn what_an_undo_of_a_kept_entry_leaves_undone_is_told() {
        let mut kept = change("c1", None, vec![file("jail.local", Some("old"), Some("new"))]);
        kept.command = Some("temp keep".to_owned());
        let found = remarks(&kept, ServerMove::Reload);
        let codes: Vec<WarningCode> = found.iter().map(|warning| warning.code).collect();
        assert_eq!(codes, [WarningCode::BansStayLifted, WarningCode::TemporaryGone]);
    }

    #[test]
    fn a_beginning_that_only_one_has_names_a_change() {
        let old = |id| change(id, None, vec![file("jail.local", Some("old"), Some("new"))]);
        let observed = observed(
            vec![old("01ab-2"), old("01ab-1"), old("01ac-3")],
            vec![now("jail.local", Some(b"new"))],
        );
        assert_eq!(
            undo(Some("01ac-"), &observed).expect("a beginning").undoes.as_deref(),
            Some("01ac-3")
        );
        assert_eq!(
            undo(Some("01ab-2"), &observed).expect("whole").undoes.as_deref(),
            Some("01ab-2")
        );
        assert_eq!(
            undo(Some("01a"), &observed).expect_err("three").hints[0].to_string(),
            "name one of 01ab-2, 01ab-1, 01ac-3"
        );
        assert!(
            undo(Some(""), &observed)
                .expect_err("none")
                .message
                .contains("no change")
        );
    }

    #[test]
    fn what_has_moved_on_is_shown_and_left() {
        let changes = vec![
            change("c2", None, vec![file("jail.local", Some("b\n"), Some("c\n"))]),
            change("c1", None, vec![file("jail.local", Some("a\n"), Some("b\n"))]),
        ];
        let observed = observed(changes, vec![now("jail.local", Some(b"c\n"))]);
        let refusal = undo(Some("c1"), &observed).expect_err("was changed after change");
        assert!(refusal.message.contains("\n  | -b\n  | +c"), "{}", refusal.message);
        assert!(refusal.hints[0].to_string().contains("c2"), "{:?}", refusal.hints);
    }

    #[test]
    fn changes_without_files_and_unknown_ones_are_told_apart() {
        let observed = observed(vec![change("c1", None, Vec::new())], Vec::new());
        let message = |id| undo(id, &observed).expect_err("refusal").message;
        assert!(message(Some("c1")).contains("touched no file"));
        assert!(message(Some("c9")).contains("no change c9"));
        let refusal = undo(None, &observed).expect_err("refusal");
        assert!(refusal.message.contains("nothing to undo"));
        assert_eq!(
            refusal.hints[0].to_string(),
            "the onboard c1 is the newest: it changed no file"
        );
    }

    #[test]
    fn newer_changes_without_files_are_named_where_the_newest_is_undone() {
        let of = |id: &str, command: &str, files| PastChange {
            command: Some(command.to_owned()),
            ..change(id, None, files)
        };
        let changes = vec![
            of("c3", "temp add", Vec::new()),
            of("c2", "unban", Vec::new()),
            of("c1", "onboard", vec![file("jail.local", Some("old"), Some("new"))]),
            of("c0", "backup", Vec::new()),
        ];
        let observed = observed(changes, vec![now("jail.local", Some(b"new"))]);
        let messages = |id| -> Vec<String> {
            let warnings = undo(id, &observed).expect("draft").warnings.into_iter();
            let passed = warnings.filter(|warning| warning.code == WarningCode::PassedOver);
            passed.map(|warning| warning.message.to_string()).collect()
        };
        assert_eq!(messages(None).len(), 2);
        assert!(
            messages(None)[0].starts_with("The temp add c3 of "),
            "{:?}",
            messages(None)
        );
        assert!(messages(None)[0].contains("`f2bctl temp remove`"));
        assert!(messages(None)[1].starts_with("The unban c2 of "));
        assert_eq!(
            messages(Some("c1")),
            Vec::<String>::new(),
            "a change that is named is meant"
        );
        let draft = undo(None, &observed).expect("draft");
        let meant = draft.files.iter().flat_map(|file| &file.meaning);
        let steps: Vec<String> = meant.map(|edit| edit.step().summary).collect();
        assert!(
            steps.iter().any(|summary| summary.contains("before the onboard c1")),
            "{steps:?}"
        );
    }
}
