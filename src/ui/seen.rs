//! What a watch has shown so far, for the sentence at its end.

use serde::Serialize;
use serde_json::Value;

/// Counts of what was shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Seen {
    /// Lines of the action log.
    pub lines: u64,
    /// New bans among them; those that a restart brought back are none.
    pub bans: u64,
    /// Bans that ended or were lifted.
    pub unbans: u64,
}

impl Seen {
    /// Counts one event of a watch.
    pub fn count(&mut self, event: &Value) {
        self.lines += 1;
        match event.get("event").and_then(Value::as_str) {
            Some("ban") => self.bans += 1,
            Some("unban") => self.unbans += 1,
            _ => {}
        }
    }
}

/// The counts of a document in a sentence; none for a document that is of no watch.
pub fn sentence(document: &Value) -> Option<String> {
    let seen = document.get("seen")?;
    let told = |key: &str, word: &str| {
        let count = seen.get(key).and_then(Value::as_u64).unwrap_or_default();
        format!("{count} {word}{}", if count == 1 { "" } else { "s" })
    };
    let (lines, bans, unbans) = (told("lines", "line"), told("bans", "ban"), told("unbans", "unban"));
    Some(format!("The watch has ended: {lines} seen, with {bans} and {unbans}."))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn bans_and_unbans_are_counted_among_the_lines() {
        let mut seen = Seen::default();
        for event in ["found", "ban", "unban", "restore_ban", "unban"] {
            seen.count(&json!({"event": event}));
        }
        assert_eq!(
            sentence(&json!({"seen": seen})).as_deref(),
            Some("The watch has ended: 5 lines seen, with 1 ban and 2 unbans.")
        );
        assert_eq!(sentence(&json!({})), None);
    }
}
