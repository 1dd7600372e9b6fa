//! The state of a host: its jails, who is banned, the whitelist, what could not be read.

use serde_json::Value;

use super::{items, text, texts};
use crate::model::comment_text::escaped;
use crate::procedure::some;
use crate::ui::page::Page;
use crate::ui::text::{ATTENTION, BAD, GOOD, STRONG, duration, styled};

/// The whole status.
pub fn status(document: &Value, page: &Page) -> String {
    if document.get("fail2ban").is_none() {
        return String::new();
    }
    let mut parts = vec![headline(document)];
    let jails: Vec<&Value> = items(document, "jails").collect();
    if !jails.is_empty() {
        parts.push(jail_table(&jails, page));
    }
    parts.push(bans(&jails, page));
    if items(document, "whitelist").next().is_some() {
        parts.push(format!(
            "{}\n{}",
            styled(STRONG, "Whitelist"),
            whitelist(document, page)
        ));
    }
    parts.push(unknown(document, page));
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n")
}

fn headline(document: &Value) -> String {
    let name = escaped(
        document
            .pointer("/host/name")
            .and_then(Value::as_str)
            .unwrap_or_default(),
    );
    let version = document
        .pointer("/fail2ban/version")
        .and_then(Value::as_str)
        .map(escaped);
    let state = match document.pointer("/fail2ban/running").and_then(Value::as_bool) {
        Some(true) => styled(GOOD, "running"),
        Some(false) => styled(BAD, "not running"),
        None => styled(ATTENTION, "unknown"),
    };
    match version {
        Some(version) => format!("{name}: fail2ban {version} is {state}"),
        None => format!("{name}: fail2ban is {state}"),
    }
}

fn jail_table(jails: &[&Value], page: &Page) -> String {
    let heading = [
        "JAIL",
        "MAXRETRY",
        "FINDTIME",
        "BANTIME",
        "FAILED",
        "BANNED",
        "BANNED EVER",
        "ENFORCED",
    ];
    let number = |jail: &Value, key: &str| {
        jail.get(key)
            .and_then(Value::as_i64)
            .map_or_else(|| "unknown".to_owned(), |number| number.to_string())
    };
    let time = |jail: &Value, key: &str| {
        jail.get(key)
            .and_then(Value::as_i64)
            .map_or_else(|| "unknown".to_owned(), duration)
    };
    let rows = jails.iter().map(|jail| {
        let enforced = match jail.get("enforced").and_then(Value::as_bool) {
            Some(true) => "yes".to_owned(),
            Some(false) => "NO".to_owned(),
            None => "unknown".to_owned(),
        };
        vec![
            text(jail, "name").to_owned(),
            number(jail, "maxretry"),
            time(jail, "findtime"),
            time(jail, "bantime"),
            format!(
                "{} of {}",
                number(jail, "currently_failed"),
                number(jail, "total_failed")
            ),
            number(jail, "currently_banned"),
            number(jail, "total_banned"),
            enforced,
        ]
    });
    page.table(&heading, rows.collect())
}

fn bans(jails: &[&Value], page: &Page) -> String {
    let mut rows = Vec::new();
    for jail in jails {
        for ban in items(jail, "banned") {
            rows.push(vec![
                text(ban, "ip").to_owned(),
                text(jail, "name").to_owned(),
                ban.get("customer").and_then(Value::as_str).unwrap_or("-").to_owned(),
                page.moment(text(ban, "since")),
                page.moment(ban.get("until").and_then(Value::as_str).unwrap_or("for ever")),
            ]);
        }
    }
    if rows.is_empty() {
        return "Nobody is banned.".to_owned();
    }
    format!(
        "{}\n{}",
        styled(STRONG, "Banned"),
        page.table(&["ADDRESS", "JAIL", "CUSTOMER", "SINCE", "UNTIL"], rows)
    )
}

/// The whitelist's table.
pub fn whitelist(document: &Value, page: &Page) -> String {
    let rows: Vec<Vec<String>> = items(document, "whitelist")
        .map(|row| whitelist_row(row, page))
        .collect();
    if rows.is_empty() {
        return match document.get("whitelist") {
            Some(_) => "Nobody is whitelisted.".to_owned(),
            None => String::new(),
        };
    }
    whitelist_table(rows, page)
}

fn whitelist_table(rows: Vec<Vec<String>>, page: &Page) -> String {
    page.table(&["NETWORK", "CUSTOMER", "NOTE", "DETAILS", "IN FORCE"], rows)
}

fn whitelist_row(row: &Value, page: &Page) -> Vec<String> {
    let documented = row.get("documented") == Some(&Value::Bool(true));
    let customer = match row.get("customer").and_then(Value::as_str) {
        Some(customer) => customer.to_owned(),
        None if text(row, "source") == "runtime" => "(set at run time)".to_owned(),
        None if text(row, "source") == "temporary" => "(temporary)".to_owned(),
        None if documented => "-".to_owned(),
        None => "(undocumented)".to_owned(),
    };
    let meta = row.get("meta").and_then(Value::as_object).into_iter().flatten();
    let until = row.get("until").map(|until| ("until", until));
    let details: Vec<String> = until
        .into_iter()
        .chain(meta.map(|(key, value)| (key.as_str(), value)))
        .map(|(key, value)| format!("{key}={}", page.moment(value.as_str().unwrap_or_default())))
        .collect();
    let absent = texts(row, "not_in_force");
    let present = texts(row, "in_force");
    let force = match (present.is_empty(), absent.is_empty()) {
        (true, true) => "unknown".to_owned(),
        (false, true) if row.get("until").is_some() => format!("in {}", present.join(", ")),
        (false, true) => "in every jail".to_owned(),
        (true, false) => "NOWHERE".to_owned(),
        (false, false) => format!("not in {}", absent.join(", ")),
    };
    vec![
        text(row, "network").to_owned(),
        customer,
        row.get("note").and_then(Value::as_str).unwrap_or("").to_owned(),
        details.join(" "),
        force,
    ]
}

/// Which entries cover an address, or all or a part of a network.
pub fn check(document: &Value, page: &Page) -> String {
    let address = escaped(text(document, "address"));
    if document.get("whitelisted").is_none() {
        return String::new();
    }
    let jails = |key: &str| texts(document, key).join(", ");
    let (present, absent) = (jails("in_force"), jails("not_in_force"));
    let partly = items(document, "partly").next().is_some();
    let verdict = match (present.is_empty(), absent.is_empty()) {
        (true, _) if partly => format!("No entry covers all of {address}. Parts of it are whitelisted:"),
        (true, _) => format!("{address} is not whitelisted: every jail can ban it."),
        (false, true) => format!("{address} is whitelisted in every jail: {present}."),
        (false, false) => format!("{address} is whitelisted in {present}, but not in {absent}."),
    };
    let rows: Vec<Vec<String>> = ["whitelist", "partly"]
        .iter()
        .flat_map(|key| items(document, key))
        .map(|row| whitelist_row(row, page))
        .collect();
    let mut verdict = page.prose(&verdict, 2);
    if let Some(blocked) = blocked_without_ban(document) {
        verdict = format!("{verdict}\n{}", page.prose(&styled(ATTENTION, &blocked), 2));
    }
    match rows.is_empty() {
        true => verdict,
        false => format!("{verdict}\n\n{}", whitelist_table(rows, page)),
    }
}

/// What the firewall blocks although no jail lists it, whitelisted or not.
fn blocked_without_ban(document: &Value) -> Option<String> {
    let blocked: Vec<String> = items(document, "blocked_without_ban")
        .map(|row| format!("{} ({})", escaped(text(row, "ip")), texts(row, "chains").join(", ")))
        .collect();
    let address = escaped(text(document, "address"));
    (!blocked.is_empty()).then(|| {
        format!(
            "The firewall blocks {} although no jail lists it as banned; `f2bctl unban {address}` removes that.",
            some(&blocked)
        )
    })
}

fn unknown(document: &Value, page: &Page) -> String {
    let parts = document.get("unknown").and_then(Value::as_object).into_iter().flatten();
    let lines: Vec<String> = parts
        .filter(|(_, reason)| reason.as_str() != Some("not installed"))
        .map(|(part, reason)| {
            let told = format!("  {}: {}", escaped(part), escaped(reason.as_str().unwrap_or_default()));
            page.prose(&told, 4)
        })
        .collect();
    if lines.is_empty() {
        return String::new();
    }
    format!(
        "{}\n{}",
        styled(ATTENTION, "Unknown, since it could not be read"),
        lines.join("\n")
    )
}
