//! How Python's `str` sees characters, where that differs from Rust: white space and small letters.

/// Python's `str.isspace` for one character. Rust's `char::is_whitespace` lacks U+001C to U+001F.
pub(super) fn is_space(character: char) -> bool {
    character.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&character)
}

/// Python's `str.strip()`.
pub(super) fn strip(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// Python's `str.rstrip()`.
pub(super) fn strip_end(text: &str) -> &str {
    text.trim_end_matches(is_space)
}

/// The white space that `text` begins with.
pub(super) fn indentation(text: &str) -> &str {
    let rest = text.trim_start_matches(is_space);
    text.strip_suffix(rest).unwrap_or_default()
}

/// configparser's `optionxform`: `str.lower()`. Both follow Unicode's full mapping, the final sigma included.
pub(super) fn option_name(text: &str) -> String {
    text.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pythons_white_space() {
        for space in "\t\n\u{b}\u{c}\r\u{1c}\u{1d}\u{1e}\u{1f} \u{85}\u{a0}\u{1680}\u{2000}\u{200a}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}"
            .chars()
        {
            assert!(is_space(space), "{space:?}");
        }
        for other in "a\0\u{1b}\u{180e}\u{200b}\u{feff};#".chars() {
            assert!(!is_space(other), "{other:?}");
        }
    }

    #[test]
    fn stripping_and_indentation() {
        assert_eq!(strip("\u{1f} a b\u{a0}"), "a b");
        assert_eq!(strip_end(" a\t"), " a");
        assert_eq!(indentation(" \t\u{a0}a b"), " \t\u{a0}");
        assert_eq!(indentation("   "), "   ");
        assert_eq!(indentation(""), "");
    }
}
