//! The page's tables.

use super::markup::Markup;

/// A cell of a table.
pub struct Cell {
    text: String,
    is_number: bool,
}

/// A cell of text.
pub fn cell(text: &str) -> Cell {
    Cell {
        text: text.to_owned(),
        is_number: false,
    }
}

/// A cell with a number.
pub fn number(number: u64) -> Cell {
    Cell {
        text: number.to_string(),
        is_number: true,
    }
}

/// A table that a narrow screen scrolls.
pub fn table(caption: &str, heading: &[&str], rows: Vec<Vec<Cell>>) -> Markup {
    let is_number = |place: usize| {
        rows.first()
            .and_then(|row| row.get(place))
            .is_some_and(|cell| cell.is_number)
    };
    let titles = heading.iter().enumerate().map(|(place, title)| match is_number(place) {
        true => Markup::element("th", &[("scope", "col"), ("class", "n")], *title),
        false => Markup::element("th", &[("scope", "col")], *title),
    });
    let head = Markup::element("thead", &[], Markup::element("tr", &[], titles.collect::<Markup>()));
    let of_cell = |(place, cell): (usize, Cell)| match (place, cell.is_number) {
        (0, _) => Markup::element("th", &[("scope", "row")], cell.text),
        (_, true) => Markup::element("td", &[("class", "n")], cell.text),
        (_, false) => Markup::element("td", &[], cell.text),
    };
    let rows = rows.into_iter().map(|row| {
        let cells = row.into_iter().enumerate().map(of_cell);
        Markup::element("tr", &[], cells.collect::<Markup>())
    });
    let body = Markup::element("tbody", &[], rows.collect::<Markup>());
    let caption_shown = Markup::element("caption", &[], caption);
    let label = format!("Table: {caption}");
    Markup::element(
        "div",
        &[
            ("class", "scroll"),
            ("tabindex", "0"),
            ("role", "region"),
            ("aria-label", &label),
        ],
        Markup::element("table", &[], vec![caption_shown, head, body]),
    )
}

/// `2026-11-27 06:00` of a moment: its minutes, without the zone.
pub fn short(moment: &str) -> String {
    moment
        .chars()
        .take(16)
        .map(|letter| if letter == 'T' { ' ' } else { letter })
        .collect()
}
