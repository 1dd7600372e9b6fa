//! Durations for findtime, bantime, temporary entries and `--since`: a closed grammar, written out as digits.
//!
//! fail2ban hands duration texts to Python's `eval` inside its root daemon, so nothing but this grammar is taken from an
//! operator and nothing but digits is written. What hand-written files hold is read elsewhere (`jail_local::suspects`).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::comment_text::escaped;

/// The longest timespan: ten years of 365 days, in seconds. Longer ones are typing errors, not policies.
pub const LONGEST_SECONDS: u64 = 3650 * 86_400;

const CURE: &str = "write one whole number with at most one unit, such as 600, 45s, 10m, 1h, 1d or 2w";

/// Why a text is no timespan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimespanError {
    /// Nothing was given.
    #[error("no duration was given; {CURE}")]
    Empty,
    /// Outside of the grammar.
    #[error("`{input}` is not a duration; {CURE}")]
    NotInGrammar {
        /// What was given, in a form that is safe to print.
        input: String,
    },
    /// A number without a unit, where seconds are not what everybody means.
    #[error("`{input}` has no unit; write {input}s, {input}m, {input}h or {input}d")]
    NoUnit {
        /// What was given.
        input: String,
    },
    /// Zero is no span.
    #[error("`{input}` is zero; {CURE}")]
    Zero {
        /// What was given.
        input: String,
    },
    /// More than [`LONGEST_SECONDS`].
    #[error("`{input}` is longer than ten years; {CURE}")]
    TooLong {
        /// What was given.
        input: String,
    },
}

/// A span of time in whole seconds: 1 to [`LONGEST_SECONDS`]. JSON form: the number of seconds.
///
/// `Display` is for people and picks the largest unit that divides the span, but stays with hours up to 47 h and never
/// uses weeks: `45 s`, `10 min`, `24 h`, `14 d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct Timespan(u64);

impl Timespan {
    /// Reads `600`, `45s`, `10m`, `1h`, `1d` or `2w`: one number, at most one unit, nothing else.
    ///
    /// # Errors
    /// [`TimespanError`] for anything else, zero and more than ten years included.
    pub fn parse(text: &str) -> Result<Self, TimespanError> {
        if text.is_empty() {
            return Err(TimespanError::Empty);
        }
        let refused = || TimespanError::NotInGrammar { input: escaped(text) };
        let (digits, factor) = split_unit(text);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(refused());
        }
        let too_long = || TimespanError::TooLong { input: text.to_owned() };
        let number: u64 = digits.parse().map_err(|_| too_long())?;
        let seconds = number.checked_mul(factor).ok_or_else(too_long)?;
        Self::from_seconds(seconds)
    }

    /// The same where people mean minutes as easily as seconds: a number without a unit is refused.
    ///
    /// # Errors
    /// As [`Timespan::parse`], and [`TimespanError::NoUnit`].
    pub fn parse_with_unit(text: &str) -> Result<Self, TimespanError> {
        match text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty() {
            true => Err(TimespanError::NoUnit { input: text.to_owned() }),
            false => Self::parse(text),
        }
    }

    /// Takes a number of seconds.
    ///
    /// # Errors
    /// [`TimespanError::Zero`] and [`TimespanError::TooLong`].
    pub fn from_seconds(seconds: u64) -> Result<Self, TimespanError> {
        let input = seconds.to_string();
        match seconds {
            0 => Err(TimespanError::Zero { input }),
            1..=LONGEST_SECONDS => Ok(Self(seconds)),
            _ => Err(TimespanError::TooLong { input }),
        }
    }

    /// The span in seconds.
    pub fn seconds(self) -> u64 {
        self.0
    }

    /// The form that goes into a file or to fail2ban: the seconds as digits.
    pub fn digits(self) -> String {
        self.0.to_string()
    }
}

fn split_unit(text: &str) -> (&str, u64) {
    for (unit, factor) in [('s', 1), ('m', 60), ('h', 3600), ('d', 86_400), ('w', 604_800)] {
        if let Some(digits) = text.strip_suffix(unit) {
            return (digits, factor);
        }
    }
    (text, 1)
}

impl fmt::Display for Timespan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0;
        if seconds >= 2 * 86_400 && seconds.is_multiple_of(86_400) {
            write!(formatter, "{} d", seconds / 86_400)
        } else if seconds.is_multiple_of(3600) {
            write!(formatter, "{} h", seconds / 3600)
        } else if seconds.is_multiple_of(60) {
            write!(formatter, "{} min", seconds / 60)
        } else {
            write!(formatter, "{seconds} s")
        }
    }
}

impl TryFrom<u64> for Timespan {
    type Error = TimespanError;

    fn try_from(seconds: u64) -> Result<Self, TimespanError> {
        Self::from_seconds(seconds)
    }
}

impl From<Timespan> for u64 {
    fn from(span: Timespan) -> Self {
        span.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_number_without_a_unit_may_be_refused() {
        assert_eq!(Timespan::parse_with_unit("12m"), Timespan::from_seconds(720));
        let refused = Timespan::parse_with_unit("12").map_err(|error| error.to_string());
        assert_eq!(refused, Err("`12` has no unit; write 12s, 12m, 12h or 12d".to_owned()));
        assert_eq!(Timespan::parse_with_unit(""), Err(TimespanError::Empty));
    }

    #[test]
    fn the_grammar_of_the_contract() {
        for (text, seconds, shown) in [
            ("600", 600, "10 min"),
            ("45s", 45, "45 s"),
            ("10m", 600, "10 min"),
            ("1h", 3600, "1 h"),
            ("90m", 5400, "90 min"),
            ("1d", 86_400, "24 h"),
            ("2d", 172_800, "2 d"),
            ("2w", 1_209_600, "14 d"),
            ("3650d", LONGEST_SECONDS, "3650 d"),
            ("007", 7, "7 s"),
        ] {
            let span = Timespan::parse(text).unwrap();
            assert_eq!((span.seconds(), span.to_string().as_str()), (seconds, shown));
            assert_eq!(span.digits(), seconds.to_string());
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for text in [
            "",
            " 600",
            "600 ",
            "1 h",
            "-1",
            "+1",
            "1.5h",
            "1h30m",
            "1d 12h",
            "h",
            "10M",
            "1hour",
            "٣",
            "1e3",
            "0x10",
            "0",
            "0s",
            "3651d",
            "99999999999999999999",
            "99999999999999999999w",
            "600\n",
            "__import__('os')",
        ] {
            assert!(Timespan::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn the_refusal_says_why_and_what_to_do() {
        assert_eq!(
            Timespan::parse("1d 12h").unwrap_err().to_string(),
            "`1d 12h` is not a duration; write one whole number with at most one unit, such as 600, 45s, 10m, 1h, 1d or 2w"
        );
    }

    #[test]
    fn json_is_the_number_of_seconds() {
        let span: Timespan = serde_json::from_str("3600").unwrap();
        assert_eq!(serde_json::to_string(&span).unwrap(), "3600");
        assert!(serde_json::from_str::<Timespan>("0").is_err());
    }

    proptest! {
        #[test]
        fn digits_read_back(seconds in 1..=LONGEST_SECONDS) {
            let span = Timespan::from_seconds(seconds).unwrap();
            prop_assert_eq!(Timespan::parse(&span.digits()), Ok(span));
        }

        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = Timespan::parse(&text);
        }
    }
}
