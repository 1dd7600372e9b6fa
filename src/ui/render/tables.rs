//! Tables without frames: columns stand beside each other, and a pipe gets them as wide as they are.

use comfy_table::{ContentArrangement, Table, presets};

use crate::model::comment_text::escaped;
use crate::ui::text::{FAINT, styled};

/// A table with a heading; cells are escaped here.
pub fn table(heading: &[&str], rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table
        .load_preset(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(heading.iter().map(|title| (*title).to_owned()));
    for row in rows {
        table.add_row(row.iter().map(|cell| escaped(cell)));
    }
    let drawn = table.to_string();
    let mut lines = drawn.lines().map(str::trim_end);
    let first = lines.next().map(|line| styled(FAINT, line)).unwrap_or_default();
    let rest = lines.map(str::to_owned);
    std::iter::once(first).chain(rest).collect::<Vec<_>>().join("\n")
}
