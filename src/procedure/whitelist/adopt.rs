//! Adopt a hand-kept whitelist: its free-text comments become lines of the register, and the entries stay as they are.
//!
//! Only what is plain is taken: `Customer: NETWORK note, NETWORK note`, `NETWORK - Customer (note)`,
//! `Customer (NETWORK)`, a table's columns, a heading above entries within the list, a comment after `;`. Whose an entry
//! is else has to be given by a person. A setting that is commented out names nobody.

use crate::document::{Advice, Warning, WarningCode};
use crate::model::comment_text::{CommentText, escaped};
use crate::model::jail_local::{Entry, IgnoreIp, JailLocal, Metadata, Registration, is_known_key};
use crate::model::network::Network;
use crate::model::observed::Observed;
use crate::model::operation::Edit;
use crate::planning::draft::Draft;
use crate::planning::entry_index::EntryIndex;
use crate::planning::policy::{Guard, is_localhost};
use crate::planning::procedure::Procedure;
use crate::planning::reading::{edit_refusal, jail_local, new_jail_local};
use crate::planning::refusal::Refusal;

/// The request.
#[derive(Debug, Clone, Default)]
pub struct Adopt {
    /// What a person has given: the customer of an entry.
    pub assigned: Vec<(Network, CommentText)>,
    /// Leave what is unclear instead of refusing all of it.
    pub clear_only: bool,
}

/// What the comments say of one undocumented entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The entry.
    pub network: Network,
    /// The customer, if that is plain.
    pub customer: Option<CommentText>,
    /// The text after it.
    pub note: Option<CommentText>,
    /// The comment that names it: its line from 1, and its text.
    pub comment: Option<(usize, String)>,
}

/// A network that a comment names, with the text after it.
struct Mention {
    network: Network,
    note: Option<CommentText>,
}

/// One comment, taken apart.
struct Comment {
    line: usize,
    text: String,
    customer: Option<CommentText>,
    mentions: Vec<Mention>,
}

impl Adopt {
    fn assigned_to(&self, network: &Network) -> Option<&CommentText> {
        let mut found = self.assigned.iter().filter(|(assigned, _)| assigned == network);
        found.next().map(|(_, customer)| customer)
    }

    /// Entries that were assigned must be there, and nobody else's.
    fn check_assigned(&self, document: &JailLocal) -> Result<(), Refusal> {
        let listed = EntryIndex::of(document);
        for (network, customer) in &self.assigned {
            if !listed.lists(network) {
                return Err(
                    Refusal::precondition(format!("{network} is not an entry of the whitelist"))
                        .hint(Advice::command(format!("onboard {network} --customer NAME")).then(" whitelists it")),
                );
            }
            let present = listed.registration(network);
            if let Some(line) = present.filter(|line| line.customer != *customer) {
                return Err(
                    Refusal::precondition(format!("{network} is {}'s already", line.customer)).hint(
                        Advice::command(format!("whitelist annotate {network} --customer NAME --reassign"))
                            .then(" changes that"),
                    ),
                );
            }
        }
        Ok(())
    }
}

impl Procedure for Adopt {
    fn command(&self) -> &'static str {
        "whitelist adopt"
    }

    fn draft(&self, observed: &Observed, _guard: &Guard) -> Result<Draft, Refusal> {
        let document = jail_local(observed)?;
        self.check_assigned(document)?;
        let mut draft = Draft::default();
        let mut registrations = Vec::new();
        let mut unclear = Vec::new();
        for proposal in proposals(document) {
            let customer = self
                .assigned_to(&proposal.network)
                .or(proposal.customer.as_ref())
                .cloned();
            let Some(customer) = customer else {
                unclear.push(proposal);
                continue;
            };
            let mut metadata = Metadata::new();
            let day = observed.clock.today().to_string();
            metadata
                .set("adopted", &day)
                .map_err(|error| Refusal::usage(error.to_string()))?;
            registrations.push(Registration {
                network: proposal.network,
                customer,
                note: proposal.note,
                metadata,
            });
        }
        self.settle_unclear(&mut draft, &unclear)?;
        if registrations.is_empty() {
            return Ok(draft);
        }
        let replaced = self.replaced_comments(document, &registrations);
        let mut edited = document.remove_comments(&replaced).map_err(edit_refusal)?.document;
        for registration in &registrations {
            edited = edited.annotate(registration).map_err(edit_refusal)?.document;
        }
        draft.backup = Some("adopt".to_owned());
        let adopted = |line: &Registration| Edit::Adopt {
            network: line.network,
            line: line.to_string(),
        };
        let meaning = registrations.iter().map(adopted).collect();
        draft.files.push(new_jail_local(observed, &edited, meaning)?);
        Ok(draft)
    }

    fn already(&self, observed: &Observed) -> Vec<String> {
        let is_open = jail_local(observed).is_ok_and(|document| !proposals(document).is_empty());
        let sentence = "Every entry that a comment names has its line of the register already.";
        (!is_open).then(|| sentence.to_owned()).into_iter().collect()
    }
}

impl Adopt {
    /// What is unclear is refused as a whole, or left with a warning.
    fn settle_unclear(&self, draft: &mut Draft, unclear: &[Proposal]) -> Result<(), Refusal> {
        let names: Vec<String> = unclear.iter().map(Proposal::named).collect();
        match unclear.first() {
            Some(first) if !self.clear_only => Err(Refusal::usage(format!(
                "the comments do not name the customers of these entries: {}",
                names.join("; ")
            ))
            .hint(format!("pass --assign {}=CUSTOMER for each of them", first.network))
            .hint("pass --clear-only to adopt the others and leave these")),
            _ => {
                let left = names
                    .iter()
                    .map(|entry| format!("The comments do not name the customer of {entry}; it is left as it is."));
                draft
                    .warnings
                    .extend(left.map(|message| Warning::new(WarningCode::Unclear, message)));
                Ok(())
            }
        }
    }

    /// Comments of which nothing is lost: all that they say is in the new lines.
    fn replaced_comments(&self, document: &JailLocal, registrations: &[Registration]) -> Vec<usize> {
        let all_said = |comment: &Comment| {
            let is_documented = |mention: &Mention| {
                let line = registrations.iter().find(|line| line.network == mention.network);
                line.is_some_and(|line| Some(&line.customer) == comment.customer.as_ref() && line.note == mention.note)
            };
            !comment.mentions.is_empty() && comment.mentions.iter().all(is_documented)
        };
        let comments = comments(document).into_iter().filter(all_said);
        comments.map(|comment| comment.line).collect()
    }
}

impl Proposal {
    /// The entry, with the comment that names it.
    pub fn named(&self) -> String {
        match &self.comment {
            Some((line, text)) => format!("{} (line {line}: `{}`)", self.network, escaped(text)),
            None => format!("{} (no comment names it)", self.network),
        }
    }
}

/// What the comments say of each entry that is undocumented, in the order of the list.
pub fn proposals(document: &JailLocal) -> Vec<Proposal> {
    let comments = comments(document);
    let Some(list) = document.ignoreip() else {
        return Vec::new();
    };
    let mut seen = std::collections::BTreeSet::new();
    let mut found = Vec::new();
    for entry in list.entries.iter().filter(|entry| entry.register.is_none()) {
        let network = entry.network().filter(|network| !is_localhost(network));
        let Some(network) = network.filter(|network| seen.insert(*network)) else {
            continue;
        };
        let proposal = proposal(network, &comments);
        found.push(match proposal.comment {
            Some(_) => proposal,
            None => beside(document, &list, entry, network, &comments).unwrap_or(proposal),
        });
    }
    found
}

/// What a comment says of an entry by its place: after `;` on the entry's own line, or as a heading above it in the list.
fn beside(
    document: &JailLocal,
    list: &IgnoreIp,
    entry: &Entry,
    network: Network,
    comments: &[Comment],
) -> Option<Proposal> {
    let line = entry.position.line;
    let others = list.entries.iter().filter(|other| other.position.line == line);
    let is_alone = others
        .filter_map(Entry::network)
        .filter(|other| !is_localhost(other))
        .count()
        == 1;
    let behind = document.text_behind(line).filter(|_| is_alone);
    let above = comments
        .iter()
        .rfind(|comment| (list.position.line + 1..line).contains(&comment.line))
        .filter(|comment| comment.mentions.is_empty());
    let (at, text) = match (behind, above) {
        (Some(text), _) => (line, text),
        (None, Some(comment)) => (comment.line, comment.text.as_str()),
        (None, None) => return None,
    };
    let (customer, note) = name_and_note(text.trim_start_matches(['#', ';']));
    Some(Proposal {
        network,
        customer,
        note,
        comment: Some((at, text.trim().to_owned())),
    })
}

/// `--- Name (note) ---`; nothing if it reads as a sentence or as a setting.
fn name_and_note(text: &str) -> (Option<CommentText>, Option<CommentText>) {
    const LONGEST_NAME: usize = 6;
    let is_ornament = |letter: char| letter.is_whitespace() || "-=*#~_|\u{2013}\u{2014}".contains(letter);
    let text = text.trim_matches(is_ornament);
    let (name, note) = match text.strip_suffix(')').and_then(|text| text.rsplit_once('(')) {
        Some((name, note)) if !name.trim().is_empty() => (name.trim(), Some(note.trim())),
        _ => (text.trim_end_matches(':'), None),
    };
    let is_name =
        !name.ends_with(['.', '!', '?']) && !name.contains('=') && name.split_whitespace().count() <= LONGEST_NAME;
    let customer = CommentText::new(name).ok().filter(|_| is_name);
    let note = note
        .and_then(|note| CommentText::new(note).ok())
        .filter(|_| customer.is_some());
    (customer, note)
}

fn proposal(network: Network, comments: &[Comment]) -> Proposal {
    let mut naming = comments.iter().filter_map(|comment| {
        let mention = comment.mentions.iter().find(|mention| mention.network == network)?;
        Some((comment, mention))
    });
    let Some((comment, mention)) = naming.next() else {
        return Proposal {
            network,
            customer: None,
            note: None,
            comment: None,
        };
    };
    // Two comments about one entry are for a person to weigh.
    let only = naming.next().is_none();
    Proposal {
        network,
        customer: comment.customer.clone().filter(|_| only),
        note: mention.note.clone().filter(|_| only),
        comment: Some((comment.line, comment.text.clone())),
    }
}

fn comments(document: &JailLocal) -> Vec<Comment> {
    let ordinary = document.ordinary_comments();
    ordinary
        .into_iter()
        .map(|(line, text)| take_apart(line, text))
        .collect()
}

/// `Customer: NETWORK note, NETWORK note`.
fn take_apart(line: usize, text: &str) -> Comment {
    let text = text.trim();
    let body = text.trim_start_matches(['#', ';']).trim();
    let places = if is_setting(body) {
        Vec::new()
    } else {
        networks_in(body)
    };
    let customer = places
        .first()
        .and_then(|(start, _, _)| customer_of(body.get(..*start)?));
    if let ([(start, end, network)], None) = (places.as_slice(), &customer) {
        let (before, behind) = (
            body.get(..*start).unwrap_or_default(),
            body.get(*end..).unwrap_or_default(),
        );
        if let Some((customer, note)) = around(before, behind) {
            return Comment {
                line,
                text: text.to_owned(),
                customer: Some(customer),
                mentions: vec![Mention {
                    network: *network,
                    note,
                }],
            };
        }
    }
    let mut mentions = Vec::new();
    for (index, (_, end, network)) in places.iter().enumerate() {
        let until = places.get(index + 1).map_or(body.len(), |(start, _, _)| *start);
        mentions.push(Mention {
            network: *network,
            note: note_of(body.get(*end..until).unwrap_or_default()),
        });
    }
    Comment {
        line,
        text: text.to_owned(),
        customer,
        mentions,
    }
}

/// Whether a comment is a setting that is commented out.
fn is_setting(body: &str) -> bool {
    body.split_once('=')
        .is_some_and(|(key, _)| is_known_key(&key.trim().to_lowercase()))
}

/// Customer and note of a comment about one network: `Customer (NETWORK) note`, `NETWORK - Customer (note)`, or columns.
fn around(before: &str, behind: &str) -> Option<(CommentText, Option<CommentText>)> {
    let (before, behind) = (before.trim(), behind.trim_end());
    if let (Some(name), Some(rest)) = (before.strip_suffix('('), behind.strip_prefix(')')) {
        return Some((CommentText::new(name.trim()).ok()?, note_of(rest)));
    }
    if !before.is_empty() {
        return None;
    }
    if let Some(columns) = columns(behind) {
        let mut columns = columns.into_iter();
        let customer = CommentText::new(columns.next()?).ok()?;
        let rest: Vec<&str> = columns.collect();
        return Some((customer, note_of(&rest.join(", "))));
    }
    let joint = ['-', ':', '=', '\u{2013}', '\u{2014}'];
    let text = behind.trim_start().strip_prefix(joint)?.trim_start();
    // A note begins small, a name does not.
    let is_name = text.starts_with(|letter: char| letter.is_uppercase() || letter.is_ascii_digit());
    let (customer, note) = name_and_note(text);
    customer.filter(|_| is_name).map(|customer| (customer, note))
}

/// The columns of a table's row after its first one, which tabs or several blanks set apart.
fn columns(text: &str) -> Option<Vec<&str>> {
    let is_apart = text.starts_with('\t') || text.starts_with("  ");
    let cells = text.split('\t').flat_map(|part| part.split("  "));
    let cells: Vec<&str> = cells.map(str::trim).filter(|cell| !cell.is_empty()).collect();
    (is_apart && !cells.is_empty()).then_some(cells)
}

/// The networks in a text, with the bytes that each takes up.
fn networks_in(text: &str) -> Vec<(usize, usize, Network)> {
    let mut found = Vec::new();
    let mut start = None;
    let ends = text.char_indices().map(|(at, letter)| (at, Some(letter)));
    for (at, letter) in ends.chain([(text.len(), None)]) {
        let part_of_word = letter.is_some_and(|letter| letter.is_ascii_hexdigit() || matches!(letter, '.' | ':' | '/'));
        match (start, part_of_word) {
            (None, true) => start = Some(at),
            (Some(began), false) => {
                let word = text.get(began..at).unwrap_or_default();
                let bare = word.trim_end_matches(['.', ':', '/']);
                let apart = letter.is_none_or(|letter| !letter.is_alphanumeric());
                if let Some(parsed) = Network::parse(bare).ok().filter(|_| apart) {
                    found.push((began, began + bare.len(), parsed.network));
                }
                start = None;
            }
            _ => {}
        }
    }
    found
}

/// The customer's name before the first network; it has to end in a sign that says so.
fn customer_of(before: &str) -> Option<CommentText> {
    let trimmed = before.trim_end();
    let name = trimmed.strip_suffix([':', '=', '-', '\u{2013}', '\u{2014}'])?.trim();
    CommentText::new(name).ok()
}

/// The words after a network, without what joins them to the next.
fn note_of(following: &str) -> Option<CommentText> {
    let mut note = following.trim().trim_end_matches([',', ';']).trim_end();
    for joint in [" and", " &"] {
        note = note.strip_suffix(joint).unwrap_or(note).trim_end_matches([',', ';']);
    }
    let note = note
        .trim_start_matches([':', '=', '-', '\u{2013}', '\u{2014}', ','])
        .trim();
    let bare = note.strip_prefix('(').and_then(|note| note.strip_suffix(')'));
    let note = bare.filter(|bare| !bare.contains(['(', ')'])).unwrap_or(note);
    if matches!(note, "and" | "&" | "") {
        return None;
    }
    CommentText::new(note.trim_end_matches('.')).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::jail_local::Reader;

    fn names(text: &str) -> Vec<(String, Option<String>, Option<String>)> {
        let document = JailLocal::parse("jail.local", text.as_bytes(), &Reader::new("1.0.2")).expect("readable");
        let shown = |text: &Option<CommentText>| text.as_ref().map(ToString::to_string);
        let all = proposals(&document);
        all.iter()
            .map(|one| (one.network.to_string(), shown(&one.customer), shown(&one.note)))
            .collect()
    }

    fn one(comment: &str) -> (Option<String>, Option<String>) {
        let found = names(&format!("[DEFAULT]\n{comment}\nignoreip = ::1 203.0.113.0/24\n"));
        (found[0].1.clone(), found[0].2.clone())
    }

    #[test]
    fn the_form_of_production_is_read() {
        let text = "[DEFAULT]\n\
            # Example Hotels (EX): 203.0.113.0/24 current uplink, 198.51.100.0/24 previous\n\
            ignoreip = 127.0.0.1/8 ::1 203.0.113.0/24 198.51.100.0/24\n";
        let customer = || Some("Example Hotels (EX)".to_owned());
        assert_eq!(
            names(text),
            [
                (
                    "203.0.113.0/24".to_owned(),
                    customer(),
                    Some("current uplink".to_owned())
                ),
                ("198.51.100.0/24".to_owned(), customer(), Some("previous".to_owned())),
            ]
        );
    }

    #[test]
    fn names_need_a_sign_that_they_are_names() {
        let name = |text: &str| Some(text.to_owned());
        for (comment, customer, note) in [
            ("# Acme: 203.0.113.0/24", name("Acme"), None),
            (
                "#Acme - 203.0.113.0/24 (main office)",
                name("Acme"),
                name("main office"),
            ),
            ("# Acme = 203.0.113.0/24; 192.0.2.1 and 192.0.2.2.", name("Acme"), None),
            ("# 203.0.113.0/24 Acme", None, name("Acme")),
            ("# 203.0.113.0/24 - current uplink", None, name("current uplink")),
            ("# the uplink 203.0.113.0/24 of Acme", None, name("of Acme")),
            ("# nothing about it", None, None),
            ("# Acme: 203.0.113.0/25 is another", None, None),
        ] {
            assert_eq!(one(comment), (customer, note), "{comment}");
        }
    }

    #[test]
    fn the_usual_forms_are_read() {
        let text = |text: &str| Some(text.to_owned());
        for (comment, customer, note) in [
            (
                "# 203.0.113.0/24 - Acme Hotels (current uplink)",
                text("Acme Hotels"),
                text("current uplink"),
            ),
            ("# Acme Hotels (203.0.113.0/24)", text("Acme Hotels"), None),
            ("; Acme (203.0.113.0/24), fibre", text("Acme"), text("fibre")),
            (
                "# 203.0.113.0/24    Acme Hotels   second line",
                text("Acme Hotels"),
                text("second line"),
            ),
            ("#\t203.0.113.0/24\tacme\tfibre", text("acme"), text("fibre")),
            ("# ignoreip = ::1 203.0.113.0/24", None, None),
            ("#ignoreip=203.0.113.0/24", None, None),
        ] {
            assert_eq!(one(comment), (customer, note), "{comment}");
        }
    }

    #[test]
    fn what_stands_beside_an_entry_in_the_list_is_about_it() {
        let list = "[DEFAULT]\nignoreip = ::1\n    # --- Office ---\n    203.0.113.7\n# Acme Hotels (main site)\n    \
                    198.51.100.0/25\n    198.51.100.128/26\n# do not touch, see the wiki.\n    192.0.2.200\n    \
                    192.0.2.201 ; Trunk provider\n    192.0.2.202 192.0.2.203 ; two of them\n";
        let understood: Vec<_> = names(list)
            .into_iter()
            .map(|(_, customer, note)| (customer, note))
            .collect();
        let text = |text: &str| Some(text.to_owned());
        let expected = [
            (text("Office"), None),
            (text("Acme Hotels"), text("main site")),
            (text("Acme Hotels"), text("main site")),
            (None, None),
            (text("Trunk provider"), None),
            (None, None),
            (None, None),
        ];
        assert_eq!(understood, expected);
    }

    #[test]
    fn two_comments_about_one_entry_are_unclear() {
        assert_eq!(one("# Acme: 203.0.113.0/24 a\n# Zeta: 203.0.113.0/24 b"), (None, None));
    }
}
