//! The date at the start of a line, for logs that are read without their host: by the clock that the line shows.
//!
//! Boundary: zones are not known here, so a time without one is taken as if it were UTC. On a host, its agent dates lines.

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveDateTime};

/// The time of a line in one of the usual forms, seconds of the clock that it shows; `today` decides the year of a date
/// without one.
pub fn dated(line: &str, today: NaiveDate) -> Option<i64> {
    let text = line.trim_start_matches(|letter: char| !letter.is_ascii_alphanumeric());
    iso(text).or_else(|| without_year(text, today))
}

/// `2026-11-22 06:54:01`, or `2026-11-22T06:54:01.933+0000`.
fn iso(text: &str) -> Option<i64> {
    let stamp = text.get(..19)?;
    if stamp.as_bytes().get(10) == Some(&b'T') {
        let whole = text.split([' ', ']']).next()?;
        let zoned = ["%Y-%m-%dT%H:%M:%S%.f%z", "%Y-%m-%dT%H:%M:%S%z"]
            .iter()
            .find_map(|form| DateTime::parse_from_str(whole, form).ok());
        if let Some(moment) = zoned {
            return Some(moment.timestamp());
        }
    }
    let plain = stamp.replacen('T', " ", 1);
    let moment = NaiveDateTime::parse_from_str(&plain, "%Y-%m-%d %H:%M:%S").ok()?;
    Some(moment.and_utc().timestamp())
}

/// `Nov 22 06:54:01` of the last year in which that is not after today.
fn without_year(text: &str, today: NaiveDate) -> Option<i64> {
    let stamp = text.get(..15)?;
    let of = |year: i32| NaiveDateTime::parse_from_str(&format!("{year} {stamp}"), "%Y %b %e %H:%M:%S").ok();
    let this_year = of(today.year()).filter(|moment| moment.date() <= today.succ_opt().unwrap_or(today));
    let moment = this_year.or_else(|| of(today.year() - 1))?;
    Some(moment.and_utc().timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_forms_and_no_others() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 27).expect("a day");
        let of = |line: &str| dated(line, today);
        let moment = Some(1_795_800_000);
        assert_eq!(of("[2026-11-27 17:20:00] NOTICE[1] x"), moment);
        assert_eq!(of("2026-11-27T18:20:00.250+0100 x"), moment);
        assert_eq!(of("[Nov 27 17:20:00] NOTICE"), moment);
        assert_eq!(of("Nov 27 17:20:00 pbx asterisk[1]:"), moment);
        assert_eq!(of("Nov 29 17:20:00 pbx"), Some(1_795_800_000 - 363 * 86_400));
        for line in [
            "",
            "x",
            "2026-13-27 17:20:00",
            "Foo 27 17:20:00 x",
            "[20２6-11-27 17:20:00",
        ] {
            assert_eq!(of(line), None, "{line:?}");
        }
    }
}
