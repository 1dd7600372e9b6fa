//! The status of hosts as OpenMetrics text, for the textfile collector of a monitoring system.
//!
//! Boundary: what is not known has no sample, so that no alarm takes it for 0. Nobody is named unless that is asked for.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet, text};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::{Registry, Unit};

use crate::document::{Answer, Document, Jail, Protection, ProtectionVerdict, Status};

/// The labels of a sample, in order.
type Labels = Vec<(&'static str, String)>;

/// A metric with its samples.
#[derive(Debug)]
struct Metric {
    name: &'static str,
    help: &'static str,
    unit: Option<Unit>,
    kind: MetricType,
    samples: Vec<(Labels, f64)>,
}

/// The metrics of a run, each once, however many hosts there are.
#[derive(Debug)]
struct Metrics(Vec<Metric>);

impl Collector for Metrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        for metric in self.0.iter().filter(|metric| !metric.samples.is_empty()) {
            let unit = metric.unit.as_ref();
            let mut family = encoder.encode_descriptor(metric.name, metric.help, unit, metric.kind)?;
            for (labels, value) in &metric.samples {
                let mut sample = family.encode_family(labels)?;
                match metric.kind {
                    MetricType::Counter => sample.encode_counter::<NoLabelSet, _, u64>(value, None)?,
                    _ => sample.encode_gauge(value)?,
                }
            }
        }
        Ok(())
    }
}

/// The exposition of what was answered; `named` adds a sample for each banned customer with the name and the address.
pub fn open_metrics(documents: &[Document], named: bool) -> String {
    let mut metrics = of_hosts(documents);
    let known: Vec<(String, &Status)> = documents.iter().filter_map(known).collect();
    metrics.extend(of_protection(&known));
    metrics.extend(of_jails(&known));
    if named {
        metrics.push(customers(&known));
    }
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Metrics(metrics)));
    let mut exposition = String::new();
    match text::encode(&mut exposition, &registry) {
        Ok(()) => exposition,
        // A string takes whatever is written to it.
        Err(fmt::Error) => String::new(),
    }
}

fn name_of(document: &Document) -> String {
    document
        .host
        .as_ref()
        .map_or_else(String::new, |host| host.name.clone())
}

/// A host's status; also where the report failed, as of a host whose fail2ban is down.
fn known(document: &Document) -> Option<(String, &Status)> {
    match &document.answer {
        Answer::Status(status) => Some((name_of(document), status.as_ref())),
        _ => None,
    }
}

fn gauge(name: &'static str, help: &'static str, samples: Vec<(Labels, f64)>) -> Metric {
    Metric {
        name,
        help,
        unit: None,
        kind: MetricType::Gauge,
        samples,
    }
}

fn of_hosts(documents: &[Document]) -> Vec<Metric> {
    let answered = |document: &Document| {
        let is_known = matches!(document.answer, Answer::Status(_));
        (vec![("host", name_of(document))], f64::from(u8::from(is_known)))
    };
    vec![gauge(
        "f2bctl_host_answered",
        "Whether the host was reached and looked at.",
        documents.iter().map(answered).collect(),
    )]
}

/// A value of each host, where it is known.
fn each(known: &[(String, &Status)], value: impl Fn(&Status) -> Option<f64>) -> Vec<(Labels, f64)> {
    let samples = known
        .iter()
        .map(|(host, status)| Some((vec![("host", host.clone())], value(status)?)));
    samples.flatten().collect()
}

fn flag(is_so: bool) -> f64 {
    f64::from(u8::from(is_so))
}

/// Counts are far below the numbers that a float cannot hold.
fn count(number: usize) -> f64 {
    number as f64
}

fn of_protection(known: &[(String, &Status)]) -> Vec<Metric> {
    let of = |value: &dyn Fn(&Protection) -> Option<f64>| each(known, |status| value(&status.protection));
    let protected = |protection: &Protection| match protection.verdict {
        ProtectionVerdict::Protected => Some(1.0),
        ProtectionVerdict::NotProtected => Some(0.0),
        ProtectionVerdict::Unknown => None,
    };
    let moment = |status: &Status| chrono::DateTime::parse_from_rfc3339(&status.time).ok();
    let looked = |status: &Status| moment(status).map(|moment| moment.timestamp() as f64);
    vec![
        gauge(
            "f2bctl_protected",
            "Whether fail2ban runs, its SIP jails read the log that Asterisk writes, and their bans block.",
            of(&protected),
        ),
        gauge(
            "f2bctl_fail2ban_running",
            "Whether fail2ban runs.",
            each(known, |status| status.fail2ban.running.map(flag)),
        ),
        gauge(
            "f2bctl_whitelisted_banned",
            "Addresses that are banned although somebody of the whitelist is there.",
            of(&|protection| Some(count(protection.customers_banned.as_ref()?.len()))),
        ),
        gauge(
            "f2bctl_entries_not_in_force",
            "Whitelist entries that are not in force in every jail.",
            of(&|protection| Some(count(protection.not_in_force.as_ref()?.len()))),
        ),
        gauge(
            "f2bctl_files_written_since_load",
            "Whether a file that fail2ban reads was written since fail2ban read it.",
            of(&|protection| protection.drift.written_since.map(flag)),
        ),
        gauge(
            "f2bctl_changes_interrupted",
            "Changes that were begun and neither finished nor rolled back.",
            of(&|protection| protection.interrupted.map(count)),
        ),
        Metric {
            unit: Some(Unit::Seconds),
            ..gauge(
                "f2bctl_looked_at_timestamp",
                "The moment of the look, by the host's clock.",
                each(known, looked),
            )
        },
    ]
}

/// A value of each jail of each host, where it is known.
fn jails(known: &[(String, &Status)], value: impl Fn(&Jail) -> Option<f64>) -> Vec<(Labels, f64)> {
    let jails = known
        .iter()
        .flat_map(|(host, status)| status.jails.iter().map(move |jail| (host, jail)));
    let labels = |host: &String, jail: &Jail| vec![("host", host.clone()), ("jail", jail.name.to_string())];
    jails
        .filter_map(|(host, jail)| Some((labels(host, jail), value(jail)?)))
        .collect()
}

fn of_jails(known: &[(String, &Status)]) -> Vec<Metric> {
    let setting = |name, help, value: fn(&Jail) -> Option<i64>| {
        // A ban time of -1 is for ever, which is no number of seconds.
        let samples = jails(known, |jail| {
            value(jail).filter(|value| *value >= 0).map(|value| value as f64)
        });
        gauge(name, help, samples)
    };
    let of_seconds = |metric| Metric {
        unit: Some(Unit::Seconds),
        ..metric
    };
    let counter = |name, help, value: fn(&Jail) -> u64| Metric {
        kind: MetricType::Counter,
        ..gauge(name, help, jails(known, |jail| Some(value(jail) as f64)))
    };
    vec![
        gauge(
            "f2bctl_jail_enforced",
            "Whether the firewall has the rules of the jail's bans.",
            jails(known, |jail| jail.enforced.map(flag)),
        ),
        gauge(
            "f2bctl_jail_banned",
            "Addresses that are banned now.",
            jails(known, |jail| Some(jail.currently_banned as f64)),
        ),
        gauge(
            "f2bctl_jail_failing",
            "Addresses with failures that count now.",
            jails(known, |jail| Some(jail.currently_failed as f64)),
        ),
        counter("f2bctl_jail_bans", "Bans since the jail began.", |jail| {
            jail.total_banned
        }),
        counter("f2bctl_jail_failures", "Failures since the jail began.", |jail| {
            jail.total_failed
        }),
        setting("f2bctl_jail_maxretry", "Failures before a ban.", |jail| jail.maxretry),
        of_seconds(setting(
            "f2bctl_jail_findtime",
            "The window in which failures are counted.",
            |jail| jail.findtime,
        )),
        of_seconds(setting(
            "f2bctl_jail_bantime",
            "How long a ban lasts; absent for ever.",
            |jail| jail.bantime,
        )),
    ]
}

fn customers(known: &[(String, &Status)]) -> Metric {
    let mut samples = Vec::new();
    for (host, status) in known {
        for ban in status.protection.customers_banned.iter().flatten() {
            let customer = ban.customer.as_ref().map(ToString::to_string).unwrap_or_default();
            let labels = vec![
                ("host", host.clone()),
                ("address", ban.ip.to_string()),
                ("customer", customer),
            ];
            samples.push((labels, 1.0));
        }
    }
    gauge(
        "f2bctl_customer_banned",
        "An address that is banned although it is whitelisted, with its customer.",
        samples,
    )
}
