//! A section that had to be added, with a mark below its header, so that taking it away gives the old bytes back.
//!
//! A section that someone has put more keys into is no longer only this tool's, and stays.

use super::document::JailLocal;
use super::edit::{EditRefusal, Edited, Goal, prove};
use super::lines::Draft;
use super::python_text;
use super::reading::Role;

const MARK: &str = "# f2bctl: section added; it goes when the jail is disabled";
const MARK_WITH_BLANK: &str = "# f2bctl: section and blank line above added; they go when the jail is disabled";

impl JailLocal {
    /// Adds a section with these keys at the end of the file, and a mark that remembers that it was added.
    ///
    /// # Errors
    /// As [`JailLocal::add_section`] and [`JailLocal::set`]; this document is unchanged.
    pub fn add_marked_section(&self, name: &str, keys: &[(&str, String)]) -> Result<Edited, EditRefusal> {
        let mut document = self.add_section(name)?.document;
        let mark = match document.lines.len() - self.lines.len() {
            1 => MARK,
            _ => MARK_WITH_BLANK,
        };
        let mut draft = Draft::new(&document.lines);
        draft.insert(document.lines.len(), mark.to_owned());
        document = prove(&document, draft, &Goal::Nothing)?;
        for (key, value) in keys {
            document = document.set(name, key, value)?.document;
        }
        // A key goes right below the header, so the mark is put there last of all.
        let document = document.with_mark_first(name, mark)?;
        Ok(Edited::new(self, document, Vec::new()))
    }

    /// The mark belongs right below the header, above the keys.
    fn with_mark_first(&self, name: &str, mark: &str) -> Result<Self, EditRefusal> {
        let header = self
            .reading
            .section(name)
            .and_then(|section| section.headers.first().copied());
        let marked = self.lines.iter().rposition(|line| line.text == mark);
        let (Some(header), Some(marked)) = (header, marked) else {
            return Ok(self.clone());
        };
        let mut draft = Draft::new(&self.lines);
        draft.remove(marked);
        draft.insert(header + 1, mark.to_owned());
        prove(self, draft, &Goal::Nothing)
    }

    /// Takes a marked section away if it has no other keys than these; `None` if it has, or if it has no mark.
    ///
    /// # Errors
    /// [`EditRefusal::NotProven`]; this document is unchanged.
    pub fn remove_marked_section(&self, name: &str, keys: &[&str]) -> Result<Option<Edited>, EditRefusal> {
        let Some(section) = self.reading.section(name) else {
            return Ok(None);
        };
        let own = section.options.iter().all(|option| keys.contains(&option.key.as_str()));
        let [header] = section.headers.as_slice() else {
            return Ok(None);
        };
        let with_blank = match python_text::strip(self.line_text(header + 1)) {
            MARK => false,
            MARK_WITH_BLANK => true,
            _ => return Ok(None),
        };
        if !own {
            return Ok(None);
        }
        let mut doomed = vec![*header, header + 1];
        for option in &section.options {
            doomed.push(option.line);
            doomed.extend(
                option
                    .parts
                    .iter()
                    .filter(|part| !part.span.is_empty())
                    .map(|part| part.line),
            );
        }
        let above = header.checked_sub(1).filter(|_| with_blank);
        doomed.extend(above.filter(|above| self.reading.roles.get(*above) == Some(&Role::Blank)));
        doomed.sort_unstable();
        doomed.dedup();
        let mut draft = Draft::new(&self.lines);
        for index in doomed.into_iter().rev() {
            draft.remove(index);
        }
        let document = prove(self, draft, &Goal::NoSection(name))?;
        Ok(Some(Edited::new(self, document, Vec::new())))
    }
}

#[cfg(test)]
mod tests {
    use super::super::reader::Reader;
    use super::*;

    fn document(text: &str) -> JailLocal {
        JailLocal::parse("jail.local", text.as_bytes(), &Reader::new("1.0.2")).unwrap()
    }

    fn text(document: &JailLocal) -> String {
        String::from_utf8(document.to_bytes()).unwrap()
    }

    fn added(text: &str) -> JailLocal {
        let keys = [("enabled", "true".to_owned()), ("logpath", "/x".to_owned())];
        document(text).add_marked_section("recidive", &keys).unwrap().document
    }

    #[test]
    fn what_was_added_goes_without_a_trace() {
        for start in [
            "",
            "[a]\nb = 1\n",
            "[a]\nb = 1",
            "[a]\r\nb = 1\r\n\r\n",
            "# only\n\n\n",
            "[a]\n  b = 1\n\n# end\n",
        ] {
            let with = added(start);
            assert_eq!(with.value("recidive", "enabled"), Some("true"), "{start:?}");
            let without = with.remove_marked_section("recidive", &["enabled", "logpath"]).unwrap();
            assert_eq!(text(&without.unwrap().document), start);
        }
    }

    #[test]
    fn the_mark_stands_below_the_header() {
        assert_eq!(
            text(&added("[a]\nb = 1\n")),
            format!("[a]\nb = 1\n\n[recidive]\n{MARK_WITH_BLANK}\nenabled = true\nlogpath = /x\n")
        );
    }

    #[test]
    fn a_section_with_other_keys_or_without_a_mark_stays() {
        let keys = ["enabled", "logpath"];
        let tuned = added("[a]\n").set("recidive", "findtime", "604800").unwrap().document;
        assert_eq!(tuned.remove_marked_section("recidive", &keys), Ok(None));
        assert_eq!(
            document("[recidive]\nenabled = true\n").remove_marked_section("recidive", &keys),
            Ok(None)
        );
        assert_eq!(document("[a]\n").remove_marked_section("recidive", &keys), Ok(None));
    }

    #[test]
    fn what_others_have_added_around_it_stays() {
        let grown = format!("{}\n# by hand\n[b]\nc = 1\n", text(&added("[a]\nb = 1\n")));
        let without = document(&grown)
            .remove_marked_section("recidive", &["enabled", "logpath"])
            .unwrap();
        assert_eq!(
            text(&without.unwrap().document),
            "[a]\nb = 1\n\n# by hand\n[b]\nc = 1\n"
        );
    }
}
