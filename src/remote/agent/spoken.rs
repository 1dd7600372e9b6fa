//! What goes over a link as it stands in a log file: short, and without the password that was given to sudo.

use serde_json::Value;

use super::message::concealed;

/// Longer texts are files' contents and programs: their length is enough.
const LONGEST_TEXT: usize = 200;
/// Longer lists are shown by their beginning.
const LONGEST_LIST: usize = 20;

/// A message's content as one line of JSON.
pub fn shown(value: &Value, secret: Option<&str>) -> String {
    let text = shortened(value).to_string();
    match secret {
        Some(secret) => concealed(&text, secret),
        None => text,
    }
}

fn shortened(value: &Value) -> Value {
    match value {
        Value::String(text) if text.chars().count() > LONGEST_TEXT => {
            format!("<{} characters>", text.chars().count()).into()
        }
        Value::Array(items) => {
            let mut shown: Vec<Value> = items.iter().take(LONGEST_LIST).map(shortened).collect();
            if items.len() > LONGEST_LIST {
                shown.push(format!("<{} more>", items.len() - LONGEST_LIST).into());
            }
            shown.into()
        }
        Value::Object(members) => members
            .iter()
            .map(|(key, value)| (key.clone(), shortened(value)))
            .collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_line_has_neither_files_nor_the_password() {
        let message = json!({"content": "x".repeat(201), "said": "hunter2?", "list": vec![1; 30]});
        let line = shown(&message, Some("hunter2"));
        assert!(
            line.contains("<201 characters>") && line.contains("<10 more>"),
            "{line}"
        );
        assert!(line.contains("(password)?") && !line.contains("hunter2"), "{line}");
        assert!(shown(&json!(["short"]), None) == r#"["short"]"#);
    }
}
