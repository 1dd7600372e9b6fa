//! Repairs of `[DEFAULT] ignoreip` and its register whose meaning is certain: what was meant is plain from the text,
//! and nobody who was meant to be whitelisted stops being so.
//!
//! Anything that a person has to decide (a word that may be a name, a `/0`, an entry that another covers) is left.

use super::super::comment_text::{CommentText, escaped};
use super::super::network::Network;
use super::document::JailLocal;
use super::edit::{EditRefusal, Goal, prove};
use super::entries::{self, EntryKind, Word};
use super::lines::Draft;
use super::python_text;
use super::reading::{DEFAULT, OptionReading, Part};
use super::register::{Metadata, Registration};

/// What was repaired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repair {
    /// A stable word: `default_section`, `tabs`, `moved_comment`, `dead_word`, `repeated`, `stale_line`.
    pub code: &'static str,
    /// What is to be done, a full sentence, safe to print.
    pub message: String,
    /// The same when it is done.
    pub done: String,
}

/// A file with its certain repairs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repaired {
    /// The file after them; the same if there were none.
    pub document: JailLocal,
    /// What was done, in order.
    pub repairs: Vec<Repair>,
}

impl Repair {
    /// A repair in two sentences that begin with `will` and `did`.
    fn new(code: &'static str, [will, did]: [&str; 2], what: &str) -> Self {
        Self {
            code,
            message: format!("{will} {what}"),
            done: format!("{did} {what}"),
        }
    }
}

impl JailLocal {
    /// Makes the certain repairs, each proven like every edit.
    ///
    /// # Errors
    /// [`EditRefusal::NotProven`]; this document is unchanged.
    pub fn repaired(&self) -> Result<Repaired, EditRefusal> {
        let mut repairs = Vec::new();
        let document = self
            .with_default_in_capitals(&mut repairs)?
            .with_spaces_for_tabs(&mut repairs)?
            .with_comments_moved(&mut repairs)?
            .without_dead_words(&mut repairs)?
            .without_repeats(&mut repairs)?
            .without_stale_lines(&mut repairs)?;
        Ok(Repaired { document, repairs })
    }

    /// `[default]`, which is no default to fail2ban, where the file has no `[DEFAULT]` besides.
    fn with_default_in_capitals(&self, repairs: &mut Vec<Repair>) -> Result<Self, EditRefusal> {
        let Some((name, line)) = self.misspelt_default() else {
            return Ok(self.clone());
        };
        let index = line - 1;
        let Some(at) = self.line_text(index).find(&format!("[{name}]")) else {
            return Ok(self.clone());
        };
        let mut draft = Draft::new(&self.lines);
        draft.splice(index, at + 1, at + 1 + name.len(), DEFAULT);
        let what = format!(
            "the section [{}] in line {line} [{DEFAULT}], which fail2ban knows.",
            escaped(name)
        );
        repairs.push(Repair::new("default_section", ["Call", "Called"], &what));
        prove(self, draft, &Goal::Default(name))
    }

    /// Tabs between entries, where this fail2ban takes them for part of one entry.
    fn with_spaces_for_tabs(&self, repairs: &mut Vec<Repair>) -> Result<Self, EditRefusal> {
        let words = self.ignoreip_words();
        let mut draft = Draft::new(&self.lines);
        let mut expected = Vec::new();
        let count = repairs.len();
        // From the end, so that the places of earlier words stay right.
        for word in words.iter().rev() {
            let pieces: Vec<&str> = word
                .text
                .split(python_text::is_space)
                .filter(|piece| !piece.is_empty())
                .collect();
            let plain = pieces.len() > 1 && pieces.iter().all(|piece| self.is_network(piece));
            if !plain {
                expected.push(word.text.clone());
                continue;
            }
            draft.splice(word.line, word.span.start, word.span.end, &pieces.join(" "));
            expected.extend(pieces.iter().rev().map(|piece| (*piece).to_owned()));
            let what = format!(
                "spaces for the tabs between {} in line {}.",
                escaped(&pieces.join(", ")),
                word.line + 1
            );
            repairs.push(Repair::new("tabs", ["Put", "Put"], &what));
        }
        if repairs.len() == count {
            return Ok(self.clone());
        }
        expected.reverse();
        prove(self, draft, &Goal::Entries(Some(expected)))
    }

    fn is_network(&self, text: &str) -> bool {
        let words = entries::words_of_text(text, &self.reader);
        matches!(words.as_slice(), [word] if matches!(word.kind, EntryKind::Network(_)))
    }

    /// A word that whitelists nobody goes, and stays as a comment above the key where it may say something. One in a comment
    /// that could not be moved is left with it.
    fn without_dead_words(&self, repairs: &mut Vec<Repair>) -> Result<Self, EditRefusal> {
        let mut document = self.clone();
        while let Some(index) = document.dead_word() {
            let words = document.ignoreip_words();
            let (Some(option), Some(word)) = (document.ignoreip_option(), words.get(index)) else {
                break;
            };
            let mut draft = Draft::new(&document.lines);
            document.delete_word(&mut draft, option, &words, index);
            if word.text.contains(char::is_alphanumeric) {
                let indentation = python_text::indentation(document.line_text(option.line));
                draft.insert(
                    option.line,
                    format!("{indentation}# no address, taken out of ignoreip: {}", word.text),
                );
            }
            let what = format!("`{}` from ignoreip, which is no address.", escaped(&word.text));
            let mut expected: Vec<String> = words.iter().map(|word| word.text.clone()).collect();
            expected.remove(index);
            document = prove(&document, draft, &Goal::Entries(Some(expected)))?;
            repairs.push(Repair::new("dead_word", ["Take", "Took"], &what));
        }
        Ok(document)
    }

    fn dead_word(&self) -> Option<usize> {
        let words = self.ignoreip_words();
        let commented: Vec<usize> = words
            .iter()
            .filter(|word| word.text.starts_with(['#', ';']))
            .map(|word| word.line)
            .collect();
        words
            .iter()
            .position(|word| matches!(word.kind, EntryKind::Dead { .. }) && !commented.contains(&word.line))
    }

    /// A comment after the entries goes to a line of its own above the key, if no word of it is an entry by itself. After
    /// one network it is about that one, and becomes its line of the register.
    fn with_comments_moved(&self, repairs: &mut Vec<Repair>) -> Result<Self, EditRefusal> {
        let Some(option) = self.ignoreip_option() else {
            return Ok(self.clone());
        };
        let words = self.ignoreip_words();
        let mut draft = Draft::new(&self.lines);
        let mut comments = Vec::new();
        let mut gone = Vec::new();
        for part in &option.parts {
            if let Some((start, comment)) = self.comment_in(part, &words) {
                let kept = words
                    .iter()
                    .rfind(|word| word.line == part.line && word.span.start < start);
                let from = kept.map_or(part.span.start, |word| word.span.end);
                let from = if kept.is_none() && part.line == option.line {
                    option.after_delimiter
                } else {
                    from
                };
                draft.splice(part.line, from, part.span.end, "");
                gone.extend(
                    words
                        .iter()
                        .filter(|word| word.line == part.line && word.span.start >= start),
                );
                let above = self
                    .registered(&words, part.line, start, &comment)
                    .unwrap_or_else(|| comment.clone());
                comments.push((part.line, comment, above));
            }
        }
        if comments.is_empty() {
            return Ok(self.clone());
        }
        self.put_above(&mut draft, option, &comments);
        for (line, comment, _) in &comments {
            let what = format!(
                "the comment `{}` from line {} to one of its own.",
                escaped(comment),
                line + 1
            );
            repairs.push(Repair::new("moved_comment", ["Move", "Moved"], &what));
        }
        let left = words.iter().filter(|word| !gone.contains(word));
        let expected = left.map(|word| word.text.clone()).collect();
        prove(self, draft, &Goal::Entries(Some(expected)))
    }

    fn put_above(&self, draft: &mut Draft, option: &OptionReading, comments: &[(usize, String, String)]) {
        let indentation = python_text::indentation(self.line_text(option.line));
        for (offset, (_, _, above)) in comments.iter().enumerate() {
            draft.insert(option.line + offset, format!("{indentation}{above}"));
        }
    }

    /// The line of the register that a comment behind the only network of a line comes to; none if the network has one, or
    /// if the comment is no customer's name.
    fn registered(&self, words: &[Word], line: usize, start: usize, comment: &str) -> Option<String> {
        let own = words.iter().filter(|word| word.line == line && word.span.start < start);
        let mut networks = own
            .filter_map(Word::network)
            .filter(|network| !network.address().is_loopback());
        let network = networks.next().filter(|_| networks.next().is_none())?;
        if self.register().iter().any(|line| line.registration.network == network) {
            return None;
        }
        let customer = python_text::strip(comment.trim_start_matches(['#', ';']));
        let registration = Registration {
            network,
            customer: CommentText::new(customer).ok()?,
            note: None,
            metadata: Metadata::new(),
        };
        Some(registration.to_string())
    }

    /// Where a comment begins in a line of the value, and its text.
    fn comment_in(&self, part: &Part, words: &[Word]) -> Option<(usize, String)> {
        let own = words.iter().filter(|word| word.line == part.line);
        let first = own.clone().find(|word| word.text.starts_with('#'))?;
        let following = own.filter(|word| word.span.start >= first.span.start);
        let mut kinds = following.map(|word| &word.kind);
        if !kinds.all(|kind| matches!(kind, EntryKind::Dead { .. } | EntryKind::Junk { .. })) {
            return None;
        }
        let text = self.line_text(part.line).get(first.span.start..part.span.end)?;
        Some((first.span.start, python_text::strip(text).to_owned()))
    }

    /// The second and later entries of the same network.
    fn without_repeats(&self, repairs: &mut Vec<Repair>) -> Result<Self, EditRefusal> {
        let mut document = self.clone();
        while let Some((index, network)) = document.repeat() {
            let words = document.ignoreip_words();
            let Some(option) = document.ignoreip_option() else {
                break;
            };
            let mut draft = Draft::new(&document.lines);
            document.delete_word(&mut draft, option, &words, index);
            let mut expected: Vec<String> = words.into_iter().map(|word| word.text).collect();
            expected.remove(index);
            document = prove(&document, draft, &Goal::Entries(Some(expected)))?;
            let what = format!("the second entry {network}.");
            repairs.push(Repair::new("repeated", ["Remove", "Removed"], &what));
        }
        Ok(document)
    }

    fn repeat(&self) -> Option<(usize, Network)> {
        let networks: Vec<Option<Network>> = self.ignoreip_words().iter().map(Word::network).collect();
        networks.iter().enumerate().find_map(|(index, network)| {
            let network = (*network)?;
            let earlier = networks.get(..index).unwrap_or_default();
            earlier.contains(&Some(network)).then_some((index, network))
        })
    }

    /// Register lines whose network is not an entry, unless a misspelt word or another key may be what they are about.
    fn without_stale_lines(&self, repairs: &mut Vec<Repair>) -> Result<Self, EditRefusal> {
        let plain = |word: &Word| matches!(word.kind, EntryKind::Network(_) | EntryKind::Name);
        if !self.ignoreip_words().iter().all(plain) {
            return Ok(self.clone());
        }
        let stale = self.ignoreip().map(|list| list.stale).unwrap_or_default();
        for line in &stale {
            let registration = &line.registration;
            let what = format!(
                "the comment of {} ({}), which is not an entry.",
                registration.network, registration.customer
            );
            repairs.push(Repair::new("stale_line", ["Remove", "Removed"], &what));
        }
        let networks: Vec<Network> = stale.iter().map(|line| line.registration.network).collect();
        Ok(self.forget_stale(&networks)?.document)
    }
}

#[cfg(test)]
mod tests {
    use super::super::reader::Reader;
    use super::*;

    fn repaired(text: &str) -> (String, Vec<&'static str>) {
        let document = JailLocal::parse("jail.local", text.as_bytes(), &Reader::new("1.0.2")).unwrap();
        let repaired = document.repaired().unwrap();
        let codes = repaired.repairs.iter().map(|repair| repair.code).collect();
        let again = repaired.document.repaired().unwrap();
        assert!(
            again.repairs.is_empty() && again.document == repaired.document,
            "{again:?}"
        );
        (String::from_utf8(repaired.document.to_bytes()).unwrap(), codes)
    }

    #[test]
    fn a_sound_file_stays_byte_for_byte() {
        let text = "[DEFAULT]\r\n# x\r\nignoreip = ::1\t \r\n\r\n[a]\r\nb = 1";
        assert_eq!(repaired(text), (text.to_owned(), vec![]));
    }

    #[test]
    fn comments_behind_the_entries_get_lines_of_their_own() {
        assert_eq!(
            repaired("[DEFAULT]\nignoreip = 127.0.0.1/8 203.0.113.0/28 # Acme Hotels, since May\nbantime = 1\n"),
            (
                "[DEFAULT]\n# 203.0.113.0/28 | Acme Hotels, since May\nignoreip = 127.0.0.1/8 203.0.113.0/28\nbantime = 1\n".to_owned(),
                vec!["moved_comment"]
            )
        );
        assert_eq!(
            repaired("[DEFAULT]\n ignoreip = ::1\n    192.0.2.1 #one two\n    192.0.2.2\n    192.0.2.3 # three\n").0,
            "[DEFAULT]\n # 192.0.2.1 | one two\n # 192.0.2.3 | three\n ignoreip = ::1\n    192.0.2.1\n    192.0.2.2\n    192.0.2.3\n"
        );
    }

    #[test]
    fn a_comment_that_whitelists_somebody_is_left_for_a_person() {
        for text in [
            "[DEFAULT]\nignoreip = ::1 # Acme 203.0.113.0/28\n",
            "[DEFAULT]\nignoreip = ::1 # see pbx.example.com\n",
            "[DEFAULT]\n# 203.0.113.0/28 | Acme\nignoreip = ::1 203.0.113.0/28x\n",
            "[DEFAULT]\n# 203.0.113.0/28 | Acme\nignoreip = ::1 %(known/ignoreip)s\n",
            "[DEFAULT]\nignoreip = ::1 198.51.100.7/0\n",
        ] {
            assert_eq!(repaired(text), (text.to_owned(), vec![]));
        }
    }

    #[test]
    fn words_that_whitelist_nobody_are_taken_out_and_kept_as_comments() {
        assert_eq!(
            repaired("[DEFAULT]\nignoreip = ::1 \\\n   \"192.0.2.77\"\n   192.0.2.1 \\\n   192.168.*.*\n"),
            (
                "[DEFAULT]\n# no address, taken out of ignoreip: \"192.0.2.77\"\n# no address, taken out of ignoreip: \
                 192.168.*.*\nignoreip = ::1\n   192.0.2.1\n"
                    .to_owned(),
                vec!["dead_word"; 4]
            )
        );
    }

    #[test]
    fn a_default_section_in_small_letters_gets_its_name() {
        assert_eq!(
            repaired("# x\n[default]\nignoreip = ::1\n\n[sshd]\nport = 22\n"),
            (
                "# x\n[DEFAULT]\nignoreip = ::1\n\n[sshd]\nport = 22\n".to_owned(),
                vec!["default_section"]
            )
        );
        let both = "[DEFAULT]\nignoreip = ::1\n[Default]\nbantime = 1\n";
        assert_eq!(repaired(both), (both.to_owned(), vec![]));
    }

    #[test]
    fn tabs_become_spaces_where_they_glue_networks_together() {
        assert_eq!(
            repaired("[DEFAULT]\nignoreip = ::1\t192.0.2.0/28\t\t192.0.2.16/28 192.0.2.32\n"),
            (
                "[DEFAULT]\nignoreip = ::1 192.0.2.0/28 192.0.2.16/28 192.0.2.32\n".to_owned(),
                vec!["tabs"]
            )
        );
    }

    #[test]
    fn repeats_and_stale_lines_go() {
        assert_eq!(
            repaired("[DEFAULT]\n# 192.0.2.9 | Gone\n# 192.0.2.1 | Here\nignoreip = 192.0.2.1 ::1 192.0.2.1/32, ::1\n"),
            (
                "[DEFAULT]\n# 192.0.2.1 | Here\nignoreip = 192.0.2.1 ::1\n".to_owned(),
                vec!["repeated", "repeated", "stale_line"]
            )
        );
    }
}
