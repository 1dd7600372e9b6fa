//! From the words that were typed to the arguments: what clap's grammar alone cannot say of `--host` and its default.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, FromArgMatches as _};

use crate::settings::{Environment, HostSettings, Settings};
use crate::ui::text::host_at;
use crate::ui::{Output, Page, Style};

use super::arguments::Arguments;
use super::global::HOST_VARIABLE;
use super::{grammar, help};

/// Help is not written wider than this, which is also clap's limit here.
const WIDEST: usize = 110;

/// Reads the words that were typed.
///
/// # Errors
/// clap's own answers, help and version among them.
pub fn read(typed: &[OsString]) -> Result<Arguments, clap::Error> {
    let matches = grammar()
        .try_get_matches_from(typed)
        .map_err(|error| match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
                let short = help::in_short(grammar(), &default_host(typed), &page());
                short.try_get_matches_from(typed).err().unwrap_or(error)
            }
            _ => error,
        })?;
    if let Some(("help", below)) = matches.subcommand() {
        let topic = below.get_many::<String>("topic").into_iter().flatten();
        let topic: Vec<&str> = topic.map(String::as_str).collect();
        return Err(help::answer(&topic, grammar(), &default_host(typed), &page()));
    }
    let mut arguments = Arguments::from_arg_matches(&matches)?;
    if arguments.global.all_hosts && arguments.global.host.is_some() {
        if matches.value_source("host") == Some(ValueSource::CommandLine) {
            let message = "the argument '--all-hosts' cannot be used with '--host <HOST>'\n";
            return Err(grammar().error(ErrorKind::ArgumentConflict, message));
        }
        // The variable is only a default.
        arguments.global.host = None;
    }
    Ok(arguments)
}

/// The page that help is written on.
fn page() -> Page {
    Output::new(Style::default(), anstream::ColorChoice::Auto)
        .sheet()
        .at_most(WIDEST)
}

/// The default host that is in force, in brackets; empty where the configuration does not say.
fn default_host(typed: &[OsString]) -> String {
    let lenient = grammar().ignore_errors(true).disable_help_flag(true);
    let matches = lenient.try_get_matches_from(typed).ok();
    matches
        .and_then(|matches| default_in_force(&matches))
        .unwrap_or_default()
}

/// `[default: NAME (ADDRESS)]`, by the configuration that these arguments choose.
fn default_in_force(matches: &ArgMatches) -> Option<String> {
    let environment = Environment::of_process().ok()?;
    let file = matches.get_one::<PathBuf>("config").map(PathBuf::as_path);
    let settings = Settings::load(file, &environment).ok()?;
    let named = |host: &HostSettings| host_at(&host.name, &host.address);
    if let Ok(selection) = std::env::var(HOST_VARIABLE) {
        let hosts = settings.select(&selection).ok()?;
        let hosts: Vec<String> = hosts.iter().map(named).collect();
        return Some(format!("[default: {}, from {HOST_VARIABLE}]", hosts.join(", ")));
    }
    Some(match settings.default_host() {
        Ok(host) => format!("[default: {}]", named(&host)),
        Err(_) => format!("[no default: {} hosts are configured]", settings.hosts.len()),
    })
}
