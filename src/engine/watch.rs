//! Follows the action log of one host, over lost connections: no line is lost and none is shown twice. Where somebody wants
//! it, the host is looked at meanwhile: at the start, after what may have changed its jails, and every so often.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::model::fail2ban;
use crate::model::observed::{Observed, Part};
use crate::remote::agent::{LinkError, LogEvent, LogPlace, LogSince, Stream};
use crate::remote::host::Host;
use crate::remote::ssh::Prompt;

use super::connection::Connection;
use super::event::{Event, Events};
use super::target::Target;
use crate::document::Failure;

/// The first pause before a host is logged in to again; it doubles with each try.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How long after a reload its jails are looked at, and how long after an edit of jail.local, which may still be followed by
/// its own reload.
const AFTER_RELOAD: Duration = Duration::from_secs(1);
const AFTER_EDIT: Duration = Duration::from_secs(10);

/// Whether and when the host is looked at while its log is followed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Looks {
    /// What is looked at; nothing where this is empty.
    pub parts: &'static [Part],
    /// How often, besides the start and what calls for it.
    pub every: Option<Duration>,
    /// How many seconds of the past are followed first, by what was seen at the start; only where no beginning is asked for.
    pub reach: Option<fn(&Observed) -> u64>,
}

/// Watches a host for as long as somebody wants the events.
///
/// # Errors
/// The [`Failure`] of the first connection, or of a log that may not be read. A connection that is lost later is none.
pub async fn watch(
    target: &Target,
    prompt: Arc<dyn Prompt>,
    since: Option<LogSince>,
    looks: Looks,
    events: &Events,
) -> Result<(), Failure> {
    let mut run = Run {
        since,
        looks,
        due: None,
        has_register: false,
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
    looks: Looks,
    /// When the host is looked at next.
    due: Option<tokio::time::Instant>,
    /// Whether jail.local has come, so that it comes again only when it is edited.
    has_register: bool,
    place: Option<LogPlace>,
    began: Instant,
    alive: bool,
    lost: bool,
    events: &'run Events,
}

impl Run<'_> {
    /// Follows over one connection until it ends; why it ended.
    async fn follow(&mut self, mut connection: Connection) -> Result<String, Failure> {
        match self.follow_over(&mut connection.host).await {
            Ok(()) => {
                connection.close().await;
                Ok("the host's agent ended".to_owned())
            }
            Err(error @ LinkError::Lost(_)) if self.alive || self.lost => Ok(error.to_string()),
            Err(error) => Err(connection.explain(error).await),
        }
    }

    async fn follow_over(&mut self, host: &mut Host) -> Result<(), LinkError> {
        if !self.looks.parts.is_empty() {
            let observed = host.observe(self.looks.parts, &mut |_| ()).await?;
            self.look_in(self.looks.every);
            if let (Some(reach), None, None) = (self.looks.reach, &self.since, &self.place) {
                self.since = Some(LogSince::Ago(reach(&observed)));
            }
            self.events.emit(&Event::Observed(&observed));
        }
        let (since, place) = (self.since(), self.place.clone());
        let following = host.follow(since.as_ref(), place.as_ref()).await?;
        self.take_all(host, following).await
    }

    /// Takes what is followed until it ends, or until nobody wants any more.
    async fn take_all(&mut self, host: &mut Host, mut following: Stream<LogEvent>) -> Result<(), LinkError> {
        loop {
            let due = self.due;
            let look = async {
                match due {
                    Some(due) => tokio::time::sleep_until(due).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                event = following.next() => match event? {
                    Some(event) if self.take(&event) => {}
                    _ => return Ok(()),
                },
                () = look => self.look(host).await?,
            }
        }
    }

    async fn look(&mut self, host: &mut Host) -> Result<(), LinkError> {
        self.due = None;
        match host.observe(self.looks.parts, &mut |_| ()).await {
            Ok(observed) => self.events.emit(&Event::Observed(&observed)),
            Err(LinkError::Agent(failure)) => self.events.emit(&Event::NotObserved(&failure.message)),
            Err(error) => return Err(error),
        }
        self.look_in(self.looks.every);
        Ok(())
    }

    /// Looks after this time, or sooner if that is due already.
    fn look_in(&mut self, pause: Option<Duration>) {
        let Some(pause) = pause.filter(|_| !self.looks.parts.is_empty()) else {
            return;
        };
        let due = tokio::time::Instant::now() + pause;
        self.due = Some(self.due.map_or(due, |sooner| sooner.min(due)));
    }

    /// How soon an event calls for a look: the jails may be others now, or the whitelist.
    fn called_for(&mut self, event: &LogEvent) -> Option<Duration> {
        use fail2ban::Event::{JailStarted, JailStopped, Reload, ServerStarted, ServerStopped};
        match event {
            LogEvent::Lines { lines, .. } => {
                let is_of_jails = |line: &String| {
                    let kinds = [JailStarted, JailStopped, Reload, ServerStarted, ServerStopped];
                    kinds.contains(&fail2ban::Line::parse(line).event)
                };
                lines.iter().any(is_of_jails).then_some(AFTER_RELOAD)
            }
            LogEvent::Customers { .. } => std::mem::replace(&mut self.has_register, true).then_some(AFTER_EDIT),
            LogEvent::Notice { .. } => None,
        }
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
        if !self.looks.parts.is_empty() {
            let pause = self.called_for(event);
            self.look_in(pause);
        }
        self.events.emit(&Event::Log(event));
        !self.events.are_unwanted()
    }
}
