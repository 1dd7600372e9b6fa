//! The page: one file without scripts, pictures or anything from elsewhere, about one host or several.

use super::markup::Markup;
use super::sections::host;
use super::style::SHEET;
use crate::document::{Answer, Document};

/// Nothing is loaded and nothing runs, whatever the page holds.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// The page about these hosts; the same documents give the same bytes.
pub fn page(documents: &[Document]) -> String {
    let sections = documents
        .iter()
        .enumerate()
        .map(|(number, document)| match &document.answer {
            Answer::Activity(activity) => host(number, document.host.as_ref(), activity),
            _ => unreached(number, document),
        });
    let title = match documents {
        [only] => format!("PBX protection: {}", name(only)),
        _ => format!("PBX protection: {} hosts", documents.len()),
    };
    let head = vec![
        Markup::element("meta", &[("charset", "utf-8")], ""),
        Markup::element(
            "meta",
            &[("http-equiv", "Content-Security-Policy"), ("content", POLICY)],
            "",
        ),
        Markup::element(
            "meta",
            &[("name", "viewport"), ("content", "width=device-width, initial-scale=1")],
            "",
        ),
        Markup::element("meta", &[("name", "color-scheme"), ("content", "light dark")], ""),
        Markup::element("title", &[], title.clone()),
        Markup::style(SHEET),
    ];
    let lead = "Made from fail2ban's action log, the register of customers and the audit log of each host. What is not known is \
                said, and is not zero.";
    let main: Markup = [
        Markup::element("h1", &[], title),
        Markup::element("p", &[("class", "soft")], lead),
    ]
    .into_iter()
    .chain(sections)
    .collect();
    let body = Markup::element("body", &[], Markup::element("main", &[], main));
    Markup::element(
        "html",
        &[("lang", "en")],
        vec![Markup::element("head", &[], head), body],
    )
    .into_page()
}

fn name(document: &Document) -> String {
    document
        .host
        .as_ref()
        .map_or_else(String::new, |host| host.name.clone())
}

/// A host of which nothing could be read.
fn unreached(number: usize, document: &Document) -> Markup {
    let id = format!("h{number}-host");
    let why = document
        .error
        .as_ref()
        .map_or_else(String::new, |error| error.message.clone());
    let parts = vec![
        Markup::element("h2", &[("id", &id)], name(document)),
        Markup::element("p", &[("class", "verdict bad")], format!("There is no report: {why}.")),
    ];
    Markup::element("section", &[("aria-labelledby", &id)], parts)
}
