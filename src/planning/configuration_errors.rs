//! Why `fail2ban-client -t` refuses a configuration: the errors that it prints before its verdict, and the setting that
//! each is about.
//!
//! Boundary: these are fail2ban's own words, of versions 0.11 to 1.1.1. What is not understood is shown as it is.

/// How many errors are shown.
const SHOWN: usize = 4;
/// What the last line of a failed test says, which names no cause.
const VERDICT: &str = "ERROR: test configuration failed";
const PREFIX: &str = "Failed during configuration: ";

/// The errors of a test's output, each once, in one clause; the last line where none is found.
pub fn causes(output: &str) -> String {
    let errors = errors(output);
    let more = errors.len().saturating_sub(SHOWN);
    let shown: Vec<&str> = errors.iter().take(SHOWN).map(String::as_str).collect();
    match (shown.is_empty(), more) {
        (true, _) => last_line(output).to_owned(),
        (false, 0) => shown.join("; "),
        (false, more) => format!("{}; and {more} more", shown.join("; ")),
    }
}

/// The section and key that the errors are about, as far as they name them; the first that counts comes first.
pub fn settings(output: &str) -> Vec<(String, &'static str)> {
    let errors = errors(output);
    let mut found = Vec::new();
    let mut keys: Vec<&'static str> = Vec::new();
    for error in &errors {
        if let Some(jail) = between(error, "Have not found any log file for ", " jail") {
            found.push((jail.to_owned(), "logpath"));
        }
        let option = between(error, "option '", "'").zip(between(error, "in section '", "'"));
        if let Some((option, section)) = option {
            let known = [
                "ignoreip", "logpath", "maxretry", "findtime", "bantime", "port", "filter", "action",
            ];
            found.extend(
                known
                    .into_iter()
                    .filter(|key| *key == option)
                    .map(|key| (section.to_owned(), key)),
            );
        }
        if error.starts_with("Unable to read the filter") {
            keys.push("filter");
        }
        if error.starts_with("Unable to read action") {
            keys.extend(["action", "banaction"]);
        }
        if let Some(jail) = between(error, "Errors in jail '", "'") {
            // What is wrong is printed before the jail in which it is.
            found.extend(keys.iter().map(|key| (jail.to_owned(), *key)));
        }
    }
    found
}

/// Each error once, with the lines that belong to it.
fn errors(output: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut is_error = false;
    for line in output.lines() {
        match message(line) {
            Some((level, text)) => {
                is_error = matches!(level, "ERROR" | "CRITICAL") && !text.starts_with(VERDICT);
                if is_error {
                    found.push(text.strip_prefix(PREFIX).unwrap_or(text).trim().to_owned());
                }
            }
            None if is_error => {
                if let Some(last) = found.last_mut() {
                    last.push(' ');
                    last.push_str(line.trim());
                }
            }
            None => {}
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|error| seen.insert(error.clone()));
    found
}

/// The level and the text of a line of fail2ban's log: `DATE TIME,MS MODULE [PID]: LEVEL TEXT`.
fn message(line: &str) -> Option<(&str, &str)> {
    let (head, rest) = line.split_once("]: ")?;
    let is_line = head.starts_with(|letter: char| letter.is_ascii_digit()) && head.contains("fail2ban");
    let (level, text) = rest.split_once(' ')?;
    is_line.then(|| (level, text.trim()))
}

fn between<'text>(text: &'text str, before: &str, after: &str) -> Option<&'text str> {
    let (_, rest) = text.split_once(before)?;
    Some(rest.split_once(after)?.0)
}

fn last_line(output: &str) -> &str {
    output
        .lines()
        .rev()
        .find(|line| !line.trim().is_empty())
        .unwrap_or("nothing")
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILTER: &str = "\
2026-11-28 06:18:59,389 fail2ban.configreader   [23152]: ERROR   Found no accessible config files for 'filter.d/nosuch' under /etc/fail2ban
2026-11-28 06:18:59,390 fail2ban.jailreader     [23152]: ERROR   Unable to read the filter 'nosuch'
2026-11-28 06:18:59,390 fail2ban.jailsreader    [23152]: ERROR   Errors in jail 'asterisk-scan'.
2026-11-28 06:18:59,391 fail2ban                [23152]: ERROR   ERROR: test configuration failed
";
    const PARSING: &str = "\
2026-11-28 06:19:00,990 fail2ban                [23231]: ERROR   Failed during configuration: Source contains parsing errors: '/etc/fail2ban/jail.local'
\t[line 18]: 'enabled true\\n'
2026-11-28 06:19:00,990 fail2ban                [23231]: ERROR   ERROR: test configuration failed
";

    #[test]
    fn the_cause_is_what_stands_before_the_verdict() {
        assert_eq!(
            causes(FILTER),
            "Found no accessible config files for 'filter.d/nosuch' under /etc/fail2ban; Unable to read the filter \
             'nosuch'; Errors in jail 'asterisk-scan'."
        );
        assert_eq!(settings(FILTER), [("asterisk-scan".to_owned(), "filter")]);
        assert_eq!(
            causes(PARSING),
            "Source contains parsing errors: '/etc/fail2ban/jail.local' [line 18]: 'enabled true\\n'"
        );
        assert_eq!(causes("something else\n\n"), "something else");
        assert_eq!(causes(""), "nothing");
    }

    #[test]
    fn the_setting_is_named() {
        let of = |text: &str| settings(&format!("2026-11-28 06:18:57,733 fail2ban [1]: ERROR   {text}\n"));
        assert_eq!(
            of("Failed during configuration: Have not found any log file for asterisk-auth jail"),
            [("asterisk-auth".to_owned(), "logpath")]
        );
        assert_eq!(
            of(
                "Failed during configuration: Bad value substitution: option 'ignoreip' in section 'sshd' contains a key"
            ),
            [("sshd".to_owned(), "ignoreip")]
        );
        assert_eq!(of("nothing that is known"), []);
    }

    #[test]
    fn many_errors_are_counted() {
        let line = |number: usize| format!("2026-11-28 06:18:57,733 fail2ban [1]: ERROR   error {number}\n");
        let output: String = (0..6).map(line).collect();
        assert_eq!(causes(&output), "error 0; error 1; error 2; error 3; and 2 more");
    }
}
