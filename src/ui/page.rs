//! The page that the human view is written on: as wide as the terminal that shows it, or endless where none does, so
//! that a pipe gets each row and each sentence on one line.
//!
//! Boundary: it breaks prose and tables between words. What is to be copied (a difference, an excerpt of a file, a
//! path, a command) is never broken here.

use std::borrow::Cow;

use chrono::DateTime;
use comfy_table::{ColumnConstraint, ContentArrangement, Table, TableComponent, Width, presets};
use textwrap::core::Word;
use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};

use super::text::{FAINT, left, styled};
use crate::model::comment_text::escaped;

/// Below this many columns nothing is gained by breaking lines between words.
const NARROWEST: usize = 30;
/// The blank columns around a table's cell: one on each side.
const PADDING: usize = 2;
/// The columns of the terminal that tables are made for.
const USUAL: usize = 80;
/// A word of more columns may be broken in a table: no address, jail or time is that long.
const LONG: usize = 20;
/// How many rows of a list are shown where no screen bounds it.
const MOST_ROWS: usize = 100;
/// How few rows of a list are shown on the smallest screen.
const FEWEST_ROWS: usize = 6;
/// How many lines of a screen are for other things than the two lists of a status.
const BESIDES: usize = 22;
/// What is under a table's heading while it is drawn, to find its end; no cell can have it, since cells are escaped.
const RULE: char = '\u{1}';

/// A page, and how much is written on it.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// How many columns it has; none for an endless one.
    width: Option<usize>,
    /// How many lines a screen of it has; none where that is not known.
    height: Option<usize>,
    /// Whether everything is wanted (`--verbose`).
    pub verbose: bool,
    /// Whether as little as possible is wanted (`--quiet`).
    pub quiet: bool,
}

impl Page {
    /// A page without an end of the line, for what no terminal shows.
    pub const ENDLESS: Self = Self {
        width: None,
        height: None,
        verbose: false,
        quiet: false,
    };

    /// The page of a stream: as wide as its terminal, endless if it is none or does not know its width.
    pub fn of(stream: &console::Term, verbose: bool) -> Self {
        let size = stream.size_checked();
        let screen = size.map(|(lines, columns)| Self::of_screen(usize::from(columns), usize::from(lines)));
        Self {
            verbose,
            ..screen.unwrap_or(Self::ENDLESS)
        }
    }

    /// A page of so many columns; endless if they are too few to break lines for.
    pub fn of_columns(columns: usize) -> Self {
        Self {
            width: Some(columns).filter(|columns| *columns >= NARROWEST),
            ..Self::ENDLESS
        }
    }

    /// A page of so many columns on a screen of so many lines.
    pub fn of_screen(columns: usize, lines: usize) -> Self {
        Self {
            height: Some(lines),
            ..Self::of_columns(columns)
        }
    }

    /// The same page with everything written on it.
    pub const fn whole(self) -> Self {
        Self { verbose: true, ..self }
    }

    /// The same page, on which as little as possible is wanted or not.
    pub const fn kept_short(self, quiet: bool) -> Self {
        Self { quiet, ..self }
    }

    /// The same page with no more than so many columns, also where it was endless.
    pub fn at_most(self, columns: usize) -> Self {
        Self {
            width: Some(self.width.unwrap_or(columns).min(columns)),
            ..self
        }
    }

    /// Whether every line of a text fits.
    pub fn fits(&self, text: &str) -> bool {
        let is_in = |width| text.lines().all(|line| console::measure_text_width(line) <= width);
        self.width.is_none_or(is_in)
    }

    /// Prose, broken between words; lines after the first begin `hang` columns from the left. Of a text of several
    /// lines, those that are an excerpt or a difference stay as they are.
    pub fn prose(&self, text: &str, hang: usize) -> String {
        let Some(width) = self.width else {
            return text.to_owned();
        };
        let rest = " ".repeat(hang);
        let mut lines: Vec<Cow<'_, str>> = Vec::new();
        for (number, line) in text.split('\n').enumerate() {
            if number > 0 && line.starts_with([' ', '+', '-', '@', '\\']) {
                lines.push(Cow::Borrowed(line));
                continue;
            }
            let content = line.trim_start_matches(' ');
            let (begin, _) = line.split_at(line.len() - content.len());
            let options = Options::new(width)
                .initial_indent(begin)
                .subsequent_indent(&rest)
                .word_separator(WordSeparator::Custom(words))
                .word_splitter(WordSplitter::NoHyphenation)
                .wrap_algorithm(WrapAlgorithm::FirstFit)
                .break_words(false);
            lines.extend(
                textwrap::wrap(content, options)
                    .into_iter()
                    .map(Cow::into_owned)
                    .map(Cow::Owned),
            );
        }
        lines.join("\n")
    }

    /// A line that is cut at the end of the page; for what is shown for completeness.
    pub fn cut(&self, line: &str) -> String {
        match self.width.filter(|_| !self.verbose) {
            Some(width) => console::truncate_str(line, width, "...").into_owned(),
            None => line.to_owned(),
        }
    }

    /// A moment (RFC 3339): where lines are broken as day, time and zone, so that it is broken between these.
    pub fn moment(&self, text: &str) -> String {
        let parts = text
            .split_once('T')
            .and_then(|(day, rest)| Some((day, rest.split_at_checked(8)?)));
        match (self.width, parts) {
            (Some(_), Some((day, (time, zone)))) => {
                let zone = zone.trim_start_matches(|letter: char| letter == '.' || letter.is_ascii_digit());
                let zone = if matches!(zone, "Z" | "+00:00") { "UTC" } else { zone };
                format!("{day} {time} {zone}")
            }
            _ => text.to_owned(),
        }
    }

    /// How many rows a list may have that shares the screen with one of `beside` rows: its half, and what the other leaves of
    /// its own; `MOST_ROWS` where there is no screen. `whole` is all of it.
    pub fn room(&self, whole: bool, beside: usize) -> usize {
        match (whole, self.height) {
            (true, _) => usize::MAX,
            (false, None) => MOST_ROWS,
            (false, Some(lines)) => {
                let lines = lines.saturating_sub(BESIDES);
                (lines / 2)
                    .max(lines.saturating_sub(beside))
                    .clamp(FEWEST_ROWS, MOST_ROWS)
            }
        }
    }

    /// A moment that has passed, seen from another: `5 min ago` on a terminal, else as [`Self::moment`].
    pub fn ago(&self, text: &str, now: &str) -> String {
        let apart = self.apart(now, text).filter(|seconds| *seconds >= 0);
        apart.map_or_else(|| self.moment(text), |seconds| format!("{} ago", left(seconds)))
    }

    /// A moment that is to come, seen from another: `41 min left` on a terminal, else as [`Self::moment`].
    pub fn left(&self, text: &str, now: &str) -> String {
        self.is_left(text, now).unwrap_or_else(|| self.moment(text))
    }

    /// What is left until a moment, where this page shows it so.
    pub fn is_left(&self, text: &str, now: &str) -> Option<String> {
        let apart = self.apart(text, now).filter(|seconds| *seconds >= 0);
        apart.map(|seconds| format!("{} left", left(seconds)))
    }

    /// How many seconds two moments are apart, on a page for a person at a terminal who does not want all there is.
    fn apart(&self, later: &str, earlier: &str) -> Option<i64> {
        self.width.filter(|_| !self.verbose)?;
        let read = |text| DateTime::parse_from_rfc3339(text).ok();
        Some((read(later)? - read(earlier)?).num_seconds())
    }

    /// A table with a heading and without frames; cells are escaped here. Where it is wider than the page, cells take
    /// several lines; words are broken only where there is no other way. A page that is narrower than usual and too
    /// narrow for the words gets the rows one below the other, each cell after its title.
    pub fn table(&self, heading: &[&str], rows: Vec<Vec<String>>) -> String {
        let cells: Vec<Vec<String>> = std::iter::once(heading.iter().map(|title| (*title).to_owned()).collect())
            .chain(rows.iter().map(|row| row.iter().map(|cell| escaped(cell)).collect()))
            .collect();
        let words: usize = longest_words(&cells).iter().map(|word| PADDING + word.min(&LONG)).sum();
        if self.width.is_some_and(|width| width < USUAL.min(words)) {
            return self.entries(heading, &rows);
        }
        let mut table = Table::new();
        table
            .load_preset(presets::NOTHING)
            .set_style(TableComponent::HeaderLines, RULE);
        let mut given = cells.iter();
        table.set_header(given.next().into_iter().flatten());
        table.add_rows(given);
        table.set_content_arrangement(ContentArrangement::Disabled);
        if let Some(width) = self.width {
            table.set_content_arrangement(ContentArrangement::Dynamic);
            table.set_width(u16::try_from(width).unwrap_or(u16::MAX));
            for (column, least) in least_widths(&cells, width).into_iter().enumerate() {
                if let Some(column) = table.column_mut(column) {
                    let least = u16::try_from(least + PADDING).unwrap_or(u16::MAX);
                    column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(least)));
                }
            }
        }
        headed(&table.to_string())
    }
}

impl Page {
    /// The rows of a table one below the other; cells without content are left out.
    fn entries(&self, heading: &[&str], rows: &[Vec<String>]) -> String {
        let longest = heading.iter().map(|title| title.len()).max().unwrap_or_default();
        let entry = |row: &Vec<String>| {
            let cells = heading.iter().zip(row).filter(|(_, cell)| !cell.is_empty());
            let lines = cells.map(|(title, cell)| {
                let title = styled(FAINT, &format!("{title:<longest$}"));
                self.prose(&format!(" {title}  {}", escaped(cell)), longest + 3)
            });
            lines.collect::<Vec<_>>().join("\n")
        };
        rows.iter().map(entry).collect::<Vec<_>>().join("\n\n")
    }
}

/// The words of a line. What is between backquotes is one: it is a command or a value, to be copied as a whole.
fn words<'line>(line: &'line str) -> Box<dyn Iterator<Item = Word<'line>> + 'line> {
    let paired = line.matches('`').count().is_multiple_of(2);
    let mut quoted = false;
    let ends = move |letter: char| {
        quoted ^= letter == '`' && paired;
        letter == ' ' && !quoted
    };
    Box::new(line.split_inclusive(ends).map(Word::from))
}

/// The longest word of each column.
fn longest_words(rows: &[Vec<String>]) -> Vec<usize> {
    let mut longest: Vec<usize> = Vec::new();
    for row in rows {
        longest.resize(longest.len().max(row.len()), 1);
        for (width, cell) in longest.iter_mut().zip(row) {
            let words = cell.split(' ').map(console::measure_text_width);
            *width = words.max().unwrap_or_default().max(*width);
        }
    }
    longest
}

/// The least width of each column: its longest word, or less where all of these together are wider than the page.
fn least_widths(rows: &[Vec<String>], page: usize) -> Vec<usize> {
    let longest = longest_words(rows);
    let mut share = 0;
    let together =
        |widths: &[usize], most: usize| -> usize { widths.iter().map(|width| PADDING + *width.min(&most)).sum() };
    if together(&longest, usize::MAX) <= page {
        return longest;
    }
    // The narrow columns keep their words whole, and the wide ones share what is left.
    while together(&longest, share + 1) <= page {
        share += 1;
    }
    longest.into_iter().map(|width| width.min(share.max(1))).collect()
}

/// A drawn table with its heading faint, without the rule below that and the blanks at the ends of lines.
fn headed(drawn: &str) -> String {
    let mut in_heading = true;
    let mut lines = Vec::new();
    for line in drawn.lines() {
        if line.contains(RULE) {
            in_heading = false;
            continue;
        }
        let line = line.trim_end();
        lines.push(if in_heading {
            styled(FAINT, line)
        } else {
            line.to_owned()
        });
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn narrow(width: usize) -> Page {
        Page {
            width: Some(width),
            ..Page::ENDLESS
        }
    }

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn prose_is_broken_between_words_and_hangs() {
        let text = "  1. Whitelist 192.0.2.77 in asterisk-auth until later.";
        assert_eq!(
            narrow(32).prose(text, 5),
            "  1. Whitelist 192.0.2.77 in\n     asterisk-auth until later."
        );
        assert_eq!(Page::ENDLESS.prose(text, 5), text);
    }

    #[test]
    fn a_command_in_backquotes_and_an_excerpt_stay_whole() {
        let text = "it is down; `f2bctl start --yes -H lab` starts it";
        assert_eq!(
            narrow(30).prose(text, 2),
            "it is down;\n  `f2bctl start --yes -H lab`\n  starts it"
        );
        let cited =
            "cannot be read:\n  | a line that is longer than the page is wide\n+ and one of a difference that is, too";
        assert_eq!(narrow(30).prose(cited, 2), cited);
        // One that is alone quotes nothing.
        assert!(
            narrow(30)
                .prose("a ` b c d e f g h i j k l m n o p q r", 2)
                .contains('\n')
        );
    }

    #[test]
    fn colour_takes_no_room() {
        let text = format!("{} twenty-two letters here", styled(FAINT, "warning:"));
        assert_eq!(narrow(33).prose(&text, 2).lines().count(), 1);
    }

    #[test]
    fn where_not_even_the_words_fit_each_row_is_an_entry() {
        let heading = ["JAIL", "MAXRETRY", "BANNED EVER", "ENFORCED"];
        let row = |name: &str| {
            vec![
                name.to_owned(),
                "50".to_owned(),
                String::new(),
                "in every jail".to_owned(),
            ]
        };
        let drawn = narrow(32).table(&heading, vec![row("asterisk-scan"), row("sshd")]);
        assert!(narrow(32).fits(&drawn), "{drawn}");
        let entry = |name: &str| format!(" JAIL         {name}\n MAXRETRY     50\n ENFORCED     in every jail");
        assert_eq!(
            plain(&drawn),
            format!("{}\n\n{}", entry("asterisk-scan"), entry("sshd"))
        );
    }

    #[test]
    fn a_table_keeps_to_the_page_and_its_words_whole() {
        let rows = || {
            vec![vec![
                "198.51.100.128/28".to_owned(),
                "Blue Lotus Hotels and Resorts".to_owned(),
                "in every jail".to_owned(),
            ]]
        };
        let heading = ["NETWORK", "CUSTOMER", "IN FORCE"];
        let drawn = narrow(50).table(&heading, rows());
        assert!(narrow(50).fits(&drawn), "{drawn}");
        let drawn = plain(&drawn);
        for word in "198.51.100.128/28 Blue Lotus Hotels Resorts every".split(' ') {
            assert!(drawn.contains(word), "{drawn}");
        }
        assert_eq!(
            plain(&Page::ENDLESS.table(&heading, rows())),
            " NETWORK            CUSTOMER                       IN FORCE\n \
             198.51.100.128/28  Blue Lotus Hotels and Resorts  in every jail"
        );
    }

    #[test]
    fn a_word_wider_than_the_page_is_broken_rather_than_the_narrow_columns() {
        let drawn = narrow(40).table(&["#", "REGEX"], vec![vec!["12".to_owned(), "x".repeat(100)]]);
        assert!(narrow(40).fits(&drawn), "{drawn}");
        assert!(plain(&drawn).contains(" 12  xxx"), "{drawn}");
    }

    #[test]
    fn a_heading_of_two_lines_is_faint_as_a_whole() {
        let rows = vec![vec!["1".to_owned(), "x".repeat(25)]];
        let drawn = narrow(33).table(&["BANNED EVER", "ADDRESS"], rows);
        let faint = drawn
            .lines()
            .filter(|line| line.starts_with(&FAINT.to_string()))
            .count();
        assert_eq!(faint, 2, "{drawn}");
        assert!(!drawn.contains(RULE));
    }

    #[test]
    fn a_moment_is_broken_between_day_time_and_zone_where_lines_are_broken() {
        let text = "2026-11-23T08:29:45+05:30";
        assert_eq!(narrow(80).moment(text), "2026-11-23 08:29:45 +05:30");
        assert_eq!(narrow(80).moment("2026-11-23T08:29:45Z"), "2026-11-23 08:29:45 UTC");
        assert_eq!(Page::ENDLESS.moment(text), text);
        assert_eq!(narrow(80).moment("for ever"), "for ever");
    }

    #[test]
    fn times_are_relative_for_a_person_at_a_terminal_only() {
        let (now, soon) = ("2026-11-23T08:29:45+05:30", "2026-11-23T09:10:45+05:30");
        assert_eq!(narrow(80).left(soon, now), "41 min left");
        assert_eq!(narrow(80).ago(now, soon), "41 min ago");
        assert_eq!(Page::ENDLESS.left(soon, now), soon);
        assert_eq!(narrow(80).whole().left(soon, now), "2026-11-23 09:10:45 +05:30");
        // What has passed is not left, and what is no moment stays as it is.
        assert_eq!(narrow(80).left(now, soon), "2026-11-23 08:29:45 +05:30");
        assert_eq!(narrow(80).left("for ever", now), "for ever");
    }

    #[test]
    fn a_list_has_its_part_of_the_screen() {
        let room = |lines, beside| Page::of_screen(80, lines).room(false, beside);
        assert_eq!(room(40, 100), 9);
        assert_eq!(room(40, 3), 15);
        assert_eq!(room(5, 0), FEWEST_ROWS);
        assert_eq!(room(1000, 0), MOST_ROWS);
        assert_eq!(Page::ENDLESS.room(false, 0), MOST_ROWS);
        assert_eq!(Page::of_screen(80, 24).room(true, 0), usize::MAX);
    }

    #[test]
    fn what_is_told_for_completeness_ends_with_the_page() {
        let line = "x".repeat(60);
        assert_eq!(console::measure_text_width(&narrow(40).cut(&line)), 40);
        assert_eq!(Page::ENDLESS.cut(&line), line);
        assert_eq!(narrow(40).whole().cut(&line), line);
    }
}
