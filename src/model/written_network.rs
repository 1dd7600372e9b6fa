//! A network with the text that someone wrote it as: it is judged as a network, and shown and written back as the text.

use super::network::{Network, NetworkError};

/// Such a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenNetwork {
    text: String,
    network: Network,
}

impl WrittenNetwork {
    /// Reads one.
    ///
    /// # Errors
    /// As [`Network::parse`].
    pub fn parse(text: &str) -> Result<Self, NetworkError> {
        let network = Network::parse(text)?.network;
        Ok(Self {
            text: text.to_owned(),
            network,
        })
    }

    /// The text as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The network.
    pub fn network(&self) -> Network {
        self.network
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_an_address_or_a_network_and_keeps_its_text() {
        for good in ["192.0.2.10", "192.0.2.0/28", "2001:db8::/32", "::1"] {
            assert_eq!(WrittenNetwork::parse(good).expect(good).text(), good);
        }
        for wrong in [
            "",
            "pbx",
            "192.0.2.010",
            "192.0.2.0/33",
            "192.0.2.0/",
            "192.0.2.0/+8",
            "192.0.2",
            "2001:db8::/129",
            "192.0.2.0/024",
        ] {
            assert!(WrittenNetwork::parse(wrong).is_err(), "{wrong}");
        }
    }
}
