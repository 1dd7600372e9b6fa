//! HTML that is made of elements and text: whatever a text holds, it stays text.
//!
//! Boundary: no way leads from a text into markup. Names of elements and attributes are the program's own words.

use std::fmt::Write as _;

use crate::ui::text::safe_text;

/// A piece of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Markup(String);

/// The attributes of an element.
pub type Attributes<'text> = &'text [(&'static str, &'text str)];

/// The element that has no content and no end; those of SVG have one.
const VOID: &str = "meta";

impl Markup {
    /// Text; what steers a terminal or a reading direction is shown as an escape.
    pub fn text(text: &str) -> Self {
        Self(escaped(text))
    }

    /// An element.
    pub fn element(name: &'static str, attributes: Attributes<'_>, content: impl Into<Self>) -> Self {
        let mut markup = format!("<{name}");
        for (key, value) in attributes {
            // A string takes whatever is written to it.
            let _ = write!(markup, " {key}=\"{}\"", escaped(value));
        }
        markup.push('>');
        if name != VOID {
            let _ = write!(markup, "{}</{name}>", content.into().0);
        }
        Self(markup)
    }

    /// A style sheet of the program's own.
    pub fn style(sheet: &'static str) -> Self {
        Self(format!("<style>{sheet}</style>"))
    }

    /// The page that this is all of.
    pub fn into_page(self) -> String {
        format!("<!DOCTYPE html>\n{}\n", self.0)
    }
}

impl From<&str> for Markup {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Markup {
    fn from(text: String) -> Self {
        Self::text(&text)
    }
}

impl From<Vec<Markup>> for Markup {
    fn from(parts: Vec<Markup>) -> Self {
        parts.into_iter().collect()
    }
}

impl FromIterator<Markup> for Markup {
    fn from_iter<Parts: IntoIterator<Item = Markup>>(parts: Parts) -> Self {
        Self(parts.into_iter().map(|part| part.0).collect())
    }
}

fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in safe_text(text).chars() {
        match letter {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '"' => shown.push_str("&quot;"),
            '\'' => shown.push_str("&#39;"),
            other => shown.push(other),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stays_text_wherever_it_stands() {
        let nasty = "</td><script>alert(\"1\")</script>&'\u{202e}";
        let shown = Markup::element("td", &[("title", nasty)], nasty).into_page();
        assert!(!shown.contains("<script") && !shown.contains('\u{202e}'), "{shown}");
        assert_eq!(shown.matches("</td>").count(), 1, "{shown}");
        let void = Markup::element("meta", &[("x", "1")], "never shown");
        assert_eq!(void, Markup("<meta x=\"1\">".to_owned()));
        let line = Markup::element("line", &[], "");
        assert_eq!(line, Markup("<line></line>".to_owned()));
    }
}
