//! What an edit gives back, why one is refused, and the proof that each edit has to pass.
//!
//! No edit is believed because its code looks right: the edited text is read again as Python reads it, and the two
//! readings may differ in what was meant and in nothing else.

use super::super::network::Network;
use super::diagnostic::{Diagnostic, cited};
use super::document::{IGNOREIP, JailLocal};
use super::lines::Draft;
use super::reading::DEFAULT;

/// The outcome of an edit that was proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edited {
    /// The file after the edit.
    pub document: JailLocal,
    /// Whether its bytes differ from before.
    pub changed: bool,
    /// What the caller has to say about it, such as an interpolation that may hold more entries.
    pub warnings: Vec<Diagnostic>,
}

impl Edited {
    pub(super) fn new(before: &JailLocal, document: JailLocal, warnings: Vec<Diagnostic>) -> Self {
        Self {
            changed: document.lines != before.lines,
            document,
            warnings,
        }
    }
}

/// Why an edit was not made. The document that was asked is unchanged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditRefusal {
    /// fail2ban reads entries of the list otherwise than they look; each finding says where and what to do.
    #[error("fail2ban reads the ignoreip list otherwise than it looks; correct this first:{}", cited(.0))]
    Objections(Vec<Diagnostic>),
    /// The network is (also) listed in another key that `ignoreip` takes in.
    #[error("{network} also comes into ignoreip from another key of the file:{}", cited([&**finding]))]
    Hidden {
        /// The network that was to be removed.
        network: Network,
        /// Where the other key is.
        finding: Box<Diagnostic>,
    },
    /// There is nothing to annotate.
    #[error("{0} is not in the ignoreip list of this file, so it can't be annotated; add it first")]
    NotListed(Network),
    /// The list that was in force before can't be copied into a new key.
    #[error(
        "`{word}` is in force but can't be copied into jail.local: {why}; correct it in the file that sets ignoreip"
    )]
    UnusableSeed {
        /// The word, escaped.
        word: String,
        /// What is wrong with it.
        why: String,
    },
    /// There is no such section to set a key in.
    #[error("there is no section [{0}] in this file; add the section first")]
    NoSection(String),
    /// A section of that name is there already.
    #[error("section [{0}] is in this file already; set its keys instead")]
    SectionExists(String),
    /// The edited text would not read as meant; f2bctl refuses rather than guess.
    #[error("the edit can't be made safely: {what}; make this change by hand")]
    NotProven {
        /// Which difference was found, escaped.
        what: String,
    },
}

/// In what the reading after an edit must differ from the one before.
pub(super) enum Goal<'goal> {
    /// In comments only.
    Nothing,
    /// The list has exactly these words, or is gone.
    Entries(Option<Vec<String>>),
    /// This key has exactly this value, or is gone.
    Value {
        section: &'goal str,
        key: &'goal str,
        value: &'goal str,
    },
    /// There is one more section, an empty one.
    Section(&'goal str),
    /// This section is gone with all its keys.
    NoSection(&'goal str),
    /// What this section sets is set in `DEFAULT` instead.
    Default(&'goal str),
}

/// Reads the draft and compares.
pub(super) fn prove(before: &JailLocal, draft: Draft, goal: &Goal<'_>) -> Result<JailLocal, EditRefusal> {
    let text = draft.into_text();
    let mut after = JailLocal::from_text(&before.path, &text, &before.reader).map_err(|findings| {
        let found = findings
            .first()
            .map_or_else(String::new, |finding| finding.message.clone());
        not_proven(format!("fail2ban could not read the result ({found})"))
    })?;
    after.list_section.clone_from(&before.list_section);
    let target = match goal {
        Goal::Entries(_) => Some((before.list_section.as_str(), IGNOREIP)),
        Goal::Value { section, key, .. } => Some((*section, *key)),
        Goal::Nothing | Goal::Section(_) | Goal::NoSection(_) | Goal::Default(_) => None,
    };
    let mut kept = others(before, target);
    if let Goal::NoSection(name) = goal {
        kept.retain(|(section, _, _)| section != name);
    }
    if let Goal::Default(name) = goal {
        for (section, _, _) in kept.iter_mut().filter(|(section, _, _)| section == name) {
            *section = DEFAULT;
        }
        kept.sort_unstable();
    }
    if kept != others(&after, target) {
        return Err(not_proven(
            "another setting would read differently afterwards".to_owned(),
        ));
    }
    let mut sections = before.sections();
    match goal {
        Goal::Section(name) => sections.push(name),
        Goal::NoSection(name) | Goal::Default(name) => sections.retain(|section| section != name),
        _ => {}
    }
    if sections != after.sections() {
        return Err(not_proven("the sections of the file would change".to_owned()));
    }
    check_target(&after, goal)?;
    Ok(after)
}

fn check_target(after: &JailLocal, goal: &Goal<'_>) -> Result<(), EditRefusal> {
    let reached = match goal {
        Goal::Nothing | Goal::Default(_) => true,
        Goal::Entries(words) => {
            let found = after.ignoreip_option().map(|_| after.ignoreip_words());
            let found = found.map(|words| words.into_iter().map(|word| word.text).collect::<Vec<_>>());
            found == *words
        }
        Goal::Value { section, key, value } => {
            let found = after.reading.option(section, key).map(|option| option.value.as_str());
            found == Some(*value)
        }
        Goal::Section(name) => after.keys(name).is_empty(),
        Goal::NoSection(name) => after.reading.section(name).is_none(),
    };
    if reached {
        Ok(())
    } else {
        Err(not_proven("Python would not read what was meant".to_owned()))
    }
}

fn not_proven(what: String) -> EditRefusal {
    EditRefusal::NotProven { what }
}

fn others<'document>(
    document: &'document JailLocal,
    target: Option<(&str, &str)>,
) -> Vec<(&'document str, &'document str, &'document str)> {
    let mut found = Vec::new();
    for section in &document.reading.sections {
        for option in &section.options {
            if target != Some((section.name.as_str(), option.key.as_str())) {
                found.push((section.name.as_str(), option.key.as_str(), option.value.as_str()));
            }
        }
    }
    // A new [DEFAULT] goes to the top, so the order of sections is compared apart from this.
    found.sort_unstable();
    found
}
