//! One line for each host of a run with several, drawn on a terminal while they are worked on.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::text::safe_message;

/// How often the spinner moves.
const TICK_MILLISECONDS: u64 = 120;
/// With more hosts than a terminal has lines for, each of them would scroll the others away.
const MOST_LINES: usize = 40;

/// The lines, by the host's name.
#[derive(Default)]
pub struct HostLines(Mutex<HashMap<String, ProgressBar>>);

impl HostLines {
    /// Draws a line for each of the hosts, all of which wait; one host alone, or too many of them, have none.
    pub fn begin<'names>(&self, progress: &MultiProgress, names: impl ExactSizeIterator<Item = &'names str>) {
        if !(2..=MOST_LINES).contains(&names.len()) {
            return;
        }
        let style = ProgressStyle::with_template("{spinner} {prefix}: {wide_msg}");
        let style = style.unwrap_or_else(|_| ProgressStyle::default_spinner());
        for name in names {
            let bar = progress.add(ProgressBar::new_spinner().with_style(style.clone()));
            bar.set_prefix(safe_message(name));
            bar.set_message("waiting for its turn");
            self.bars().insert(name.to_owned(), bar);
        }
    }

    /// Says what a host is at; false if it has no line.
    pub fn say(&self, name: &str, text: &str) -> bool {
        let Some(bar) = self.bars().get(name).cloned() else {
            return false;
        };
        bar.enable_steady_tick(Duration::from_millis(TICK_MILLISECONDS));
        bar.set_message(safe_message(text));
        true
    }

    /// Says how a host ended.
    pub fn end(&self, name: &str, outcome: &str) {
        if let Some(bar) = self.bars().get(name).cloned() {
            bar.finish_with_message(outcome.replace('_', " "));
        }
    }

    /// Takes the lines away, before the result is printed.
    pub fn clear(&self) {
        for (_, bar) in self.bars().drain() {
            bar.finish_and_clear();
        }
    }

    fn bars(&self) -> MutexGuard<'_, HashMap<String, ProgressBar>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
