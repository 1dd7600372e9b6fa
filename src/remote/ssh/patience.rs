//! A time limit for the other side that does not run while a person (or a security key) is being waited for.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// How long to wait for a host; clones share the pauses.
#[derive(Debug, Clone)]
pub(super) struct Patience {
    limit: Duration,
    pauses: Arc<Pauses>,
}

#[derive(Debug, Default)]
struct Pauses {
    open: AtomicUsize,
    ended: AtomicUsize,
}

/// While this lives, time does not count.
pub(super) struct Pause(Arc<Pauses>);

/// The other side took too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooLong;

impl Patience {
    /// Waits at most `limit` for each step.
    pub(super) fn new(limit: Duration) -> Self {
        Self {
            limit,
            pauses: Arc::default(),
        }
    }

    /// The limit of a step.
    pub(super) fn limit(&self) -> Duration {
        self.limit
    }

    /// The same pauses with a limit that is at least `least`.
    pub(super) fn at_least(&self, least: Duration) -> Self {
        Self {
            limit: self.limit.max(least),
            pauses: Arc::clone(&self.pauses),
        }
    }

    /// Stops the clock until the value is dropped; afterwards the limit begins again.
    pub(super) fn pause(&self) -> Pause {
        self.pauses.open.fetch_add(1, Ordering::SeqCst);
        Pause(Arc::clone(&self.pauses))
    }

    /// Waits for `step`, but no longer than the limit.
    pub(super) async fn wait_for<F: Future>(&self, step: F) -> Result<F::Output, TooLong> {
        tokio::pin!(step);
        loop {
            let ended_before = self.pauses.ended.load(Ordering::SeqCst);
            if let Ok(output) = tokio::time::timeout(self.limit, &mut step).await {
                return Ok(output);
            }
            let paused = self.pauses.open.load(Ordering::SeqCst) > 0;
            if !paused && self.pauses.ended.load(Ordering::SeqCst) == ended_before {
                return Err(TooLong);
            }
        }
    }
}

impl Drop for Pause {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::SeqCst);
        self.0.open.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_silent_host_runs_out_of_time() {
        let patience = Patience::new(Duration::from_millis(20));
        assert_eq!(patience.wait_for(std::future::pending::<()>()).await, Err(TooLong));
    }

    #[tokio::test]
    async fn a_person_may_think_longer_than_the_limit() {
        let patience = Patience::new(Duration::from_millis(20));
        let step = async {
            let pause = patience.pause();
            tokio::time::sleep(Duration::from_millis(90)).await;
            drop(pause);
            7
        };
        assert_eq!(patience.wait_for(step).await, Ok(7));
    }

    #[tokio::test]
    async fn the_clock_runs_again_after_the_answer() {
        let patience = Patience::new(Duration::from_millis(20));
        let step = async {
            drop(patience.pause());
            std::future::pending::<()>().await;
        };
        assert_eq!(patience.wait_for(step).await, Err(TooLong));
    }
}
