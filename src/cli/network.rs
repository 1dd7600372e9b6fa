//! A network or an address, as an argument.

use crate::model::network::Network;

/// Reads one.
///
/// # Errors
/// What is wrong with the text.
pub fn network(text: &str) -> Result<Network, String> {
    let parsed = Network::parse(text).map_err(|error| error.to_string())?;
    Ok(parsed.network)
}
