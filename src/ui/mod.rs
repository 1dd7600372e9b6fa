//! The only floor that prints, prompts or draws. The human view is drawn from the document that JSON has.

mod aim;
mod fold;
mod host_lines;
pub mod live;
mod output;
mod page;
mod prompts;
mod render;
mod terminal;
pub mod text;

pub use aim::Aim;
pub use host_lines::HostLines;
pub use output::{Named, Output, Style};
pub use page::Page;
pub use prompts::{ask_choice, ask_enter, ask_text, is_asking, is_recovery_chosen};
pub use render::{activity_page, forecast_view, human_view, open_metrics, view_on};
pub use terminal::Terminal;
