//! A verdict with its sentence and what to do about it.

use crate::document::{Advice, Verdict};

/// A verdict with its sentence and what to do.
pub struct Decision {
    /// The verdict.
    pub verdict: Verdict,
    /// The sentence.
    pub answer: String,
    /// What to do.
    pub next: Vec<Advice>,
}

impl Decision {
    /// A verdict of this sentence, with nothing to do.
    pub fn new(verdict: Verdict, answer: impl Into<String>) -> Self {
        Self {
            verdict,
            answer: answer.into(),
            next: Vec::new(),
        }
    }

    /// The same with a command to run.
    #[must_use]
    pub fn next(mut self, advice: impl Into<Advice>) -> Self {
        self.next.push(advice.into());
        self
    }
}
