//! Which customers a record is about: those whose register lines its change adds, changes or removes, and the one whom the
//! operator named.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::model::jail_local::RegisterLine;

/// The customers whose register lines a unified difference adds, changes or removes; lines around them are not theirs.
pub fn of_difference(difference: &str) -> BTreeSet<String> {
    let is_header = |line: &&str| line.starts_with("+++ ") || line.starts_with("--- ");
    let changed = difference.lines().filter(|line| !is_header(line));
    let comments = changed.filter_map(|line| line.strip_prefix(['+', '-']));
    let lines = comments.filter_map(|comment| RegisterLine::read(comment, 0));
    lines.map(|line| line.registration.customer.to_string()).collect()
}

/// Whether a record is about this customer, in upper or lower case.
pub fn is_about(record: &Value, customer: &str) -> bool {
    let is_same = |name: &str| name.trim().to_lowercase() == customer.trim().to_lowercase();
    let listed = record.get("customers").and_then(Value::as_array);
    let named = match listed {
        Some(listed) => listed.iter().filter_map(Value::as_str).any(is_same),
        // A record of a version that did not list them.
        None => text(record, "diff").is_some_and(|diff| of_difference(diff).iter().any(|name| is_same(name))),
    };
    named || argument(record).is_some_and(is_same)
}

/// The customer whom the operator named.
fn argument(record: &Value) -> Option<&str> {
    let arguments = record.get("arguments").and_then(Value::as_array)?;
    let mut words = arguments.iter().filter_map(Value::as_str);
    while let Some(word) = words.next() {
        match word.strip_prefix("--customer") {
            Some("") => return words.next(),
            Some(rest) => return rest.strip_prefix('='),
            None => {}
        }
    }
    None
}

fn text<'record>(record: &'record Value, key: &str) -> Option<&'record str> {
    record.get(key).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const DIFFERENCE: &str = "--- jail.local\n+++ jail.local\n@@ -1,4 +1,5 @@\n [DEFAULT]\n \
        # 192.0.2.0/28 | Palm Court | Uplink\n+# 203.0.113.0/28 | Joe's \"Grand\" Inn | Uplink\n-# 198.51.100.7 | Vista\n";

    #[test]
    fn a_difference_is_about_those_whose_lines_change_and_not_about_their_neighbours() {
        let found: Vec<String> = of_difference(DIFFERENCE).into_iter().collect();
        assert_eq!(found, ["Joe's \"Grand\" Inn", "Vista"]);
    }

    #[test]
    fn a_record_is_about_its_customers_in_any_case() {
        let old = json!({"diff": DIFFERENCE, "arguments": []});
        let new = json!({"customers": ["Joe's \"Grand\" Inn"], "diff": "", "arguments": []});
        for record in [&old, &new] {
            assert!(is_about(record, "JOE'S \"grand\" inn"), "{record}");
            assert!(!is_about(record, "Palm Court") && !is_about(record, "Inn"), "{record}");
        }
    }

    #[test]
    fn an_attempt_is_about_whom_the_operator_named() {
        for arguments in [
            json!(["offboard", "--customer", "Palm Court"]),
            json!(["--customer=Palm Court"]),
        ] {
            let attempt = json!({"customers": [], "arguments": arguments});
            assert!(
                is_about(&attempt, "palm court") && !is_about(&attempt, "Palm"),
                "{attempt}"
            );
        }
        assert!(!is_about(&json!({"arguments": ["offboard", "--customer"]}), "x"));
    }
}
