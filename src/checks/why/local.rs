//! The answer from files alone, without a host: what the lines say. Who is whitelisted, counted or banned nobody was asked.

use chrono::NaiveDate;

use super::answer::{Subject, why};
use super::evidence::Evidence;
use crate::document::Why;
use crate::history::dated;
use crate::model::clock::Clock;
use crate::model::looked_back::{CutLine, CutLog, LookedBack};
use crate::model::observed::Observed;

/// The answer that the lines of some files give. `today` decides the year of dates without one; times are shown as the
/// lines have them.
pub fn local(files: &[(String, String)], subject: &Subject, now: i64, today: NaiveDate) -> Why {
    let logs: Vec<CutLog> = files.iter().map(|(path, text)| read(path, text, today)).collect();
    let past = LookedBack {
        logs,
        ..LookedBack::default()
    };
    let observed = Observed {
        clock: Clock {
            now: now as f64,
            ..Clock::default()
        },
        ..Observed::default()
    };
    let evidence = Evidence::new(&observed, &past, None, "", None);
    let mut found = why(&evidence, subject);
    found.phases.clear();
    found.sources.pop();
    found
}

fn read(path: &str, text: &str, today: NaiveDate) -> CutLog {
    let lines: Vec<CutLine> = (1..)
        .zip(text.lines())
        .map(|(number, line)| CutLine {
            file: 0,
            line: number,
            time: dated(line, today),
            text: line.to_owned(),
        })
        .collect();
    CutLog {
        path: path.to_owned(),
        exists: true,
        files: vec![path.to_owned()],
        matched: lines.len() as u64,
        horizon: lines.iter().find_map(|line| line.time),
        lines,
        truncated: false,
        faults: Vec::new(),
    }
}
