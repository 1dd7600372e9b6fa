//! `f2bctl watch`: the runbook's `tail -f /var/log/fail2ban.log`, read, filtered, and with the customers' names.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};
use clap::Args;
use serde_json::json;
use tokio::task::JoinSet;

use super::status::all_run;
use crate::cli::network::network;
use crate::cli::runner::{name_of, with_host};
use crate::cli::services::Services;
use crate::document::{Document, Event, Failure, WhitelistRow};
use crate::engine::{self, Consumer, Events};
use crate::model::comment_text::escaped;
use crate::model::fail2ban::Line;
use crate::model::host_name::HostName;
use crate::model::known::Known;
use crate::model::network::Network;
use crate::model::observed::{HostFile, Observed, Part};
use crate::model::spelling::nearest;
use crate::model::text::Text;
use crate::model::timespan::Timespan;
use crate::planning::reading::running_jails;
use crate::planning::whitelist::whitelist;
use crate::procedure::customer;
use crate::remote::agent::{LogEvent, LogSince};
use crate::settings::HostSettings;
use crate::ui::Output;
use crate::ui::text::{ended, safe_message};

/// Follow bans, unbans and failures as they happen, with the customer's name beside the address.
#[derive(Debug, Clone, Args)]
pub struct Arguments {
    /// Only this running jail (may be given several times).
    #[arg(long = "jail", value_name = "JAIL")]
    pub jails: Vec<String>,
    /// Only addresses of this customer.
    #[arg(long, value_name = "NAME")]
    pub customer: Option<String>,
    /// Only this address, or those of this network.
    #[arg(long, value_name = "ADDR|NETWORK", value_parser = network)]
    pub ip: Option<Network>,
    /// Start at a time in the past: `30m`, `2d`, `10:15`, `2026-11-22`, `2026-11-22 10:15` (the host's time) or RFC
    /// 3339.
    #[arg(long, value_name = "TIME|DURATION", value_parser = since)]
    pub since: Option<LogSince>,
}

/// A moment in the past, in one of the forms that the help names.
fn since(text: &str) -> Result<LogSince, String> {
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Ok(LogSince::Epoch(moment.timestamp()));
    }
    let local = text.replace('T', " ");
    for format in ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"] {
        if let Ok(moment) = NaiveDateTime::parse_from_str(&local, format) {
            return Ok(LogSince::Local(moment.format("%Y-%m-%d %H:%M:%S").to_string()));
        }
    }
    for format in ["%H:%M:%S", "%H:%M"] {
        if let Ok(time) = NaiveTime::parse_from_str(text, format) {
            return Ok(LogSince::Local(time.format("%H:%M:%S").to_string()));
        }
    }
    if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Ok(LogSince::Local(format!("{date} 00:00:00")));
    }
    match Timespan::parse(text) {
        Ok(span) => Ok(LogSince::Ago(span.seconds())),
        Err(_) => Err("neither a duration such as 30m or 2d, nor a time such as 10:15 or 2026-11-22 10:15".to_owned()),
    }
}

/// Runs the command. Every host is watched at once, until Ctrl-C, or until nobody reads any more.
pub async fn run(services: Arc<Services>, arguments: Arguments) -> Vec<Document> {
    let hosts = match services.hosts() {
        Ok(hosts) => hosts,
        Err(failure) => return vec![Document::failed("watch", None, &failure)],
    };
    let several = hosts.len() > 1;
    let mut running = JoinSet::new();
    for host in hosts {
        let (services, arguments) = (Arc::clone(&services), arguments.clone());
        running.spawn(async move { one(&services, &host, arguments, several).await });
    }
    let mut documents = Vec::new();
    while let Some(joined) = running.join_next().await {
        match joined {
            Ok(Some(document)) => documents.push(document),
            // Nobody reads stdout any more: the other hosts' lines would not be read either.
            Ok(None) => return documents,
            Err(_) => {}
        }
    }
    documents
}

/// One host: none when nobody reads any more, else why it is not watched.
async fn one(services: &Services, host: &HostSettings, arguments: Arguments, several: bool) -> Option<Document> {
    let name = name_of(host);
    let since = arguments.since.clone();
    let view = Arc::new(View {
        output: Arc::clone(&services.output),
        name: name.clone(),
        several,
        arguments,
        whitelist: Mutex::default(),
        closed: AtomicBool::new(false),
    });
    let named = &view.arguments.jails;
    let watched = match jails_run(services, host, named).await {
        Ok(()) => follow(services, host, since, Arc::clone(&view)).await,
        Err(failure) => Err(failure),
    };
    let failure: Failure = watched.err()?;
    if several {
        // The other hosts may be watched for hours before the documents are printed.
        view.say(&format!("Not watched: {failure}"));
    }
    Some(Document::failed("watch", Some(&name), &failure))
}

async fn follow(
    services: &Services,
    host: &HostSettings,
    since: Option<LogSince>,
    view: Arc<View>,
) -> Result<(), Failure> {
    let target = services.target(host)?;
    let events = Events::to([view as Arc<dyn Consumer>]);
    engine::watch(&target, services.prompt(), since, &events).await
}

/// A jail that does not run would be waited for without end. While fail2ban is down nobody can say which do.
async fn jails_run(services: &Services, host: &HostSettings, named: &[String]) -> Result<(), Failure> {
    if named.is_empty() {
        return Ok(());
    }
    let parts = [Part::Server];
    let observed = with_host(services, host, async |host| host.observe(&parts, &mut |_| {}).await).await?;
    running_jails(&observed).map_or(Ok(()), |running| all_run(named, running))
}

/// What becomes of one host's lines.
struct View {
    output: Arc<Output>,
    name: HostName,
    several: bool,
    arguments: Arguments,
    whitelist: Mutex<Vec<WhitelistRow>>,
    /// Whether nobody reads stdout any more.
    closed: AtomicBool,
}

impl Consumer for View {
    fn take(&self, event: &engine::Event<'_>) {
        match event {
            engine::Event::Log(LogEvent::Lines { lines, times, .. }) => {
                let times = times.iter().copied().chain(std::iter::repeat(None));
                if !lines.iter().zip(times).all(|(line, time)| self.line(line, time)) {
                    self.closed.store(true, Ordering::SeqCst);
                }
            }
            engine::Event::Log(LogEvent::Customers { customers }) => self.customers(customers.clone()),
            engine::Event::Log(LogEvent::Notice { notice, text }) if notice == "rotated" => {
                self.output.say_more(&self.of_the_host(text));
            }
            engine::Event::Log(LogEvent::Notice { text, .. }) => self.output.say(&self.of_the_host(text)),
            engine::Event::ConnectionLost { cause, pause } => {
                let seconds = pause.as_secs();
                self.say(&format!(
                    "The connection was lost ({cause}); logging in again in {seconds} s"
                ));
            }
            engine::Event::Reconnected => self.say("Connected again; continuing where it stopped"),
            _ => {}
        }
    }

    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }
}

impl View {
    fn whitelist(&self) -> MutexGuard<'_, Vec<WhitelistRow>> {
        self.whitelist.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Prints a line, if it is asked for; false when nobody reads any more.
    fn line(&self, text: &str, time: Option<i64>) -> bool {
        let line = Line::parse(text);
        let customer = line.ip.and_then(|ip| customer(&ip, &self.whitelist()));
        if !self.is_asked_for(&line, customer.as_ref().map(Text::raw)) {
            return true;
        }
        let event = Event::of(&self.name, &line, time, customer);
        self.output.event(&event, self.several)
    }

    fn is_asked_for(&self, line: &Line, customer: Option<&str>) -> bool {
        let Arguments {
            jails,
            customer: wanted,
            ip,
            ..
        } = &self.arguments;
        let jail = jails.is_empty() || line.jail.as_ref().is_some_and(|jail| jails.contains(jail));
        let whose = wanted
            .as_ref()
            .is_none_or(|wanted| customer.is_some_and(|name| name.eq_ignore_ascii_case(wanted)));
        let whom = ip.is_none_or(|network| line.ip.is_some_and(|address| network.covers(&address)));
        jail && whose && whom
    }

    /// Takes over the register of customers; without one that can be read, the earlier names stay.
    fn customers(&self, file: HostFile) {
        let observed = Observed {
            jail_local: Known::of(file),
            ..Observed::default()
        };
        match whitelist(&observed) {
            Ok(rows) => {
                *self.whitelist() = rows;
                self.warn_of_customer();
            }
            Err(refusal) => self.say(&format!("Customer names are not available: {refusal}")),
        }
    }

    /// A name that nobody has would never show a line.
    fn warn_of_customer(&self) {
        let Some(wanted) = &self.arguments.customer else {
            return;
        };
        let named = |row: &WhitelistRow| {
            row.customer
                .as_ref()
                .is_some_and(|name| name.raw().eq_ignore_ascii_case(wanted))
        };
        let whitelist = self.whitelist();
        if !whitelist.iter().any(named) {
            let known = whitelist.iter().filter_map(|row| row.customer.as_ref()).map(Text::raw);
            let meant =
                nearest(wanted, known).map_or_else(String::new, |name| format!("; did you mean {}?", json!(name)));
            self.say(&format!(
                "No entry of the whitelist is registered for {}{meant}",
                json!(wanted)
            ));
        }
    }

    fn say(&self, text: &str) {
        self.output.say(&self.labelled(text));
    }

    /// A sentence of the host's agent, after the host's name.
    fn of_the_host(&self, text: &str) -> String {
        format!("{}: {}", escaped(&self.name.name), ended(&safe_message(text)))
    }

    fn labelled(&self, text: &str) -> String {
        let line = ended(&safe_message(text));
        match self.several {
            true => format!("{}: {line}", escaped(&self.name.name)),
            false => line,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_in_the_past_are_read_in_every_form_of_the_help() {
        let local = |text: &str| Ok(LogSince::Local(text.to_owned()));
        assert_eq!(since("30m"), Ok(LogSince::Ago(1800)));
        assert_eq!(since("10:15"), local("10:15:00"));
        assert_eq!(since("2026-11-22"), local("2026-11-22 00:00:00"));
        assert_eq!(since("2026-11-22 10:15"), local("2026-11-22 10:15:00"));
        assert_eq!(since("2026-11-22T10:15:07"), local("2026-11-22 10:15:07"));
        assert_eq!(since("2026-11-22T10:15:00+05:30"), Ok(LogSince::Epoch(1_795_322_700)));
        for text in ["yesterday", "", "25:00", "2026-13-01", "-5m"] {
            assert!(since(text).is_err(), "{text}");
        }
    }
}
