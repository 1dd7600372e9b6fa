//! The page's charts: SVG that is made here, each with a title, a description, and its numbers in a table below it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::markup::Markup;
use super::tables::{cell, number, short, table};
use crate::document::{BusyNetwork, CustomerHeadroom, HourBans};
use crate::model::text::Text;

/// The inner size of a chart, and the room for its labels.
const WIDTH: i64 = 960;
const HEIGHT: i64 = 240;
const LEFT: i64 = 48;
const BELOW: i64 = 28;
/// How high a row of bars is.
const ROW: i64 = 26;
/// How wide the names beside bars are.
const NAMES: i64 = 260;
/// How many kinds of bars have a colour of their own.
const COLOURS: usize = 6;
/// How many letters of a name fit beside its bar.
const LETTERS: usize = 34;
/// From how many hours on bars are days, so that the page stays small.
const MOST_HOURS: i64 = 400;
const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// A chart below its heading, with its table.
fn chart(
    id: &str,
    (title, description): (&str, &str),
    size: (i64, i64),
    drawn: Vec<Markup>,
    numbers: Markup,
) -> Markup {
    let (title_id, description_id) = (format!("{id}-t"), format!("{id}-d"));
    let named = [
        Markup::element("title", &[("id", &title_id)], title),
        Markup::element("desc", &[("id", &description_id)], description),
    ];
    let view = format!("0 0 {} {}", size.0, size.1);
    let labels = format!("{title_id} {description_id}");
    let svg = Markup::element(
        "svg",
        &[("role", "img"), ("viewBox", &view), ("aria-labelledby", &labels)],
        named.into_iter().chain(drawn).collect::<Markup>(),
    );
    let shown = format!("Chart: {title}");
    [
        Markup::element("h3", &[], title),
        Markup::element("p", &[("class", "soft")], description),
        Markup::element(
            "div",
            &[
                ("class", "scroll"),
                ("tabindex", "0"),
                ("role", "region"),
                ("aria-label", &shown),
            ],
            svg,
        ),
        Markup::element(
            "details",
            &[],
            vec![Markup::element("summary", &[], format!("Numbers: {title}")), numbers],
        ),
    ]
    .into_iter()
    .collect()
}

fn label(x: i64, y: i64, anchor: &str, text: &str) -> Markup {
    let (x, y) = (x.to_string(), y.to_string());
    Markup::element("text", &[("x", &x), ("y", &y), ("text-anchor", anchor)], text)
}

fn rule(from: (i64, i64), to: (i64, i64), class: &str) -> Markup {
    let [x1, y1, x2, y2] = [from.0, from.1, to.0, to.1].map(|number| number.to_string());
    Markup::element(
        "line",
        &[("x1", &x1), ("y1", &y1), ("x2", &x2), ("y2", &y2), ("class", class)],
        "",
    )
}

/// Bars of one colour as one path, which takes a fifth of the room of as many elements.
fn bars(bars: &[(i64, i64, i64, i64)], colour: usize) -> Markup {
    let mut path = String::new();
    for (x, y, width, height) in bars {
        // A string takes whatever is written to it.
        let _ = write!(path, "M{x} {y}h{width}v{height}h-{width}z");
    }
    let class = format!("c{}", colour % COLOURS);
    Markup::element("path", &[("class", &class), ("d", &path)], "")
}

fn seconds(moment: &str) -> Option<i64> {
    Some(chrono::DateTime::parse_from_rfc3339(moment).ok()?.timestamp())
}

/// Bans by hour, one colour a jail.
pub fn hours(id: &str, hours: &[HourBans], (from, to): (&str, &str)) -> Option<Markup> {
    let (from, to) = (seconds(from)?, seconds(to)?);
    if hours.is_empty() {
        return None;
    }
    let span = if (to - from) / HOUR > MOST_HOURS { DAY } else { HOUR };
    let unit = if span == DAY { "day" } else { "hour" };
    let mut jails: Vec<&Text> = hours.iter().map(|hour| &hour.jail).collect();
    jails.sort();
    jails.dedup();
    let mut columns: BTreeMap<i64, (String, BTreeMap<&Text, u64>)> = BTreeMap::new();
    for hour in hours {
        let Some(moment) = seconds(&hour.hour) else { continue };
        let column = columns
            .entry((moment - from).div_euclid(span))
            .or_insert_with(|| (short(&hour.hour), BTreeMap::new()));
        *column.1.entry(&hour.jail).or_default() += hour.bans;
    }
    let most = columns
        .values()
        .map(|(_, bans)| bans.values().sum::<u64>())
        .max()
        .unwrap_or(1)
        .max(1);
    let count = ((to - from).div_euclid(span) + 1).max(1);
    let place = |column: i64| LEFT + (column.clamp(0, count) * (WIDTH - LEFT)) / count;
    let height = |bans: u64| i64::try_from(bans).unwrap_or_default() * (HEIGHT - 20) / i64::try_from(most).unwrap_or(1);
    let mut drawn: Vec<Markup> = [0, most / 2, most]
        .into_iter()
        .flat_map(|bans| {
            let y = HEIGHT - height(bans);
            [
                rule((LEFT, y), (WIDTH, y), ""),
                label(LEFT - 6, y + 4, "end", &bans.to_string()),
            ]
        })
        .collect();
    let mut top: BTreeMap<i64, i64> = BTreeMap::new();
    for (colour, jail) in jails.iter().enumerate() {
        let mut of_jail = Vec::new();
        for (column, (_, bans)) in &columns {
            let high = bans.get(jail).map_or(0, |bans| height(*bans).max(1));
            if high > 0 {
                let y = top.entry(*column).or_insert(HEIGHT);
                *y -= high;
                of_jail.push((
                    place(*column),
                    *y,
                    (place(column + 1) - place(*column) - 1).max(1),
                    high,
                ));
            }
        }
        drawn.push(bars(&of_jail, colour));
        let x = LEFT + 8 + i64::try_from(colour).unwrap_or_default() * 150;
        drawn.push(bars(&[(x, HEIGHT + BELOW, 12, 12)], colour));
        drawn.push(label(
            x + 18,
            HEIGHT + BELOW + 11,
            "start",
            &shortened(&jail.to_string(), 18),
        ));
    }
    for day in 0..((to - from) / DAY).clamp(1, 60) {
        if day % ((to - from) / DAY / 7).max(1) == 0 {
            let day_shown = day_of(from + day * DAY, hours);
            drawn.push(label(place(day * DAY / span), HEIGHT + 16, "start", &day_shown));
        }
    }
    let heading: Vec<&str> = std::iter::once(unit)
        .chain(jails.iter().map(|jail| jail.raw()))
        .collect();
    let rows = columns.values().map(|(moment, bans)| {
        let numbers = jails
            .iter()
            .map(|jail| number(bans.get(jail).copied().unwrap_or_default()));
        std::iter::once(cell(moment)).chain(numbers).collect()
    });
    let title = format!("Bans by {unit}");
    let description = format!(
        "Bars for each {unit} with a ban, one colour a jail; the highest has {most}. Hours are those of the host's zone."
    );
    let numbers = table(&title, &heading, rows.collect());
    Some(chart(
        id,
        (&title, &description),
        (WIDTH, HEIGHT + BELOW + 20),
        drawn,
        numbers,
    ))
}

/// The day of a moment by the zone of the hours.
fn day_of(moment: i64, hours: &[HourBans]) -> String {
    let zone = hours
        .first()
        .and_then(|hour| chrono::DateTime::parse_from_rfc3339(&hour.hour).ok());
    let local = zone.and_then(|zone| Some(chrono::DateTime::from_timestamp(moment, 0)?.with_timezone(zone.offset())));
    local.map_or_else(String::new, |local| local.format("%m-%d").to_string())
}

fn shortened(name: &str, letters: usize) -> String {
    match name.chars().count() > letters {
        true => name.chars().take(letters - 3).chain("...".chars()).collect(),
        false => name.to_owned(),
    }
}

/// A row of a chart of bars: its name, its length in thousandths of the longest, what is beside it.
type Bar = (String, i64, String);

fn rows_of_bars(rows: &[Bar], colour: usize) -> Vec<Markup> {
    let wide = WIDTH - NAMES - 90;
    let mut drawn = Vec::new();
    let mut drawn_bars = Vec::new();
    for (place, (name, length, beside)) in (0_i64..).zip(rows) {
        let y = place * ROW + 4;
        let width = (length.clamp(&0, &1000) * wide / 1000).max(1);
        drawn_bars.push((NAMES, y, width, ROW - 8));
        drawn.push(label(NAMES - 8, y + 13, "end", &shortened(name, LETTERS)));
        drawn.push(label(NAMES + width + 6, y + 13, "start", beside));
    }
    drawn.insert(0, bars(&drawn_bars, colour));
    drawn
}

fn high(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or_default() * ROW + 8
}

/// The networks with most bans.
pub fn networks(id: &str, networks: &[BusyNetwork]) -> Option<Markup> {
    let most = networks.iter().map(|row| row.bans).max()?.max(1);
    let bar = |row: &BusyNetwork| {
        let length = row.bans.saturating_mul(1000) / most;
        (
            row.network.to_string(),
            i64::try_from(length).unwrap_or_default(),
            row.bans.to_string(),
        )
    };
    let drawn = rows_of_bars(&networks.iter().map(bar).collect::<Vec<_>>(), 0);
    let rows = networks.iter().map(|row| {
        let customer = row.customer.as_ref().map(ToString::to_string).unwrap_or_default();
        vec![
            cell(&row.network.to_string()),
            number(row.bans),
            number(row.addresses),
            cell(&customer),
        ]
    });
    let title = "Networks with most bans";
    let numbers = table(title, &["Network", "Bans", "Addresses", "Customer"], rows.collect());
    let description = "Bans of the addresses of each network (/24, or /48 of IPv6), most first.";
    Some(chart(
        id,
        (title, description),
        (WIDTH, high(networks.len())),
        drawn,
        numbers,
    ))
}

/// How near each customer came to a ban.
pub fn headroom(id: &str, headroom: &[CustomerHeadroom]) -> Option<Markup> {
    if headroom.is_empty() {
        return None;
    }
    let share = |row: &CustomerHeadroom| row.count.saturating_mul(1000) / row.maxretry.max(1);
    let most = headroom.iter().map(share).max()?.max(1000);
    let bar = |row: &CustomerHeadroom| {
        (
            row.customer.to_string(),
            share(row) * 1000 / most,
            format!("{} of {}", row.count, row.maxretry),
        )
    };
    let mut drawn = rows_of_bars(&headroom.iter().map(bar).collect::<Vec<_>>(), 2);
    let x = NAMES + (WIDTH - NAMES - 90) * 1000 / most;
    drawn.push(rule((x, 0), (x, high(headroom.len())), "limit"));
    let rows = headroom.iter().map(|row| {
        let listed = if row.whitelisted { "yes" } else { "no" };
        let texts = [
            row.customer.to_string(),
            row.address.to_string(),
            row.jail.to_string(),
            short(&row.at),
        ];
        let count = cell(&format!("{} of {}", row.count, row.maxretry));
        texts
            .iter()
            .map(|text| cell(text))
            .chain([count, cell(listed)])
            .collect()
    });
    let title = "Customers' headroom";
    let heading = ["Customer", "Address", "Jail", "When", "Highest count", "Whitelisted"];
    let numbers = table(title, &heading, rows.collect());
    let description = "The highest count that an address of the customer came to, or would have without the whitelist; at the red \
                       line it is banned.";
    Some(chart(
        id,
        (title, description),
        (WIDTH, high(headroom.len())),
        drawn,
        numbers,
    ))
}
