//! PURE: what logs say happened. Lines of Asterisk become attempts, attempts become episodes, and what a jail found is
//! counted as fail2ban counts it.
//!
//! Boundary: it is given lines with their times and knows no host, no file and no clock. What a jail matches is
//! fail2ban's to say; here its findings are only counted.

mod acts;
mod attempts;
mod count;
mod date;
mod episodes;
mod log_line;
mod replay;
mod running_count;
mod traffic;

pub use acts::{Act, Happened, JailPast, past};
pub use attempts::{Attempt, DatedLine, Outcome, attempts};
pub use count::{Counted, Event, Forgetting, Peak, Tickets, count};
pub use date::dated;
pub use episodes::{Episode, episodes};
pub use log_line::{Driver, LineKind, LogLine, is_coloured, log_line};
pub use replay::{Alone, Course, Setting, Unlisted, is_attempt, replay};
pub use running_count::{Nearness, RunningCount};
pub use traffic::{AccountRow, accounts};
