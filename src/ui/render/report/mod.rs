//! What happened on hosts: as Markdown for a ticket, and as one page for a browser.

mod charts;
mod markdown;
mod markup;
mod page;
mod sections;
mod style;
mod tables;
mod words;

pub use markdown::view;
pub use page::page;
