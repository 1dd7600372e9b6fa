//! jail.local, read as fail2ban's Python reads it and edited without touching anything else.

mod added_key;
mod added_section;
mod diagnostic;
mod document;
mod edit;
mod entries;
mod lines;
mod python_text;
mod reader;
mod reading;
mod register;
mod repair;
mod settings;
mod suspects;
mod whitelist;

pub use diagnostic::{Diagnostic, MARGINS, Position, cited};
pub use document::{JailLocal, Setting};
pub use edit::{EditRefusal, Edited};
pub use entries::{Entry, EntryKind, IgnoreIp};
pub use reader::Reader;
pub use register::{Metadata, RegisterLine, Registration};
pub use repair::{Repair, Repaired};
pub use settings::is_true;
pub use suspects::is_known_key;
