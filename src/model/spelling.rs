//! "Did you mean": the nearest of a few known words.

/// The known word nearest to `given`, if it is near enough to have been meant: at most a third
/// of its characters (and at least one) inserted, left out, exchanged or swapped.
pub fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let given: Vec<char> = given.to_lowercase().chars().collect();
    let tolerance = (given.len() / 3).max(1);
    known
        .into_iter()
        .map(|word| (distance(&given, &word.to_lowercase().chars().collect::<Vec<_>>()), word))
        .filter(|(steps, _)| *steps <= tolerance)
        .min_by_key(|(steps, _)| *steps)
        .map(|(_, word)| word.to_owned())
}

/// Damerau's distance with adjacent swaps, over three rows of the matrix.
fn distance(left: &[char], right: &[char]) -> usize {
    let mut older: Vec<usize> = Vec::new();
    let mut old: Vec<usize> = (0..=right.len()).collect();
    let mut before_left = None;
    for (row, &from) in left.iter().enumerate() {
        let mut new = vec![row + 1];
        let mut before_right = None;
        for (column, &to) in right.iter().enumerate() {
            let at = |cells: &[usize], index: usize| cells.get(index).copied().unwrap_or(usize::MAX / 2);
            let mut best = (at(&old, column) + usize::from(from != to))
                .min(at(&old, column + 1) + 1)
                .min(at(&new, column) + 1);
            if before_left == Some(to) && before_right == Some(from) {
                best = best.min(at(&older, column.saturating_sub(1)) + 1);
            }
            new.push(best);
            before_right = Some(to);
        }
        older = std::mem::replace(&mut old, new);
        before_left = Some(from);
    }
    old.last().copied().unwrap_or(left.len())
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

    #[test]
    fn a_swap_is_one_step() {
        let letters = |text: &str| text.chars().collect::<Vec<_>>();
        assert_eq!(distance(&letters("ab"), &letters("ba")), 1);
        assert_eq!(distance(&letters("prdo"), &letters("prod")), 1);
        assert_eq!(distance(&letters(""), &letters("abc")), 3);
        assert_eq!(distance(&letters("kitten"), &letters("sitting")), 3);
    }
}
