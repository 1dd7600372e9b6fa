//! Networks and addresses, as arguments.

use crate::model::network::Network;

/// Reads one.
///
/// # Errors
/// What is wrong with the text.
pub fn network(text: &str) -> Result<Network, String> {
    let parsed = Network::parse(text).map_err(|error| error.to_string())?;
    Ok(parsed.network)
}

/// The networks of a list as people write it, with commas or blanks between them, each as it was typed.
pub fn separated(typed: &[String]) -> Vec<String> {
    let words = typed.iter().flat_map(|word| word.split([',', ' ', '\t']));
    let networks: Vec<String> = words.filter(|word| !word.is_empty()).map(str::to_owned).collect();
    // Whoever typed nothing but separators is shown what he typed.
    if networks.is_empty() { typed.to_vec() } else { networks }
}

#[cfg(test)]
mod tests {
    use super::separated;

    #[test]
    fn commas_and_blanks_separate_networks() {
        let typed = |words: &[&str]| separated(&words.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(typed(&["192.0.2.1,192.0.2.2"]), ["192.0.2.1", "192.0.2.2"]);
        assert_eq!(typed(&["192.0.2.1,", "192.0.2.2"]), ["192.0.2.1", "192.0.2.2"]);
        assert_eq!(typed(&["192.0.2.1, 192.0.2.2"]), ["192.0.2.1", "192.0.2.2"]);
        assert_eq!(typed(&[","]), [","]);
        assert!(typed(&[]).is_empty());
    }
}
