//! `f2bctl hosts`: which hosts the configuration knows. Nothing is connected to.

use clap::Args;
use serde_json::json;

use crate::cli::documents::Document;
use crate::cli::services::Services;

/// The hosts of the configuration.
#[derive(Debug, Args)]
pub struct Arguments {}

/// Runs the command.
pub fn run(services: &Services) -> Document {
    let settings = &services.settings;
    let hosts = settings.hosts.iter().map(|host| {
        let mut value = json!(host);
        crate::ui::view::put(
            &mut value,
            "default",
            json!(settings.default_host.as_deref() == Some(&*host.name)),
        );
        value
    });
    let value = json!({
        "hosts": hosts.collect::<Vec<_>>(),
        "config": settings.path,
        "config_present": settings.present,
    });
    Document::report("hosts", None, value, 0)
}
