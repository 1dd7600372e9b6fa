//! Names some of many: a sentence with ten thousand addresses in it is read by nobody.

/// How many are named.
pub const NAMED: usize = 10;

/// The first ten of a list, and how many more there are: `a, b, c and 1,490 more`.
pub fn some<T: AsRef<str>>(items: &[T]) -> String {
    let named: Vec<&str> = items.iter().take(NAMED).map(AsRef::as_ref).collect();
    let named = named.join(", ");
    match items.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} and {} more", grouped(more)),
    }
}

/// A number with a comma before each three digits.
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_are_named_and_the_rest_is_counted() {
        let many: Vec<String> = (0..1500).map(|number| format!("a{number}")).collect();
        let first: Vec<&str> = many.iter().take(10).map(String::as_str).collect();
        assert_eq!(some(&first), first.join(", "));
        assert_eq!(some(&many), format!("{} and 1,490 more", first.join(", ")));
        assert_eq!(some::<&str>(&[]), "");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(grouped(999), "999");
    }
}
