//! The hosts that a connection goes through, each with its own settings, the destination last.

use std::future::Future;
use std::pin::Pin;

use super::configuration::{Role, settings_for};
use super::configuration_error::{ConfigurationError, MOST_HOPS};
use super::destination::Destination;
use super::error::ConnectError;
use super::options::SshOptions;
use super::settings::HostSettings;

type Planned<'a> = Pin<Box<dyn Future<Output = Result<Vec<HostSettings>, ConnectError>> + Send + 'a>>;

/// The route to `destination`: the jump hosts of the flags or of ssh_config, nearest first, and the host itself.
pub(super) async fn route(destination: &Destination, options: &SshOptions) -> Result<Vec<HostSettings>, ConnectError> {
    leading_to(destination, &options.jump, Role::Target, options, 0).await
}

/// As in OpenSSH, a list of jump hosts is walked from its end: the last one is reached through those before it, whatever
/// its own ProxyJump says, and the first one by its own settings.
fn leading_to<'a>(
    destination: &'a Destination,
    jump: &'a [String],
    role: Role,
    options: &'a SshOptions,
    depth: usize,
) -> Planned<'a> {
    Box::pin(async move {
        let failed = |source| ConnectError::Configuration {
            host: destination.name.clone(),
            source,
        };
        if depth > MOST_HOPS {
            return Err(failed(ConfigurationError::TooManyHops(destination.name.clone())));
        }
        let host = settings_for(destination, jump, role, options).await.map_err(failed)?;
        let Some((last, before)) = host.jump.split_last() else {
            return Ok(vec![host]);
        };
        let hop = Destination::parse(last).map_err(|source| {
            failed(ConfigurationError::Hop {
                hop: last.clone(),
                source,
            })
        })?;
        let mut hosts = leading_to(&hop, before, Role::Hop, options, depth + 1)
            .await
            .map_err(|error| error.through(last.clone()))?;
        hosts.push(host);
        Ok(hosts)
    })
}
