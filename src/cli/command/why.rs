//! `f2bctl why`: the runbook's hardest questions, "why did this get banned" and "why not", with their evidence.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{Local, NaiveDate};
use clap::builder::PossibleValuesParser;
use clap::builder::TypedValueParser as _;
use clap::{Args, ValueEnum};

use crate::checks::warnings::state_warnings;
use crate::checks::why::{Decided, Evidence, Language, Subject, judged_addresses, local, needs_counting, reply, why};
use crate::cli::runner::{each_host, name_of, with_connection};
use crate::cli::services::Services;
use crate::document::{Advice, Document, Failure, FailureKind, Report, Verdict, Why};
use crate::model::comment_text::escaped;
use crate::model::looked_back::{CountedLines, LookedBack};
use crate::model::network::Network;
use crate::model::observed::{Observed, Part};
use crate::model::text::texts;
use crate::model::timespan::Timespan;
use crate::planning::reading::jail_local;
use crate::remote::agent::{LinkError, Prefetch};
use crate::remote::host::{Host, LookBack};
use crate::settings::{HostSettings, read_input};

/// Say why an address, a network, a customer or an account is banned, or why not.
///
/// One verdict with its code, the phases that lead to it and what they stand on; the codes are listed in docs/history.md.
/// It reads the running jails, the firewall, fail2ban's action log and the jails' logs with their rotated files, and changes
/// nothing.
#[derive(Debug, Clone, Args)]
pub struct Arguments {
    /// An address, a network, or the name of an account.
    #[arg(value_name = "ADDRESS|NETWORK|ACCOUNT", required_unless_present = "customer", value_parser = subject)]
    pub subject: Option<Subject>,
    /// All networks of this customer in the register.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["subject", "file"])]
    pub customer: Option<String>,
    /// Only what was logged in this time, e.g. `2h` or `7d`; without it, all that there is.
    #[arg(long, value_name = "DURATION", value_parser = Timespan::parse)]
    pub since: Option<Timespan>,
    /// Print three sentences for the customer instead, without internals.
    #[arg(long)]
    pub reply: bool,
    /// The language of the reply.
    #[arg(long, value_name = "LANGUAGE", requires = "reply", default_value = "en")]
    pub language: Tongue,
    /// Show all evidence, and the lines themselves with their places.
    #[arg(long, conflicts_with = "reply")]
    pub explain: bool,
    /// Exit 8 if the verdict is another one than this.
    #[arg(long, value_name = "CODE", hide_possible_values = true,
          value_parser = PossibleValuesParser::new(Verdict::ALL.iter().map(|verdict| verdict.word())).map(verdict))]
    pub expect: Option<Verdict>,
    /// Read these files of your own machine instead of a host: what the lines say, without what fail2ban counts and bans.
    #[arg(long, value_name = "PATH", num_args = 1..)]
    pub file: Vec<PathBuf>,
}

/// A language of replies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Tongue {
    /// English.
    En,
    /// German.
    De,
    /// Hindi.
    Hi,
}

/// The largest file of this machine that is read, bytes.
const LARGEST_FILE: u64 = 256 * 1024 * 1024;
/// The widest networks whose lines are found by what their addresses have in common.
const WIDEST: (u8, u8) = (8, 16);

/// Reads an address, a network or an account.
fn subject(text: &str) -> Result<Subject, String> {
    match Network::parse(text) {
        Ok(parsed) => {
            let (network, widest) = (
                parsed.network,
                if parsed.network.is_ipv4() { WIDEST.0 } else { WIDEST.1 },
            );
            match network.prefix_length() >= widest {
                true => Ok(Subject::Network(network)),
                false => Err(format!("{network} is too wide to be looked for; at most /{widest}")),
            }
        }
        Err(error) => {
            let is_account = !text.is_empty()
                && text.len() <= 64
                && text
                    .chars()
                    .all(|letter| letter.is_alphanumeric() || "_-+.".contains(letter))
                && !text.chars().all(|letter| letter.is_ascii_digit() || letter == '.')
                || (1..=16).contains(&text.len()) && text.bytes().all(|letter| letter.is_ascii_digit());
            if is_account {
                Ok(Subject::Account(text.to_owned()))
            } else {
                Err(error.to_string())
            }
        }
    }
}

/// The verdict of a word that is one.
fn verdict(word: String) -> Verdict {
    let found = Verdict::ALL.iter().find(|verdict| verdict.word() == word);
    found.copied().unwrap_or(Verdict::Unknown)
}

const PARTS: &[Part] = &[
    Part::JailLocal,
    Part::Server,
    Part::Changes,
    Part::Lock,
    Part::Temporary,
    Part::Firewall,
    Part::Asterisk,
    Part::AfterBan,
];

/// Runs the command.
pub async fn run(services: Arc<Services>, arguments: Arguments) -> Vec<Document> {
    if !arguments.file.is_empty() {
        return vec![in_files(&arguments)];
    }
    each_host(services, "why", false, move |services, host, _| {
        let arguments = arguments.clone();
        async move {
            let name = name_of(&host);
            match on_host(&services, &host, &arguments).await {
                Ok((found, warned)) => Document::report("why", Some(&name), finished(&arguments, found).warned(warned)),
                Err(failure) => Document::failed("why", Some(&name), &failure),
            }
        }
    })
    .await
}

/// What was seen of a host.
struct Seen {
    observed: Observed,
    past: LookedBack,
    counted: Option<CountedLines>,
    decided: Decided,
    subject: Subject,
}

async fn on_host(
    services: &Services,
    host: &HostSettings,
    arguments: &Arguments,
) -> Result<(Why, Vec<crate::document::Warning>), Failure> {
    let log = host.asterisk_log.to_string_lossy();
    let since = arguments.since.map(Timespan::seconds);
    let seen = with_connection(services, host, Prefetch::look(PARTS), async |connection| {
        look(&mut connection.host, arguments, since, &log).await
    })
    .await??;
    let evidence = Evidence::new(&seen.observed, &seen.past, seen.counted.as_ref(), &log, since);
    let evidence = evidence.with_decisions(&seen.decided);
    let mut found = why(&evidence, &seen.subject);
    if arguments.explain {
        found.lines = Some(texts(
            (0..evidence.lines.len()).filter_map(|number| evidence.cited(number)),
        ));
    }
    Ok((found, state_warnings(&seen.observed)))
}

/// Looks at the host and back into its logs. A customer is known by name only once jail.local was read, and the addresses
/// of an account only once its lines were: these cost a second round trip.
async fn look(
    host: &mut Host,
    arguments: &Arguments,
    since: Option<u64>,
    log: &str,
) -> Result<Result<Seen, Failure>, LinkError> {
    let mut unheard = |_| ();
    let mut asked = LookBack {
        since,
        ..LookBack::default()
    };
    let (observed, past, subject) = match (&arguments.subject, &arguments.customer) {
        (None, None) => return Ok(Err(Failure::new(FailureKind::Usage, "nobody was asked about"))),
        (None, Some(name)) => {
            let first = host.observe(PARTS, &mut unheard).await?;
            let subject = match customer(&first, name) {
                Ok(subject) => subject,
                Err(failure) => return Ok(Err(failure)),
            };
            asked.networks = subject.networks();
            let (observed, past) = host.look_back(PARTS, &asked, &mut unheard).await?;
            (observed, past, subject)
        }
        (Some(subject), _) => {
            asked.networks = subject.networks();
            if let Subject::Account(account) = subject {
                asked.accounts.push(account.clone());
            }
            let (mut observed, mut past) = host.look_back(PARTS, &asked, &mut unheard).await?;
            if let Subject::Account(_) = subject {
                let evidence = Evidence::new(&observed, &past, None, log, since);
                asked.networks = addresses(&evidence);
                if !asked.networks.is_empty() {
                    (observed, past) = host.look_back(PARTS, &asked, &mut unheard).await?;
                }
            }
            (observed, past, subject.clone())
        }
    };
    let first = Evidence::new(&observed, &past, None, log, since);
    let asked = judged_addresses(&first, &subject);
    let needed = needs_counting(&first, &subject);
    let decided = decided(host, &observed, asked).await?;
    let counted = match needed {
        true => known(host.counted().await)?,
        false => None,
    };
    Ok(Ok(Seen {
        observed,
        past,
        counted,
        decided,
        subject,
    }))
}

/// fail2ban's own decisions about addresses, where there is a server whose jails decide.
async fn decided(host: &mut Host, observed: &Observed, addresses: Vec<IpAddr>) -> Result<Decided, LinkError> {
    if addresses.is_empty() || !observed.server.value().is_some_and(|server| server.running) {
        return Ok(Decided::default());
    }
    let jails = host.decide(addresses.iter().copied()).await?;
    Ok(Decided { addresses, jails })
}

/// The most addresses of an account whose own lines are looked for as well.
const MOST_ADDRESSES: usize = 64;

fn addresses(evidence: &Evidence<'_>) -> Vec<Network> {
    let mut found: Vec<Network> = evidence
        .attempts
        .iter()
        .filter_map(|attempt| attempt.address.map(Network::single))
        .collect();
    found.sort();
    found.dedup();
    found.truncate(MOST_ADDRESSES);
    found
}

/// A refusal of the host leaves the question open; a lost connection ends it.
fn known(answer: Result<CountedLines, LinkError>) -> Result<Option<CountedLines>, LinkError> {
    match answer {
        Ok(counted) => Ok(Some(counted)),
        Err(LinkError::Agent(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The networks of a customer in the register.
fn customer(observed: &Observed, name: &str) -> Result<Subject, Failure> {
    let document = jail_local(observed)?;
    let own = document.own_ignoreip_sections().into_iter();
    let own = own.flat_map(|jail| document.of_jail(&jail).register());
    let register: Vec<_> = document.register().into_iter().chain(own).collect();
    let is_its = |line: &&crate::model::jail_local::RegisterLine| {
        line.registration.customer.as_str().to_lowercase() == name.to_lowercase()
    };
    let networks: Vec<Network> = register
        .iter()
        .filter(is_its)
        .map(|line| line.registration.network)
        .collect();
    if networks.is_empty() {
        let failure = Failure::new(
            FailureKind::Refused,
            format!("the register has no customer {}", escaped(name)),
        );
        return Err(failure.hint(Advice::command("whitelist list")));
    }
    Ok(Subject::Customer(name.to_owned(), networks))
}

/// The answer with its reply and what was expected.
fn finished(arguments: &Arguments, mut found: Why) -> Report {
    if arguments.reply {
        let subject = found
            .account
            .as_ref()
            .map(ToString::to_string)
            .or_else(|| found.address.map(|address| address.to_string()))
            .or_else(|| found.customer.as_ref().map(ToString::to_string));
        let language = match arguments.language {
            Tongue::En => Language::English,
            Tongue::De => Language::German,
            Tongue::Hi => Language::Hindi,
        };
        found.reply = Some(reply(found.verdict, &subject.unwrap_or_default(), language).into());
    }
    found.expected = arguments.expect;
    let is_another = arguments.expect.is_some_and(|expected| expected != found.verdict);
    Report::from(found).found(is_another)
}

fn in_files(arguments: &Arguments) -> Document {
    let Some(subject) = &arguments.subject else {
        return Document::failed(
            "why",
            None,
            &Failure::new(FailureKind::Usage, "--file needs an address or an account"),
        );
    };
    let mut files = Vec::new();
    for path in &arguments.file {
        match read_input(path, LARGEST_FILE) {
            Ok(bytes) => files.push((path.display().to_string(), String::from_utf8_lossy(&bytes).into_owned())),
            Err(error) => {
                let message = format!("{} cannot be read: {error}", path.display());
                return Document::failed("why", None, &Failure::new(FailureKind::Usage, message));
            }
        }
    }
    let now = Local::now();
    let today: NaiveDate = now.date_naive();
    let found = local(&files, subject, now.naive_local().and_utc().timestamp(), today);
    Document::report("why", None, finished(arguments, found))
}
