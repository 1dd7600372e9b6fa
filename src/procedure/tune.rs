//! Tune a jail (runbook, "Tuning guidance"): one threshold, within the runbook's limits, in the jail's own section.

use crate::checks::tuning;
use crate::document::{Advice, ClassKind, Forecast, Promise, Warning, WarningCode};
use crate::model::action_columns::ActionLog;
use serde_json::Value;

use crate::model::comment_text::escaped;
use crate::model::jail_local::{EditRefusal, JailLocal};
use crate::model::observed::Observed;
use crate::model::operation::Edit;
use crate::model::runbook::{self, RECIDIVE};
use crate::model::timespan::{Timespan, TimespanError};
use crate::planning::draft::Draft;
use crate::planning::policy::Guard;
use crate::planning::postcondition::Postcondition;
use crate::planning::procedure::Procedure;
use crate::planning::reading::{edit_refusal, jail_local, new_jail_local, server};
use crate::planning::refusal::Refusal;
use crate::planning::server_move::{ServerMove, server_move};

/// The jail that counts real authentication failures (runbook, "Why two asterisk jails").
const STRICT_JAIL: &str = runbook::AUTH.name;
/// The jail that counts discovery (runbook, "Why two asterisk jails").
const LENIENT_JAIL: &str = runbook::SCAN.name;
/// Runbook, Tuning guidance: "Don't lower the strict-jail threshold - it's already at 3".
const STRICT_LOWEST: u64 = runbook::AUTH_LOWEST_MAXRETRY;
/// Runbook, Tuning guidance: "Don't go above 200".
const LENIENT_HIGHEST: u64 = runbook::SCAN_HIGHEST_MAXRETRY;
/// Runbook, Why two asterisk jails: a customer with 10 phones logs "~10-30 such lines in a few seconds".
const STORM: u64 = runbook::STORM;
/// More failures than this before a ban are a typing error.
const MOST_RETRIES: u64 = 100_000;
/// The shortest findtime and bantime, seconds: below a minute a jail neither adds up nor shuts out.
const SHORTEST_SECONDS: u64 = 60;

/// What can be tuned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Threshold {
    /// Failures before a ban.
    Maxretry,
    /// The window that failures are counted in.
    Findtime,
    /// How long a ban lasts.
    Bantime,
}

impl Threshold {
    /// The key as jail.local and fail2ban spell it.
    pub fn key(self) -> &'static str {
        match self {
            Self::Maxretry => "maxretry",
            Self::Findtime => "findtime",
            Self::Bantime => "bantime",
        }
    }
}

/// What was typed for a time is none.
fn no_duration(threshold: Threshold, error: &TimespanError) -> Refusal {
    let refusal = Refusal::usage(format!("{}: {error}", threshold.key()));
    match error {
        TimespanError::NotInGrammar { .. } => {
            refusal.hint("nothing else is passed on, because fail2ban evaluates duration texts as Python code")
        }
        _ => refusal,
    }
}

/// The request: one threshold of one jail, with its value as a number (times in seconds).
#[derive(Debug, Clone)]
pub struct Tune {
    jail: String,
    threshold: Threshold,
    value: u64,
    force: bool,
    forecast: Option<Forecast>,
}

/// How many customers a refusal names.
const CUSTOMERS_NAMED: usize = 5;

impl Tune {
    /// Reads the value as typed. Nothing but digits ever goes on from here: fail2ban hands durations to Python's
    /// `eval`.
    ///
    /// # Errors
    /// A usage refusal for what is no number or no duration, a guard-rail's for a ban for ever.
    pub fn new(jail: &str, threshold: Threshold, typed: &str) -> Result<Self, Refusal> {
        let value = match threshold {
            Threshold::Maxretry => count(typed)?,
            Threshold::Bantime if is_negative(typed) => return Err(for_ever()),
            Threshold::Findtime | Threshold::Bantime => Timespan::parse(typed)
                .map_err(|error| no_duration(threshold, &error))?
                .seconds(),
        };
        Ok(Self {
            jail: jail.to_owned(),
            threshold,
            value,
            force: false,
            forecast: None,
        })
    }

    /// The same with `--force`: also where customers would newly be banned.
    #[must_use]
    pub fn forced(self, force: bool) -> Self {
        Self { force, ..self }
    }

    /// The jail that it is about.
    pub fn jail(&self) -> &str {
        &self.jail
    }

    /// The same with what the jail's past says of it, by which it is judged then.
    ///
    /// # Errors
    /// A refusal for a value beyond the runbook's limits, and if fail2ban or the jail does not run.
    pub fn with_forecast(mut self, observed: &Observed, log: &ActionLog, guard: &Guard) -> Result<Self, Refusal> {
        self.within_limits()?;
        self.running_value(observed)?;
        let value = i64::try_from(self.value).unwrap_or(i64::MAX);
        let asked = (self.jail.as_str(), self.threshold.key(), value);
        self.forecast = Some(tuning::forecast(observed, log, asked, &guard.protected)?);
        Ok(self)
    }

    /// What its jail's past says of it.
    pub fn forecast(&self) -> Option<&Forecast> {
        self.forecast.as_ref()
    }

    /// What of the forecast goes into the audit record.
    pub fn promise(&self) -> Option<Promise> {
        self.forecast.as_ref().map(Forecast::promise)
    }

    /// Customers whom it would newly ban, by the jail's past.
    fn spares_customers(&self, guard: &Guard) -> Result<(), Refusal> {
        let newly = self.forecast.iter().flat_map(|forecast| &forecast.classes);
        let newly = newly.filter(|class| class.kind == ClassKind::Newly && class.count.customers > 0);
        let Some(class) = newly.into_iter().next() else {
            return Ok(());
        };
        if self.force && guard.reason.is_some() {
            return Ok(());
        }
        if self.force {
            return Err(Refusal::usage("--force needs --reason, for the audit log"));
        }
        let of_customers = class
            .addresses
            .iter()
            .filter_map(|one| Some((one, one.customer.as_ref()?)));
        let named: Vec<String> = of_customers
            .take(CUSTOMERS_NAMED)
            .map(|(one, customer)| format!("{} of {customer} (count {}, {})", one.address, one.count, one.at))
            .collect();
        let message = format!(
            "by the action log, {} of {} {} would newly ban {} addresses of customers: {}",
            self.threshold.key(),
            escaped(&self.jail),
            self.value,
            class.count.customers,
            named.join("; ")
        );
        let refusal = Refusal::guard_rail(message);
        let smallest = self.forecast.as_ref().and_then(|forecast| forecast.smallest.as_ref());
        let refusal = match smallest.filter(|_| self.threshold == Threshold::Maxretry) {
            Some(smallest) => refusal.hint(Advice::text(format!(
                "the smallest maxretry that bans no customer is {}",
                smallest.maxretry
            ))),
            None => refusal,
        };
        Err(refusal.hint("--force with --reason sets it all the same"))
    }

    fn within_limits(&self) -> Result<(), Refusal> {
        match (self.threshold, self.jail.as_str()) {
            (Threshold::Maxretry, STRICT_JAIL) if self.value < STRICT_LOWEST => Err(strict_lowered(self.value)),
            (Threshold::Maxretry, LENIENT_JAIL) if self.value > LENIENT_HIGHEST => Err(lenient_raised(self.value)),
            (Threshold::Findtime | Threshold::Bantime, _) if self.value < SHORTEST_SECONDS => {
                Err(Refusal::guard_rail(format!(
                    "a {} of {} s is shorter than {SHORTEST_SECONDS} s: {}",
                    self.threshold.key(),
                    self.value,
                    match self.threshold {
                        Threshold::Findtime =>
                            "failures would be forgotten before they add up, and nobody would be \
                             banned",
                        _ => "an attacker would hardly notice being banned",
                    }
                ))
                .hint("the runbook's shortest is 600 s (10 min)"))
            }
            _ => Ok(()),
        }
    }

    fn warnings(&self) -> Vec<Warning> {
        if self.threshold == Threshold::Maxretry && self.jail == LENIENT_JAIL && self.value <= STORM {
            let message = format!(
                "A customer whose phones come back all at once logs 10 to 30 such lines in a few seconds (runbook, Why two \
                 asterisk jails), so a threshold of {} bans legitimate offices.",
                self.value
            );
            return vec![Warning::new(WarningCode::BelowAStorm, message)];
        }
        Vec::new()
    }

    /// jail.local with the value in the jail's own section, or none if what is there says the same.
    fn edited(&self, document: &JailLocal, in_force: bool) -> Result<Option<JailLocal>, EditRefusal> {
        let key = self.threshold.key();
        let setting = document.setting(&self.jail, key);
        let written = setting.is_none_or(|setting| self.is_written_as(setting.value));
        // What [DEFAULT] says may be overruled by the jail's section in jail.conf, so that counts only if it is in
        // force.
        let own = setting.is_some_and(|setting| setting.section == self.jail);
        if written && (own || in_force) {
            return Ok(None);
        }
        let with_section = if document.sections().contains(&self.jail.as_str()) {
            document.clone()
        } else {
            document.add_section(&self.jail)?.document
        };
        let edited = with_section.set(&self.jail, key, &self.value.to_string())?;
        Ok(Some(edited.document))
    }

    /// Whether a text of the file is this value, spelt in whatever way: `1h` is 3600.
    fn is_written_as(&self, text: &str) -> bool {
        match self.threshold {
            Threshold::Maxretry => text.parse() == Ok(self.value),
            _ => Timespan::parse(text).is_ok_and(|span| span.seconds() == self.value),
        }
    }
}

impl Procedure for Tune {
    fn command(&self) -> &'static str {
        "tune"
    }

    fn draft(&self, observed: &Observed, guard: &Guard) -> Result<Draft, Refusal> {
        self.within_limits()?;
        self.spares_customers(guard)?;
        let key = self.threshold.key();
        let before = self.running_value(observed)?;
        let in_force = before.as_ref().and_then(Value::as_u64) == Some(self.value);
        let document = jail_local(observed)?;
        let mut draft = Draft {
            warnings: self.warnings(),
            ..Draft::default()
        };
        if let Some(edited) = self.edited(document, in_force).map_err(edit_refusal)? {
            draft.backup = Some("tune".to_owned());
            let meaning = vec![self.edit(before.as_ref())];
            draft.files.push(new_jail_local(observed, &edited, meaning)?);
        } else if in_force {
            return Ok(draft);
        }
        draft.server = server_move(observed, guard)?;
        draft.intent.everything = draft.server == ServerMove::Start;
        draft.intent.values.insert((self.jail.clone(), key.to_owned()));
        if self.threshold == Threshold::Maxretry {
            // jail.conf has `maxmatches = %(maxretry)s`, so the number of kept lines goes with it.
            draft.intent.values.insert((self.jail.clone(), "maxmatches".to_owned()));
        }
        draft.postconditions.push(Postcondition::Number {
            jail: self.jail.clone(),
            key,
            value: i64::try_from(self.value).unwrap_or(i64::MAX),
        });
        draft.warnings.extend(self.standing_bans(observed));
        draft.warnings.extend(self.forgotten_sooner(observed));
        Ok(draft)
    }

    fn already(&self, _observed: &Observed) -> Vec<String> {
        let (jail, key, value) = (escaped(&self.jail), self.threshold.key(), self.value);
        vec![format!("{key} of jail {jail} is already {value}.")]
    }
}

impl Tune {
    /// The recidive jail's window is worth no more than the memory of fail2ban's database.
    fn forgotten_sooner(&self, observed: &Observed) -> Option<Warning> {
        if (self.jail.as_str(), self.threshold) != (RECIDIVE, Threshold::Findtime) {
            return None;
        }
        let age = observed.server.value()?.settings.get("dbpurgeage")?.as_u64()?;
        let forgets = format!("fail2ban's database forgets bans after {age} s (dbpurgeage), which is sooner; ");
        let message = Advice::text(forgets).run("recidive enable").then(" sets it.");
        (age < self.value).then(|| Warning::new(WarningCode::ForgottenSooner, message))
    }

    /// Bans have no time of their own as a rule: present bans follow a new bantime (seen on fail2ban 1.0.2).
    fn standing_bans(&self, observed: &Observed) -> Option<Warning> {
        if self.threshold != Threshold::Bantime {
            return None;
        }
        let bans = &observed.server.value()?.jails.get(&self.jail)?.bans;
        let addresses: Vec<String> = bans.iter().map(|ban| escaped(ban.ip.as_str())).collect();
        let new_end = |since: i64| since.saturating_add(i64::try_from(self.value).unwrap_or(i64::MAX));
        let over = bans
            .iter()
            .filter(|ban| (new_end(ban.since) as f64) < observed.clock.now)
            .count();
        if addresses.is_empty() {
            return None;
        }
        let at_once = match over {
            0 => String::new(),
            count => format!(" {count} of them end at once.",),
        };
        let message = format!(
            "Present bans in jail {} follow the new bantime, too: {}.{at_once}",
            self.jail,
            addresses.join(", ")
        );
        Some(Warning::new(WarningCode::StandingBans, message))
    }

    /// What the running jail has now; none if fail2ban is down.
    fn running_value(&self, observed: &Observed) -> Result<Option<Value>, Refusal> {
        let server = server(observed)?;
        if !server.running {
            return Ok(None);
        }
        let Some(jail) = server.jails.get(&self.jail) else {
            let known: Vec<&str> = server.jails.keys().map(String::as_str).collect();
            return Err(
                Refusal::precondition(format!("no jail {} is running on this host", escaped(&self.jail)))
                    .hint(Advice::running_jails(&known)),
            );
        };
        Ok(jail.values.get(self.threshold.key()).cloned())
    }

    fn edit(&self, before: Option<&Value>) -> Edit {
        Edit::SetValue {
            jail: self.jail.clone(),
            key: self.threshold.key().to_owned(),
            before: before.and_then(Value::as_i64),
            after: self.value,
            is_time: self.threshold != Threshold::Maxretry,
        }
    }
}

fn count(typed: &str) -> Result<u64, Refusal> {
    let digits = !typed.is_empty() && typed.bytes().all(|byte| byte.is_ascii_digit());
    let number: Option<u64> = typed.parse().ok().filter(|_| digits);
    match number {
        Some(0) => {
            Err(Refusal::guard_rail("a maxretry of 0 would ban everybody at the first line").hint("1 is the least"))
        }
        Some(number) if number <= MOST_RETRIES => Ok(number),
        Some(_) => Err(Refusal::usage(format!(
            "a maxretry of more than {MOST_RETRIES} is a typing error: nobody would ever be banned"
        ))),
        None => Err(
            Refusal::usage(format!("maxretry: `{}` is not a whole number", escaped(typed)))
                .hint("write digits only, such as 100"),
        ),
    }
}

fn is_negative(typed: &str) -> bool {
    typed
        .strip_prefix('-')
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
}

fn for_ever() -> Refusal {
    Refusal::guard_rail(
        "a negative bantime bans for ever: addresses change owners, and a customer who gets a banned one stays \
         blocked until the ban is lifted by hand",
    )
    .hint("use a long one, such as 4w; `f2bctl recidive enable` bans those who come back for longer")
}

fn strict_lowered(value: u64) -> Refusal {
    Refusal::guard_rail(format!(
        "a maxretry of {value} for {STRICT_JAIL} is below {STRICT_LOWEST}: \"Don't lower the strict-jail threshold - it's \
         already at 3, going lower is dangerous\" (runbook, Tuning guidance)"
    ))
    .hint("one mistyped password would block a customer for a day; whitelist customers instead of lowering it")
}

fn lenient_raised(value: u64) -> Refusal {
    Refusal::guard_rail(format!(
        "a maxretry of {value} for {LENIENT_JAIL} is above {LENIENT_HIGHEST}: \"Don't go above 200 - at that point you're \
         effectively disabled\" (runbook, Tuning guidance)"
    ))
    .hint("whitelist the customers that reach the threshold with `f2bctl onboard`; 100 is what the runbook suggests")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(jail: &str, threshold: Threshold, typed: &str) -> String {
        let refused = match Tune::new(jail, threshold, typed) {
            Ok(tune) => tune.within_limits(),
            Err(refusal) => Err(refusal),
        };
        refused.expect_err(typed).message
    }

    #[test]
    fn the_runbooks_limits_come_with_its_reasons() {
        assert!(message(STRICT_JAIL, Threshold::Maxretry, "2").contains("going lower is dangerous"));
        assert!(message(LENIENT_JAIL, Threshold::Maxretry, "201").contains("effectively disabled"));
        for (jail, typed) in [
            (STRICT_JAIL, "3"),
            (LENIENT_JAIL, "200"),
            ("sshd", "1"),
            ("sshd", "500"),
        ] {
            let tune = Tune::new(jail, Threshold::Maxretry, typed).expect(typed);
            assert_eq!(tune.within_limits(), Ok(()), "{jail} {typed}");
        }
    }

    #[test]
    fn nothing_that_python_would_evaluate_gets_any_further() {
        for typed in ["len(\"x\")", "1h+30m", "", "0", "10 m", "1d 12h", "600;"] {
            for threshold in [Threshold::Findtime, Threshold::Bantime] {
                let refusal = Tune::new("asterisk-scan", threshold, typed).expect_err(typed);
                assert_eq!(refusal.kind, crate::planning::refusal::RefusalKind::Usage, "{typed}");
            }
        }
        for typed in ["abc", "-3", "3.5", "+3", "", "1e3"] {
            assert!(Tune::new("sshd", Threshold::Maxretry, typed).is_err(), "{typed}");
        }
    }

    #[test]
    fn a_ban_for_ever_and_spans_below_a_minute_are_refused() {
        assert!(message("sshd", Threshold::Bantime, "-1").contains("for ever"));
        assert!(message("sshd", Threshold::Bantime, "59").contains("shorter than 60 s"));
        assert!(message("sshd", Threshold::Findtime, "30s").contains("before they add up"));
        assert!(message("sshd", Threshold::Maxretry, "0").contains("first line"));
    }

    #[test]
    fn spellings_of_the_same_value_are_left_alone() {
        let tune = Tune::new("sshd", Threshold::Findtime, "1h").expect("valid");
        for (text, same) in [
            ("3600", true),
            ("60m", true),
            ("1h", true),
            ("3601", false),
            ("%(x)s", false),
        ] {
            assert_eq!(tune.is_written_as(text), same, "{text}");
        }
    }
}
