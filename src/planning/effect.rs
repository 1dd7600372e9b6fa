//! The effect of a plan: what the running server's jails are set to, before and after, and how much of it is meant.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::document::Effect;
use crate::model::observed::Jail;

use super::server_move::ServerMove;

/// What a procedure means to change in the running jails. An effect beyond it is drift.
#[derive(Debug, Clone, Default)]
pub struct Intent {
    /// Entries, in fail2ban's spelling, that jails are meant to gain in `ignoreip`.
    pub whitelisted: BTreeSet<String>,
    /// The jails that gain them, where they are named; empty for all.
    pub whitelisted_in: BTreeSet<String>,
    /// Entries, in fail2ban's spelling, that jails are meant to lose from `ignoreip`.
    pub unwhitelisted: BTreeSet<String>,
    /// Values of jails that are meant to change: `(jail, key)` as in an effect, e.g. `("sshd", "maxretry")`.
    pub values: BTreeSet<(String, String)>,
    /// Whether every effect is meant: a reload, or a start, which has no jails before it.
    pub everything: bool,
    /// Whether it is not known of a single effect whether it is meant: files are replaced as a whole, or how fail2ban
    /// reads the words that go (joined by a tab, say) only fail2ban knows. Drift is then what a reload of the files as
    /// they are on disk would change, which costs a second rehearsal.
    pub wholesale: bool,
}

impl Intent {
    /// Whether a jail is one of those that gain the entries.
    pub fn is_for(&self, jail: &String) -> bool {
        self.whitelisted_in.is_empty() || self.whitelisted_in.contains(jail)
    }

    /// Whether every jail is meant to gain this entry for good.
    pub fn whitelists(&self, entry: &str) -> bool {
        self.whitelisted_in.is_empty() && self.whitelisted.contains(entry)
    }

    /// That of a change which replaces files as a whole.
    pub fn wholesale(moved: ServerMove) -> Self {
        Self {
            everything: moved == ServerMove::Start,
            wholesale: true,
            ..Self::default()
        }
    }
}

/// Everything that differs between the running jails and those of the rehearsal, in the jails' order.
pub fn effects(running: &BTreeMap<String, Jail>, rehearsed: &BTreeMap<String, Jail>) -> Vec<Effect> {
    let names: BTreeSet<&String> = running.keys().chain(rehearsed.keys()).collect();
    let mut found = Vec::new();
    for name in names {
        match (running.get(name), rehearsed.get(name)) {
            (Some(before), Some(after)) => {
                found.extend(values(name, before, after));
                found.extend(actions(name, before, after));
            }
            (before, after) => found.push(Effect {
                jail: name.clone(),
                key: "jail".to_owned(),
                before: before.map_or(Value::Null, summary),
                after: after.map_or(Value::Null, summary),
            }),
        }
    }
    found
}

/// A jail in short, for one that comes or goes as a whole.
fn summary(jail: &Jail) -> Value {
    json!({
        "backend": jail.values.get("backend"),
        "logpath": jail.values.get("logpath"),
        "failregex": jail.list("failregex").len(),
        "maxretry": jail.number("maxretry"),
        "findtime": jail.number("findtime"),
        "bantime": jail.number("bantime"),
        "ignoreip": jail.ignoreip(),
        "actions": jail.actions.keys().collect::<Vec<_>>(),
    })
}

fn values(name: &str, before: &Jail, after: &Jail) -> Vec<Effect> {
    let keys: BTreeSet<&String> = before.values.keys().chain(after.values.keys()).collect();
    let unreadable = |key: &String| before.unknown.contains_key(key) || after.unknown.contains_key(key);
    let value = |jail: &Jail, key: &String| jail.values.get(key).cloned().unwrap_or(Value::Null);
    keys.into_iter()
        .filter(|key| !unreadable(key) && value(before, key) != value(after, key))
        .map(|key| Effect {
            jail: name.to_owned(),
            key: key.clone(),
            before: value(before, key),
            after: value(after, key),
        })
        .collect()
}

/// Actions that come or go, and parameters of those that stay.
fn actions(name: &str, before: &Jail, after: &Jail) -> Vec<Effect> {
    let names = |jail: &Jail| jail.actions.keys().cloned().collect::<Vec<_>>();
    if names(before) != names(after) {
        return vec![Effect {
            jail: name.to_owned(),
            key: "actions".to_owned(),
            before: json!(names(before)),
            after: json!(names(after)),
        }];
    }
    let mut found = Vec::new();
    for (action, meant) in &after.actions {
        let Some(now) = before.actions.get(action) else {
            continue;
        };
        // The rehearsal knows what the configuration sets; the server shows its own defaults besides.
        for (property, value) in meant {
            if let Some(current) = now.get(property).filter(|current| *current != value) {
                found.push(Effect {
                    jail: name.to_owned(),
                    key: format!("action {action} {property}"),
                    before: json!(current),
                    after: json!(value),
                });
            }
        }
    }
    found
}

impl Effect {
    /// Whether the jail's actions change, which a plain reload would not apply.
    pub fn is_of_actions(&self) -> bool {
        self.key == "actions" || self.key.starts_with("action ")
    }

    /// Whether a plain reload would not apply this: changed actions, and a setting of the filter that is gone, since
    /// fail2ban keeps what no command replaces.
    pub fn needs_restart(&self) -> bool {
        const KEPT: [&str; 4] = ["prefregex", "datepattern", "maxlines", "logtimezone"];
        let gone = KEPT.contains(&self.key.as_str()) && !self.before.is_null() && self.before != "";
        self.is_of_actions() || gone
    }

    /// Entries that an `ignoreip` effect adds and removes; empty for other keys.
    pub fn ignoreip_changes(&self) -> (BTreeSet<String>, BTreeSet<String>) {
        if self.key != "ignoreip" {
            return Default::default();
        }
        let (before, after) = (texts(&self.before), texts(&self.after));
        (
            after.difference(&before).cloned().collect(),
            before.difference(&after).cloned().collect(),
        )
    }

    /// Whether the procedure means this; what it does not mean was edited outside f2bctl.
    pub fn is_meant(&self, intent: &Intent) -> bool {
        if intent.everything || intent.values.contains(&(self.jail.clone(), self.key.clone())) {
            return true;
        }
        if self.key != "ignoreip" {
            return false;
        }
        let (added, removed) = self.ignoreip_changes();
        let gained = added.is_empty() || intent.is_for(&self.jail) && added.is_subset(&intent.whitelisted);
        gained && removed.is_subset(&intent.unwhitelisted)
    }

    /// The effect in one sentence.
    pub fn sentence(&self) -> String {
        let (added, removed) = self.ignoreip_changes();
        if self.key == "jail" {
            return match (&self.before, &self.after) {
                (Value::Null, _) => format!("jail {} starts", self.jail),
                _ => format!("jail {} goes away", self.jail),
            };
        }
        if added.is_empty() && removed.is_empty() {
            return format!(
                "{}: {} {} -> {}",
                self.jail,
                self.key,
                short(&self.before),
                short(&self.after)
            );
        }
        let signed =
            |sign: char, entries: BTreeSet<String>| entries.into_iter().map(move |entry| format!("{sign}{entry}"));
        let changes: Vec<String> = signed('+', added).chain(signed('-', removed)).collect();
        format!("{}: ignoreip {}", self.jail, changes.join(" "))
    }
}

fn texts(value: &Value) -> BTreeSet<String> {
    let items = value.as_array().into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// A value on one line, cut where it would be a page of regular expressions.
fn short(value: &Value) -> String {
    const LONGEST: usize = 80;
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if text.chars().count() <= LONGEST {
        return text;
    }
    let start: String = text.chars().take(LONGEST).collect();
    format!("{start}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jail(values: &[(&str, Value)], actions: &[(&str, &[(&str, &str)])]) -> Jail {
        let properties = |list: &[(&str, &str)]| {
            let pairs = list.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
            pairs.collect()
        };
        Jail {
            values: values
                .iter()
                .map(|(key, value)| ((*key).to_owned(), value.clone()))
                .collect(),
            actions: actions
                .iter()
                .map(|(name, list)| ((*name).to_owned(), properties(list)))
                .collect(),
            ..Jail::default()
        }
    }

    /// What becomes of one jail.
    fn between(before: Jail, after: Jail) -> Vec<Effect> {
        let of = |jail| BTreeMap::from([("sshd".to_owned(), jail)]);
        effects(&of(before), &of(after))
    }

    fn ignoring(list: &[&str]) -> Jail {
        jail(&[("ignoreip", json!(list))], &[])
    }

    #[test]
    fn only_the_very_entries_that_are_meant_are_no_drift() {
        let intent = Intent {
            whitelisted: BTreeSet::from(["192.0.2.0/28".to_owned()]),
            unwhitelisted: BTreeSet::from(["198.51.100.7".to_owned()]),
            ..Intent::default()
        };
        let meant = |before: &[&str], after: &[&str]| {
            let found = between(ignoring(before), ignoring(after));
            found.iter().all(|effect| effect.is_meant(&intent))
        };
        assert!(meant(&["::1"], &["::1", "192.0.2.0/28"]));
        assert!(meant(&["::1", "198.51.100.7"], &["::1", "192.0.2.0/28"]));
        // External entry, one that goes unasked, and what is meant the other way round.
        assert!(!meant(&["::1"], &["::1", "192.0.2.0/28", "203.0.113.7"]));
        assert!(!meant(&["::1", "203.0.113.7"], &["::1", "192.0.2.0/28"]));
        assert!(!meant(&["::1", "192.0.2.0/28"], &["::1"]));
        assert!(!meant(&["::1"], &["::1", "198.51.100.7"]));
    }

    #[test]
    fn a_value_is_meant_in_its_own_jail_alone() {
        let found = between(
            jail(&[("maxretry", json!(5))], &[]),
            jail(&[("maxretry", json!(9))], &[]),
        );
        let meaning = |name: &str, key: &str| Intent {
            values: BTreeSet::from([(name.to_owned(), key.to_owned())]),
            ..Intent::default()
        };
        assert!(found[0].is_meant(&meaning("sshd", "maxretry")));
        assert!(!found[0].is_meant(&meaning("asterisk-scan", "maxretry")));
        assert!(!found[0].is_meant(&meaning("sshd", "findtime")));
        assert_eq!(found[0].sentence(), "sshd: maxretry 5 -> 9");
    }

    #[test]
    fn what_cannot_be_read_is_no_change_and_a_jail_that_comes_or_goes_is_one() {
        let mut unread = jail(&[], &[]);
        unread.unknown.insert("maxretry".to_owned(), "refused".to_owned());
        assert_eq!(between(unread, jail(&[("maxretry", json!(9))], &[])), []);
        let one = BTreeMap::from([("sshd".to_owned(), ignoring(&["::1"]))]);
        let gone = effects(&one, &BTreeMap::new());
        assert_eq!(gone[0].sentence(), "jail sshd goes away");
        assert!(!gone[0].is_meant(&Intent::default()), "nobody loses a jail unasked");
        let comes = effects(&BTreeMap::new(), &one);
        assert_eq!(comes[0].sentence(), "jail sshd starts");
        assert!(!comes[0].is_meant(&Intent::default()));
    }

    #[test]
    fn changed_actions_and_settings_that_are_gone_need_a_restart() {
        let blocking = |port: &str| jail(&[], &[("iptables", &[("port", port)])]);
        let parameter = between(blocking("ssh"), blocking("2222"));
        assert_eq!(parameter[0].key, "action iptables port");
        assert!(parameter[0].needs_restart());
        let renamed = between(blocking("ssh"), jail(&[], &[("nftables", &[("port", "ssh")])]));
        assert!(renamed[0].key == "actions" && renamed[0].needs_restart());
        // The server shows defaults that the configuration does not set.
        let shown = jail(&[], &[("iptables", &[("port", "ssh"), ("timeout", "60")])]);
        assert_eq!(between(shown, blocking("ssh")), []);
        let pattern = |value: Value| jail(&[("datepattern", value)], &[]);
        assert!(between(pattern(json!("%Y")), pattern(Value::Null))[0].needs_restart());
        assert!(!between(pattern(Value::Null), pattern(json!("%Y")))[0].needs_restart());
        assert!(!between(ignoring(&["::1"]), ignoring(&[]))[0].needs_restart());
    }
}
