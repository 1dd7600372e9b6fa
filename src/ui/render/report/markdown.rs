//! What happened on a host as Markdown, for a ticket: what people read of `report`.

use crate::document::{Activity, HappeningKind, Protection, ProtectionVerdict};
use crate::model::host_name::HostName;
use crate::model::text::Text;
use crate::ui::text::safe_text;

use super::words::{UNCOVERED, UNKNOWN};

/// What people read: the report as Markdown, or where its page is.
pub fn view(host: Option<&HostName>, activity: &Activity) -> String {
    match &activity.file {
        Some(file) => format!("The page is in {file}."),
        None => markdown(host, activity),
    }
}

/// The report of a host.
fn markdown(host: Option<&HostName>, activity: &Activity) -> String {
    let name = host.map_or_else(String::new, |host| plain(&host.name));
    let mut parts = vec![
        format!("# Report: {name}"),
        format!("From {} to {}.", activity.from, activity.to),
        protection(&activity.protection),
        format!("## Timeline\n\n{}", timeline(activity)),
    ];
    parts.extend(table(
        "Jails",
        &[
            "Jail",
            "Bans",
            "Addresses",
            "Failures",
            "Ignored (whitelisted)",
            "Banned now",
        ],
        activity.jails.iter().map(|jail| {
            let known = |count: u64| activity.covered_from.is_some().then_some(count);
            let shown = |count: Option<u64>| count.map_or_else(|| "unknown".to_owned(), |count| count.to_string());
            let now = shown(jail.banned_now);
            let numbers = [jail.bans, jail.addresses, jail.failures, jail.ignored].map(|count| shown(known(count)));
            std::iter::once(text(&jail.jail)).chain(numbers).chain([now]).collect()
        }),
    ));
    parts.extend(table(
        "Networks with most bans",
        &["Network", "Bans", "Addresses", "Customer"],
        activity.networks.iter().map(|row| {
            let customer = row.customer.as_ref().map(text).unwrap_or_default();
            vec![
                text(&row.network),
                row.bans.to_string(),
                row.addresses.to_string(),
                customer,
            ]
        }),
    ));
    parts.extend(table(
        "Customers' headroom",
        &["Customer", "Address", "Jail", "Highest count", "When", "Whitelisted"],
        activity.headroom.iter().map(|row| {
            let listed = if row.whitelisted { "yes" } else { "no" };
            let count = format!("{} of {}", row.count, row.maxretry);
            vec![
                text(&row.customer),
                text(&row.address),
                text(&row.jail),
                count,
                row.at.clone(),
                listed.to_owned(),
            ]
        }),
    ));
    parts.extend(table(
        "Whitelist review",
        &["Finding", "Address or network", "Customer", "What"],
        activity.review.iter().flatten().map(|row| {
            let customer = row.customer.as_ref().map(text).unwrap_or_default();
            vec![plain(row.code.word()), text(&row.subject), customer, text(&row.message)]
        }),
    ));
    parts.push(format!("## Coverage\n\n{}", coverage(activity)));
    parts.join("\n\n")
}

/// Text of others with what Markdown would take for a mark escaped, on one line.
fn plain(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in safe_text(text).replace('\n', " ").chars() {
        if "\\`*_[]<>|&~#!".contains(letter) {
            shown.push('\\');
        }
        shown.push(letter);
    }
    shown
}

fn text(of: &Text) -> String {
    plain(of.raw())
}

fn protection(protection: &Protection) -> String {
    let verdict = match protection.verdict {
        ProtectionVerdict::Protected => "Protected",
        ProtectionVerdict::NotProtected => "NOT protected",
        ProtectionVerdict::Unknown => "Whether it is protected is unknown",
    };
    let reasons: Vec<String> = protection.reasons.iter().map(text).collect();
    let reasons = if reasons.is_empty() {
        String::new()
    } else {
        format!(": {}", reasons.join("; "))
    };
    let banned = match &protection.customers_banned {
        None => "Whether somebody of the whitelist is banned is unknown.".to_owned(),
        Some(banned) if banned.is_empty() => "Nobody of the whitelist is banned.".to_owned(),
        Some(banned) => {
            let named = banned.iter().map(|ban| {
                let customer = ban.customer.as_ref().map(|name| format!(" ({})", text(name)));
                format!("{}{}", text(&ban.ip), customer.unwrap_or_default())
            });
            format!(
                "**Banned although whitelisted:** {}.",
                named.collect::<Vec<_>>().join(", ")
            )
        }
    };
    format!("**{verdict}**{reasons}. {banned}")
}

fn timeline(activity: &Activity) -> String {
    if activity.timeline.is_empty() {
        let nothing = if activity.is_known() {
            "Nothing is in the log."
        } else {
            UNKNOWN
        };
        return nothing.to_owned();
    }
    let kind = |kind: HappeningKind| match kind {
        HappeningKind::Reload => "reload",
        HappeningKind::Change => "change",
        HappeningKind::Storm => "**storm**",
        HappeningKind::Ban => "ban",
        HappeningKind::Bans => "bans",
        HappeningKind::Unban => "unban",
    };
    let rows = activity.timeline.iter().map(|one| {
        let customer = one
            .customer
            .as_ref()
            .map(|name| format!("**{}**", text(name)))
            .unwrap_or_default();
        vec![
            one.time.clone(),
            kind(one.kind).to_owned(),
            text(&one.message),
            customer,
        ]
    });
    rows_of(&["Time", "Kind", "What", "Customer"], rows)
}

fn coverage(activity: &Activity) -> String {
    let from = activity.covered_from.as_ref().map_or_else(
        || UNCOVERED.to_owned(),
        |from| format!("fail2ban's action log is whole from {from} on."),
    );
    let gaps = activity.gaps.iter().map(|gap| format!("\n- {}", text(gap)));
    format!("{from}\n{}", gaps.collect::<String>()).trim_end().to_owned()
}

/// A section with a table; none where it would have no rows.
fn table(title: &str, heading: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Option<String> {
    let mut rows = rows.peekable();
    rows.peek()?;
    Some(format!("## {title}\n\n{}", rows_of(heading, rows)))
}

fn rows_of(heading: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let row = |cells: &[String]| format!("| {} |", cells.join(" | "));
    let heading: Vec<String> = heading.iter().map(|title| (*title).to_owned()).collect();
    let rule = vec!["---".to_owned(); heading.len()];
    let lines = [row(&heading), row(&rule)]
        .into_iter()
        .chain(rows.map(|cells| row(&cells)));
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn text_of_others_is_no_markdown() {
        assert_eq!(
            plain("a|b [x](y) <b> `c`\n# d\u{1b}"),
            "a\\|b \\[x\\](y) \\<b\\> \\`c\\` \\# d\\\\u{1b}"
        );
    }
}
