//! "Did you mean": the nearest of a few known words.

use strsim::osa_distance;

/// The known word nearest to `given`, if it is near enough to have been meant: at most a third
/// of its characters (and at least one) inserted, left out, exchanged or swapped.
pub fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let given = given.to_lowercase();
    let tolerance = (given.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|word| (osa_distance(&given, &word.to_lowercase()), word))
        .filter(|(steps, _)| *steps <= tolerance)
        .min_by_key(|(steps, _)| *steps)
        .map(|(_, word)| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_slips_of_the_finger_and_leaves_strangers_alone() {
        let known = ["address", "identity", "known_hosts"];
        assert_eq!(nearest("adress", known).as_deref(), Some("address"));
        assert_eq!(nearest("idnetity", known).as_deref(), Some("identity"));
        assert_eq!(nearest("Known_Host", known).as_deref(), Some("known_hosts"));
        assert_eq!(nearest("colour", known), None);
        assert_eq!(nearest("", known), None);
    }
}
