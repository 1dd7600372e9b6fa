//! The parts of the page about one host: the verdict, the charts, the tables.

use super::charts::{headroom, hours, networks};
use super::markup::Markup;
use super::tables::{cell, number, short, table};
use super::words::{UNCOVERED, UNKNOWN};
use crate::document::{Activity, Protection, ProtectionVerdict, Severity};
use crate::model::host_name::HostName;

/// How many rows of the timeline and of the changes are on the page, so that it stays small.
const MOST_ROWS: usize = 250;

/// Everything about a host.
pub fn host(number: usize, name: Option<&HostName>, activity: &Activity) -> Markup {
    let id = |part: &str| format!("h{number}-{part}");
    let shown = name.map_or_else(String::new, |name| name.name.clone());
    let period = format!("{} to {} (the host's time)", short(&activity.from), short(&activity.to));
    let mut parts = vec![
        Markup::element("h2", &[("id", &id("host"))], shown),
        Markup::element("p", &[("class", "soft")], period),
        verdict(&activity.protection),
    ];
    parts.extend(hours(&id("hours"), &activity.hours, (&activity.from, &activity.to)));
    parts.push(jails(activity));
    parts.extend(storms(activity));
    parts.extend(networks(&id("networks"), &activity.networks));
    parts.extend(headroom(&id("headroom"), &activity.headroom));
    parts.push(review(activity));
    parts.push(timeline(activity));
    parts.push(changes(activity));
    parts.push(coverage(activity));
    Markup::element("section", &[("aria-labelledby", &id("host"))], parts)
}

fn verdict(protection: &Protection) -> Markup {
    let (word, class) = match protection.verdict {
        ProtectionVerdict::Protected => ("Protected", "good"),
        ProtectionVerdict::NotProtected => ("NOT protected", "bad"),
        ProtectionVerdict::Unknown => ("Whether it is protected is unknown", "look"),
    };
    let reasons: Vec<String> = protection.reasons.iter().map(ToString::to_string).collect();
    let banned = match &protection.customers_banned {
        None => "Whether somebody of the whitelist is banned is unknown.".to_owned(),
        Some(banned) if banned.is_empty() => "Nobody of the whitelist is banned.".to_owned(),
        Some(banned) => {
            let named = banned.iter().map(|ban| match &ban.customer {
                Some(customer) => format!("{customer} ({})", ban.ip),
                None => ban.ip.to_string(),
            });
            format!("Banned although whitelisted: {}.", named.collect::<Vec<_>>().join(", "))
        }
    };
    let rest = match reasons.is_empty() {
        true => format!(". {banned}"),
        false => format!(": {}. {banned}", reasons.join("; ")),
    };
    let class = format!("verdict {class}");
    Markup::element(
        "p",
        &[("class", &class)],
        vec![Markup::element("strong", &[], word), Markup::element("span", &[], rest)],
    )
}

fn jails(activity: &Activity) -> Markup {
    let rows = activity.jails.iter().map(|jail| {
        let known = |count: u64| activity.covered_from.is_some().then_some(count);
        let shown = |count: Option<u64>| count.map_or_else(|| cell("unknown"), number);
        let now = shown(jail.banned_now);
        let numbers = [jail.bans, jail.addresses, jail.failures, jail.ignored].map(|count| shown(known(count)));
        std::iter::once(cell(&jail.jail.to_string()))
            .chain(numbers)
            .chain([now])
            .collect()
    });
    let heading = [
        "Jail",
        "Bans",
        "Addresses",
        "Failures",
        "Ignored (whitelisted)",
        "Banned now",
    ];
    let caption = "What each jail did in this time";
    vec![
        Markup::element("h3", &[], "Jails"),
        table(caption, &heading, rows.collect()),
    ]
    .into()
}

fn storms(activity: &Activity) -> Option<Markup> {
    let rows = activity.storms.iter().map(|storm| {
        vec![
            cell(&short(&storm.from)),
            cell(&short(&storm.to)),
            cell(&storm.jail.to_string()),
            number(storm.bans),
            number(storm.networks),
        ]
    });
    let heading = ["From", "To", "Jail", "Bans", "Networks"];
    let caption = "Ten bans of a jail or more, with less than ten minutes between two of them";
    let shown = vec![
        Markup::element("h3", &[], "Storms"),
        table(caption, &heading, rows.collect()),
    ];
    (!activity.storms.is_empty()).then(|| shown.into())
}

fn review(activity: &Activity) -> Markup {
    let title = Markup::element("h3", &[], "Whitelist review");
    let shown = match &activity.review {
        None => Markup::element("p", &[], "It could not be made; the coverage says why."),
        Some(findings) if findings.is_empty() => Markup::element("p", &[("class", "good")], "Nothing to look at."),
        Some(findings) => {
            let rows = findings.iter().map(|finding| {
                let severity = match finding.severity {
                    Severity::Error => "error",
                    Severity::Warning => "warning",
                    Severity::Notice => "notice",
                };
                let customer = finding.customer.as_ref().map(ToString::to_string).unwrap_or_default();
                let texts = [
                    finding.subject.to_string(),
                    customer,
                    severity.to_owned(),
                    finding.message.to_string(),
                ];
                texts.iter().map(|text| cell(text)).collect()
            });
            let heading = ["Address or network", "Customer", "Severity", "What"];
            table("Who of the whitelisted needs a look", &heading, rows.collect())
        }
    };
    vec![title, shown].into()
}

/// How many rows of a list are left out, as a sentence.
fn left_out(all: usize) -> Markup {
    match all.saturating_sub(MOST_ROWS) {
        0 => Markup::default(),
        more => Markup::element(
            "p",
            &[("class", "soft")],
            format!("{more} older ones are not on this page; --markdown has all."),
        ),
    }
}

/// What stands where a list is empty: that there is nothing, or that this is not known.
fn nothing(is_known: bool, sentence: &str) -> Markup {
    match is_known {
        true => Markup::element("p", &[], sentence),
        false => Markup::element("p", &[("class", "look")], UNKNOWN),
    }
}

fn timeline(activity: &Activity) -> Markup {
    let title = Markup::element("h3", &[], "Timeline");
    let all = activity.timeline.len();
    if all == 0 {
        return vec![title, nothing(activity.is_known(), "Nothing is in the log.")].into();
    }
    let rows = activity.timeline.iter().skip(all.saturating_sub(MOST_ROWS)).map(|one| {
        let customer = one.customer.as_ref().map(ToString::to_string).unwrap_or_default();
        vec![cell(&short(&one.time)), cell(&one.message.to_string()), cell(&customer)]
    });
    let shown = table(
        "What happened, oldest first",
        &["Time", "What", "Customer"],
        rows.collect(),
    );
    let summary = Markup::element("summary", &[], format!("Timeline: {all} entries"));
    vec![
        title,
        Markup::element("details", &[], vec![summary, left_out(all), shown]),
    ]
    .into()
}

fn changes(activity: &Activity) -> Markup {
    let title = Markup::element("h3", &[], "Changes");
    let all = activity.changes.len();
    let gaps: Vec<Markup> = activity
        .audit_gaps()
        .map(|gap| Markup::element("p", &[("class", "look")], gap.to_string()))
        .collect();
    if all == 0 {
        let nothing = nothing(gaps.is_empty(), "Nothing was changed with f2bctl in this time.");
        return vec![title, nothing, gaps.into()].into();
    }
    let rows = activity
        .changes
        .iter()
        .skip(all.saturating_sub(MOST_ROWS))
        .map(|change| {
            let ticket = change.ticket.as_ref().map(ToString::to_string).unwrap_or_default();
            let texts = [
                short(change.time.raw()),
                change.operator.to_string(),
                change.command.to_string(),
            ];
            let rest = [change.outcome.to_string(), ticket, change.summary.to_string()];
            texts.iter().chain(&rest).map(|text| cell(text)).collect()
        });
    let heading = ["Time (UTC)", "Operator", "Command", "Outcome", "Ticket", "Summary"];
    let caption = "Changes and attempts by the audit log of the host, oldest first";
    vec![
        title,
        gaps.into(),
        left_out(all),
        table(caption, &heading, rows.collect()),
    ]
    .into()
}

fn coverage(activity: &Activity) -> Markup {
    let from = activity.covered_from.as_ref().map_or_else(
        || UNCOVERED.to_owned(),
        |from| format!("fail2ban's action log is whole from {} on.", short(from)),
    );
    let gaps = activity
        .gaps
        .iter()
        .map(|gap| Markup::element("p", &[], gap.to_string()));
    let redacted = activity
        .redacted
        .then(|| Markup::element("p", &[], "Names and addresses are replaced by numbers."));
    [Markup::element("h3", &[], "Coverage"), Markup::element("p", &[], from)]
        .into_iter()
        .chain(gaps)
        .chain(redacted)
        .collect()
}
