//! Follows the action log of one host, over lost connections: no line is lost and none is shown twice.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::remote::agent::{LinkError, LogEvent, LogPlace, LogSince, Stream};
use crate::remote::ssh::Prompt;

use super::connection::Connection;
use super::event::{Event, Events};
use super::target::Target;
use crate::document::Failure;

/// The first pause before a host is logged in to again; it doubles with each try.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Watches a host for as long as somebody wants the events.
///
/// # Errors
/// The [`Failure`] of the first connection, or of a log that may not be read. A connection that is lost later is none.
pub async fn watch(
    target: &Target,
    prompt: Arc<dyn Prompt>,
    since: Option<LogSince>,
    events: &Events,
) -> Result<(), Failure> {
    let mut run = Run {
        since,
        place: None,
        began: Instant::now(),
        alive: false,
        lost: false,
        events,
    };
    let mut connection = Some(Connection::open(target, Arc::clone(&prompt)).await?);
    events.emit(&Event::LoggedIn);
    let mut pause = FIRST_PAUSE;
    loop {
        let cause = match connection.take() {
            Some(open) => run.follow(open).await?,
            None => match Connection::open(target, Arc::clone(&prompt)).await {
                Ok(open) => {
                    connection = Some(open);
                    continue;
                }
                Err(failure) => failure.message,
            },
        };
        if events.are_unwanted() {
            return Ok(());
        }
        if std::mem::take(&mut run.alive) {
            pause = FIRST_PAUSE;
        }
        run.lost = true;
        events.emit(&Event::ConnectionLost { cause: &cause, pause });
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

struct Run<'run> {
    since: Option<LogSince>,
    place: Option<LogPlace>,
    began: Instant,
    alive: bool,
    lost: bool,
    events: &'run Events,
}

impl Run<'_> {
    /// Follows over one connection until it ends; why it ended.
    async fn follow(&mut self, mut connection: Connection) -> Result<String, Failure> {
        let since = self.since();
        let place = self.place.clone();
        let ended = match connection.host.follow(since.as_ref(), place.as_ref()).await {
            Ok(following) => self.take_all(following).await,
            Err(error) => Err(error),
        };
        match ended {
            Ok(()) => {
                connection.close().await;
                Ok("the host's agent ended".to_owned())
            }
            Err(error @ LinkError::Lost(_)) if self.alive || self.lost => Ok(error.to_string()),
            Err(error) => Err(connection.explain(error).await),
        }
    }

    /// Takes what is followed until it ends, or until nobody wants any more.
    async fn take_all(&mut self, mut following: Stream<LogEvent>) -> Result<(), LinkError> {
        while let Some(event) = following.next().await? {
            if !self.take(&event) {
                break;
            }
        }
        Ok(())
    }

    /// From when on: the operator's wish at first, and later, if there was no log to have a place in, from the start of
    /// the watch.
    fn since(&self) -> Option<LogSince> {
        match (&self.place, self.lost) {
            (Some(_), _) => None,
            (None, true) if self.since.is_none() => Some(LogSince::Ago(self.began.elapsed().as_secs())),
            _ => self.since.clone(),
        }
    }

    /// Gives an event on; false when nobody wants any more.
    fn take(&mut self, event: &LogEvent) -> bool {
        self.alive = true;
        if std::mem::take(&mut self.lost) {
            self.events.emit(&Event::Reconnected);
        }
        if let LogEvent::Lines { place, .. } = event {
            self.place = place.clone().or_else(|| self.place.take());
        }
        self.events.emit(&Event::Log(event));
        !self.events.are_unwanted()
    }
}
