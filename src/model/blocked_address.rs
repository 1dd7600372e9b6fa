//! An address or a network as fail2ban and the packet filter list it: the text as it was shown, parsed once where it
//! enters.

use serde::{Deserialize, Serialize};

use super::network::Network;

/// One line of such a list. What is neither an address nor a network is kept as its text and is in no network.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct BlockedAddress {
    text: String,
    network: Option<Network>,
}

impl BlockedAddress {
    /// The text as it was shown.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The network that it stands for, if it is one.
    pub fn network(&self) -> Option<Network> {
        self.network
    }

    /// Whether it is in a network; a network counts if it is wholly inside.
    pub fn is_within(&self, network: &Network) -> bool {
        self.network.is_some_and(|own| network.covers(&own))
    }
}

impl From<String> for BlockedAddress {
    fn from(text: String) -> Self {
        let network = Network::parse(&text).ok().map(|parsed| parsed.network);
        Self { text, network }
    }
}

impl From<BlockedAddress> for String {
    fn from(address: BlockedAddress) -> Self {
        address.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stays_as_it_was_shown_and_lies_in_a_network_if_it_is_one() {
        let network = Network::parse("192.0.2.0/28").expect("a network").network;
        let shown = |text: &str| BlockedAddress::from(text.to_owned());
        for inside in ["192.0.2.1", "192.0.2.0/28", "192.0.2.4/30"] {
            assert!(shown(inside).is_within(&network), "{inside}");
        }
        for outside in ["192.0.2.16", "192.0.2.0/24", "pbx.example", ""] {
            assert!(!shown(outside).is_within(&network), "{outside}");
            assert_eq!(shown(outside).as_str(), outside);
        }
        let json = serde_json::to_string(&shown("192.0.2.1/32")).expect("JSON");
        assert_eq!(json, "\"192.0.2.1/32\"");
    }
}
