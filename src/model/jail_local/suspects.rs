//! Values that `fail2ban-client -t` lets through although the server chokes on them or reads them otherwise than they
//! look: a bad number or duration takes every jail down at the next reload, a misspelt key silently does nothing.
//!
//! These findings inform; they don't block edits of other keys. Values with `%(` are not judged, since what they become
//! isn't known from one file.

use super::super::comment_text::escaped;
use super::diagnostic::Diagnostic;
use super::document::{IGNOREIP, JailLocal};
use super::entries::{self, EntryKind};
use super::python_text;
use super::reading::{DEFAULT, OptionReading, SectionReading};

/// Keys that fail2ban turns into integers (jail, filter and database settings).
const INTEGER_KEYS: [&str; 4] = ["maxretry", "maxmatches", "maxlines", "dbmaxmatches"];

/// Keys whose text reaches Python's `eval` as a duration.
const DURATION_KEYS: [&str; 5] = [
    "findtime",
    "bantime",
    "bantime.maxtime",
    "bantime.rndtime",
    "dbpurgeage",
];

/// Keys that are true for 1, on, true and yes, and false for every other word.
const SWITCH_KEYS: [&str; 4] = ["enabled", "ignoreself", "bantime.increment", "bantime.overalljails"];

/// Keys whose value is a word or path in which ` #` can only be a comment that went wrong.
const PLAIN_KEYS: [&str; 10] = [
    "port",
    "protocol",
    "backend",
    "filter",
    "logpath",
    "banaction",
    "banaction_allports",
    "usedns",
    "logencoding",
    "chain",
];

/// Other keys that the jails of fail2ban and Asterisk hosts use; a key near one of all these is taken for misspelt.
const OTHER_KEYS: [&str; 28] = [
    "action",
    "action_",
    "action_mw",
    "action_mwl",
    "action_xarf",
    "action_cf_mwl",
    "action_blocklist_de",
    "action_abuseipdb",
    "actionban",
    "actionunban",
    "bantime.factor",
    "bantime.formula",
    "bantime.multipliers",
    "blocktype",
    "datepattern",
    "destemail",
    "fail2ban_agent",
    "failregex",
    "ignorecache",
    "ignorecommand",
    IGNOREIP,
    "ignoreregex",
    "journalmatch",
    "logtimezone",
    "prefregex",
    "sender",
    "sendername",
    "mode",
];

impl JailLocal {
    /// The findings, in the order of the file.
    pub fn suspect_values(&self) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        for section in self
            .reading
            .sections
            .iter()
            .filter(|section| section.name != "INCLUDES")
        {
            for option in &section.options {
                found.extend(self.suspect_value(option));
                found.extend(self.suspect_key(section, option));
                if section.name != DEFAULT {
                    found.extend(self.suspect_entries(option));
                }
            }
        }
        found.sort_by_key(Diagnostic::position);
        found
    }

    fn suspect_value(&self, option: &OptionReading) -> Option<Diagnostic> {
        let (key, value) = (option.key.as_str(), option.value.as_str());
        if value.contains("%(") {
            return None;
        }
        let judged = [&INTEGER_KEYS[..], &DURATION_KEYS, &SWITCH_KEYS, &PLAIN_KEYS]
            .concat()
            .contains(&key);
        if judged && let Some(finding) = self.lost_comment(option) {
            return Some(finding);
        }
        let shown = escaped(value);
        if INTEGER_KEYS.contains(&key) && !is_integer(value) {
            let message = format!("`{shown}` is not a whole number; -t accepts it, but a reload removes every jail");
            return Some(self.at_value(option, message, "write digits only"));
        }
        if DURATION_KEYS.contains(&key) && !is_duration(value) {
            let message = format!("`{shown}` is not a duration; -t accepts it, but a reload removes every jail");
            return Some(self.at_value(
                option,
                message,
                "write seconds, or numbers with units such as 10m or 1d 12h",
            ));
        }
        if SWITCH_KEYS.contains(&key) && !is_switch(value) {
            let message = format!("fail2ban takes `{shown}` for false");
            return Some(self.at_value(option, message, "write true or false"));
        }
        None
    }

    /// Junk in a jail's own list; that of `[DEFAULT]` is `ignoreip_objections`' subject.
    fn suspect_entries(&self, option: &OptionReading) -> Vec<Diagnostic> {
        let words = if option.key == IGNOREIP {
            entries::words(&self.lines, option, &self.reader)
        } else {
            Vec::new()
        };
        let findings = words.iter().filter_map(|word| match &word.kind {
            EntryKind::Junk { message, cure } | EntryKind::Dead { message, cure } => {
                Some(self.at_word(word, message.clone(), cure))
            }
            _ => None,
        });
        findings.collect()
    }

    /// ` # ...` after a value, which Python keeps as part of it.
    fn lost_comment(&self, option: &OptionReading) -> Option<Diagnostic> {
        option.parts.iter().find_map(|part| {
            let text = self.line_text(part.line).get(part.span.clone())?;
            let mut before = None;
            let found = text.char_indices().find(|(_, character)| {
                let begins = *character == '#' && before.is_none_or(python_text::is_space);
                before = Some(*character);
                begins
            })?;
            Some(self.at(
                part.line,
                part.span.start + found.0,
                "`#` does not start a comment after a value; the rest of the line is part of the value".to_owned(),
                "put the comment on a line of its own, or begin it with ` ;`",
            ))
        })
    }

    fn suspect_key(&self, section: &SectionReading, option: &OptionReading) -> Option<Diagnostic> {
        let meant = nearest_known(&option.key)?;
        let taken_in = format!("%({})s", option.key);
        let used = |option: &OptionReading| python_text::option_name(&option.value).contains(&taken_in);
        if self
            .reading
            .sections
            .iter()
            .flat_map(|section| &section.options)
            .any(used)
        {
            return None;
        }
        let message = format!(
            "fail2ban doesn't know `{}` and ignores it in [{}]; did you mean `{meant}`?",
            escaped(&option.key),
            escaped(&section.name)
        );
        Some(self.at(
            option.line,
            option.key_span.start,
            message,
            "correct the name of the key",
        ))
    }

    fn at_value(&self, option: &OptionReading, message: String, cure: &str) -> Diagnostic {
        let part = option.parts.iter().find(|part| !part.span.is_empty());
        let (line, offset) = part.map_or((option.line, option.key_span.start), |part| {
            (part.line, part.span.start)
        });
        self.at(line, offset, message, cure)
    }
}

fn is_integer(value: &str) -> bool {
    let digits = value.strip_prefix(['-', '+']).unwrap_or(value);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_switch(value: &str) -> bool {
    let known = ["1", "0", "on", "off", "true", "false", "yes", "no"];
    known.contains(&value.to_lowercase().as_str())
}

/// Seconds (negative for "for ever"), or numbers with fail2ban's units one after the other: `10m`, `1d 12h`, `1week`.
/// Formulas that fail2ban would evaluate as well, such as `1h+30m`, are left to their authors but reported.
fn is_duration(value: &str) -> bool {
    let seconds = value.strip_prefix('-').unwrap_or(value);
    is_number(seconds) || has_only_units(value)
}

/// Digits as Python's `eval` takes them: no leading zero before other digits, perhaps a fraction.
fn is_number(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let leading_zero = whole.len() > 1 && whole.starts_with('0') && !text.contains('.');
    digits(whole) && digits(fraction) && !leading_zero
}

fn has_only_units(value: &str) -> bool {
    let mut rest = value;
    while !rest.is_empty() {
        let number_end = rest.find(|character: char| !character.is_ascii_digit() && character != '.');
        let (number, following) = rest.split_at(number_end.unwrap_or(rest.len()));
        let following = following.trim_start_matches(' ');
        let unit_end = following.find(|character: char| !character.is_ascii_alphabetic());
        let (unit, after) = following.split_at(unit_end.unwrap_or(following.len()));
        if !is_number(number) || !is_unit(unit) {
            return false;
        }
        rest = after.trim_start_matches(' ');
    }
    !value.is_empty()
}

/// fail2ban's names of units, in any letter case.
fn is_unit(text: &str) -> bool {
    let units = "days day da dd d weeks week wee we ww w months month mon mo years year yea ye yy y \
                 seconds second sec se ss s minutes minute min mi mm m hours hour hou ho hh h";
    units.split(' ').any(|unit| unit.eq_ignore_ascii_case(text))
}

/// Whether jails of fail2ban and Asterisk hosts have a key of this name.
pub fn is_known_key(key: &str) -> bool {
    let all = INTEGER_KEYS.iter().chain(&DURATION_KEYS).chain(&SWITCH_KEYS);
    let mut all = all.chain(&PLAIN_KEYS).chain(&OTHER_KEYS);
    all.any(|name| *name == key)
}

/// The known key that an unknown one is close to: the same but for `_`, `-` and `.`, or one typing error away.
fn nearest_known(key: &str) -> Option<&'static str> {
    const SHORTEST_JUDGED: usize = 6;
    let known = || {
        let all = INTEGER_KEYS.iter().chain(&DURATION_KEYS).chain(&SWITCH_KEYS);
        all.chain(&PLAIN_KEYS).chain(&OTHER_KEYS).copied()
    };
    if known().any(|name| name == key) || key.starts_with("known/") {
        return None;
    }
    let plain = |text: &str| text.replace(['_', '-', '.'], "");
    let own = plain(key);
    known()
        .filter(|name| name.len() >= SHORTEST_JUDGED)
        .find(|name| plain(name) == own || one_error_apart(&plain(name), &own))
}

/// Whether one insertion, deletion, replacement or swap of neighbours turns one text into the other. A digit at the end
/// (`banaction6`) is a name of its own, not an error.
fn one_error_apart(known: &str, other: &str) -> bool {
    let numbered = other
        .strip_prefix(known)
        .is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
    if numbered {
        return false;
    }
    let (known, other): (Vec<char>, Vec<char>) = (known.chars().collect(), other.chars().collect());
    let common = known
        .iter()
        .zip(&other)
        .take_while(|(left, right)| left == right)
        .count();
    let left = known.get(common..).unwrap_or_default();
    let right = other.get(common..).unwrap_or_default();
    match (left, right) {
        ([a, b, left_rest @ ..], [c, d, right_rest @ ..]) if a == d && b == c && left_rest == right_rest => true,
        ([_, left_rest @ ..], [_, right_rest @ ..]) if left_rest == right_rest => true,
        ([_, left_rest @ ..], _) if left_rest == right => true,
        (_, [_, right_rest @ ..]) if left == right_rest => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::reader::Reader;
    use super::*;

    fn findings(text: &str) -> Vec<(usize, usize)> {
        let document = JailLocal::parse("jail.local", text.as_bytes(), &Reader::new("1.0.2")).unwrap();
        document
            .suspect_values()
            .iter()
            .map(|found| (found.line, found.column))
            .collect()
    }

    #[test]
    fn sound_values_pass() {
        let text = "[DEFAULT]\nbantime = 1d 12h\nfindtime = 1week\nmaxretry = 5 ; five\nbantime.maxtime=5w\n\
                    [sshd]\nenabled = true\nbantime = -1\nfindtime = %(bantime)s\nport = ssh,sftp\nfailregex = ^x # y$\n\
                    maxretry = 030\nfindtime6 = x\nbanactions = own\naction = %(banactions)s[x=1]\n";
        assert_eq!(findings(text), []);
    }

    #[test]
    fn what_the_server_chokes_on_is_pointed_at() {
        assert_eq!(
            findings(
                "[a]\nmaxretry = abc\nfindtime = ten\nbantime = 0600\nmaxretr = 3\nenabled = ture\nport = ssh # 22\n\
                 maxmatches=\n[b]\n  maxretry =\n    5x\n  bantime = 1h + 5m\n"
            ),
            [
                (2, 12),
                (3, 12),
                (4, 11),
                (5, 1),
                (6, 11),
                (7, 12),
                (8, 1),
                (11, 5),
                (12, 13)
            ]
        );
    }

    #[test]
    fn misspelt_keys() {
        for (key, meant) in [
            ("maxrety", Some("maxretry")),
            ("maxertry", Some("maxretry")),
            ("max_retry", Some("maxretry")),
            ("ignoreips", Some("ignoreip")),
            ("findtme", Some("findtime")),
            ("enable", Some("enabled")),
            ("banaction6", None),
            ("maxretry", None),
            ("customer", None),
            ("ports", None),
            ("", None),
        ] {
            assert_eq!(nearest_known(key), meant, "{key}");
        }
    }

    #[test]
    fn durations_as_fail2ban_evaluates_them() {
        for value in ["600", "-1", "1.5h", "1h30m", "2 weeks", "1D", "0", "1mo 2y"] {
            assert!(is_duration(value), "{value}");
        }
        for value in [
            "",
            "ten",
            "010",
            "1h05m",
            "1fortnight",
            "600 # x",
            "1,5h",
            "h",
            "1h+30m",
            "--1",
        ] {
            assert!(!is_duration(value), "{value}");
        }
    }
}
