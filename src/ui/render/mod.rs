//! The human view of each document: the same facts as in JSON, as sentences and tables.

mod change;
mod check;
mod checks;
mod difference;
mod forecast;
mod openmetrics;
mod proof;
mod records;
mod report;
mod review;
mod status;
mod temporary;
mod tuning;
mod watch;
mod whitelist;
mod why;

pub use change::plan;
pub use forecast::forecast as forecast_view;
pub use openmetrics::open_metrics;
pub use report::page as activity_page;
pub use watch::row;

use crate::document::{Answer, Document};
use crate::model::text::Text;

use super::page::Page;
use super::text::safe_text;

/// A document as text that nobody breaks into lines, as a pipe gets it.
pub fn human_view(document: &Document) -> String {
    view_on(document, &Page::ENDLESS)
}

/// A document as text on a page; empty if everything it has to say is its failure.
pub fn view_on(document: &Document, page: &Page) -> String {
    let drawn = match &document.answer {
        Answer::Change(change) => change::change(document.host.as_ref(), document.outcome, change, page),
        Answer::Tuned(tuned) => forecast::tuned(document.host.as_ref(), document.outcome, tuned, page),
        Answer::TuneReview(found) => forecast::review(found, page),
        Answer::WhitelistReview(found) => {
            review::review(found, document.host.as_ref().map(|host| host.name.as_str()), page)
        }
        Answer::Status(status) => status::status(document.host.as_ref(), status, page),
        Answer::Whitelist(whitelist) => whitelist::whitelist(&whitelist.whitelist, page),
        Answer::WhitelistCheck(check) => check::check(check, page),
        Answer::Temporary(temporary) => temporary::temporary(temporary, page),
        Answer::BackupList(list) => records::backups(&list.backups, page),
        Answer::BackupText(backup) => backup.text.to_string(),
        Answer::BackupDiff(diff) => diff.text.to_string(),
        Answer::Registrations(register) => register.text.to_string(),
        Answer::Completions(completions) => completions.text.to_string(),
        Answer::Findings(found) => records::findings(found, page),
        Answer::Explanation(text) => checks::explanation(text, page),
        Answer::Why(answer) => why::why(answer, document.host.as_ref().map(|host| host.name.as_str()), page),
        Answer::Regex(tried) => tuning::regex(&tried.regex, page),
        Answer::Recidive(status) => tuning::recidive(&status.recidive, page),
        Answer::Activity(found) => report::view(document.host.as_ref(), found),
        Answer::History(history) => records::history(history, page),
        Answer::Audit(verdict) => records::verdict(verdict, page),
        Answer::Hosts(hosts) => records::hosts(&hosts.hosts, page),
        Answer::Lab(report) => page.prose(&safe_text(&report.text), 2),
        Answer::WatchEnded(_) | Answer::UnderWay(_) | Answer::Nothing {} => String::new(),
    };
    drawn.trim_end().to_owned()
}

/// Whether the view of a document is lines of a host's file as they are, which among those of other hosts need a
/// margin.
pub fn is_file(document: &Document) -> bool {
    match &document.answer {
        Answer::BackupText(_) | Answer::BackupDiff(_) | Answer::Registrations(_) => true,
        Answer::History(history) => history.markdown.is_some(),
        Answer::Activity(_) => true,
        _ => false,
    }
}

/// An optional text, or what is in its place.
fn or(text: Option<&Text>, absent: &str) -> String {
    text.map_or_else(|| absent.to_owned(), ToString::to_string)
}
