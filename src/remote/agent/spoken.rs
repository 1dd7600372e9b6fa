//! What goes over a link as it stands in a log file: short, without the password that was given to sudo, and without contents of
//! files and properties of actions, in which keys of other services stand.

use serde_json::Value;

use super::message::concealed;

/// Longer texts are files' contents and programs: their length is enough.
const LONGEST_TEXT: usize = 200;
/// Longer lists are shown by their beginning.
const LONGEST_LIST: usize = 20;

/// Keys whose values are files' contents or actions' properties, in which keys of other services may stand.
const CONFIDENTIAL: [&str; 4] = ["content", "before", "after", "actions"];

/// A message's content as one line of JSON.
pub fn shown(value: &Value, secret: Option<&str>) -> String {
    shortened(value, secret).to_string()
}

fn shortened(value: &Value, secret: Option<&str>) -> Value {
    match value {
        Value::String(text) if text.chars().count() > LONGEST_TEXT => length_of(text),
        Value::String(text) => secret
            .map_or_else(|| text.clone(), |secret| concealed(text, secret))
            .into(),
        Value::Array(items) => {
            let shown = items.iter().take(LONGEST_LIST).map(|item| shortened(item, secret));
            let more = items.len().saturating_sub(LONGEST_LIST);
            let more = (more > 0).then(|| format!("<{more} more>").into());
            shown.chain(more).collect()
        }
        Value::Object(members) => {
            let member = |(key, value): (&String, &Value)| {
                let shown = match CONFIDENTIAL.contains(&key.as_str()) && !value.is_null() {
                    true => length_of(&value.to_string()),
                    false => shortened(value, secret),
                };
                (key.clone(), shown)
            };
            members.iter().map(member).collect()
        }
        other => other.clone(),
    }
}

fn length_of(text: &str) -> Value {
    format!("<{} characters>", text.chars().count()).into()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_line_has_neither_files_nor_the_password() {
        let message = json!({
            "long": "x".repeat(201), "said": "hunter\"2?", "list": vec![1; 30],
            "actions": {"mail": {"cftoken": "abc"}}, "content": "key = abc",
        });
        let line = shown(&message, Some("hunter\"2"));
        for part in ["<201 characters>", "<10 more>", "(password)?"] {
            assert!(line.contains(part), "{line}");
        }
        assert!(!line.contains("hunter") && !line.contains("abc"), "{line}");
        assert!(shown(&json!(["short"]), None) == r#"["short"]"#);
    }
}
