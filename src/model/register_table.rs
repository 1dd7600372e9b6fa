//! The register of customers as a table for other programs: CSV with a heading, or JSON.
//!
//! CSV columns are `network`, `customer`, `note` and one for each metadata key; what is read is checked as strictly as
//! what an operator types, all of it before any of it is used, and every fault is reported with its line.

use std::collections::BTreeMap;

use super::comment_text::{CommentText, escaped};
use super::jail_local::{Metadata, Registration};
use super::network::Network;

/// Columns that a table begins with.
const COLUMNS: [&str; 3] = ["network", "customer", "note"];
/// Metadata columns in the order in which this tool writes the pairs.
const USUAL_KEYS: [&str; 5] = ["by", "on", "ticket", "review", "expires"];
/// The most rows that are read: more is not a whitelist.
pub const MOST_ROWS: usize = 5000;

/// One row with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableRow {
    /// Its line in the file (CSV), or its number in the list (JSON); from 1.
    pub line: usize,
    /// The network as written, because it may have host bits that have to be reported.
    pub network: String,
    /// The customer's name.
    pub customer: CommentText,
    /// What else there is to say.
    pub note: Option<CommentText>,
    /// The pairs that the row gives.
    pub metadata: Metadata,
}

/// Why a table cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// It is not JSON of the right shape.
    #[error("it is not a JSON list of entries with `network` and `customer`: {0}")]
    Json(String),
    /// The heading lacks a column.
    #[error("its first line names no column `{0}`; the first line has to be `network,customer,note,...`")]
    NoColumn(&'static str),
    /// The heading has a column twice, or one that can be no metadata key.
    #[error("its first line has a column `{0}` that cannot be one")]
    BadColumn(String),
    /// There is nothing in it.
    #[error("it has no entries")]
    Empty,
    /// More than [`MOST_ROWS`].
    #[error("it has more than {MOST_ROWS} entries")]
    TooLong,
    /// Faults of rows, each with its place.
    #[error("{}", .0.join("\n"))]
    Rows(Vec<String>),
}

/// Writes a table with a heading; fields with commas, quotes or line ends are quoted (RFC 4180, with `\n`).
pub fn to_csv(registrations: &[Registration]) -> String {
    let mut keys: Vec<&str> = USUAL_KEYS.to_vec();
    for (key, _) in registrations.iter().flat_map(|line| line.metadata.iter()) {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    let heading: Vec<&str> = COLUMNS.iter().copied().chain(keys.iter().copied()).collect();
    let mut table = csv::Writer::from_writer(Vec::new());
    let mut rows = vec![heading.into_iter().map(str::to_owned).collect::<Vec<String>>()];
    for line in registrations {
        let note = line.note.as_ref().map_or("", CommentText::as_str);
        let first = [line.network.to_string(), line.customer.to_string(), note.to_owned()];
        let pairs = keys
            .iter()
            .map(|key| line.metadata.get(key).unwrap_or_default().to_owned());
        rows.push(first.into_iter().chain(pairs).collect());
    }
    // Writing to memory does not fail, and texts stay UTF-8.
    for row in rows {
        let _ = table.write_record(row);
    }
    String::from_utf8(table.into_inner().unwrap_or_default()).unwrap_or_default()
}

/// Writes a JSON list, one entry an object, indented.
pub fn to_json(registrations: &[Registration]) -> String {
    // Registrations are texts and maps of texts, which serialize without fail.
    serde_json::to_string_pretty(registrations).unwrap_or_default() + "\n"
}

/// Reads a table: JSON if it begins with `[` or `{`, else CSV.
///
/// # Errors
/// [`TableError`]; of rows all faults at once.
pub fn read(text: &str) -> Result<Vec<TableRow>, TableError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let rows = match text.trim_start().chars().next() {
        None => return Err(TableError::Empty),
        Some('[' | '{') => from_json(text)?,
        Some(_) => from_csv(text)?,
    };
    match rows.len() {
        0 => Err(TableError::Empty),
        1..=MOST_ROWS => checked(rows),
        _ => Err(TableError::TooLong),
    }
}

/// One row as it is written, unchecked.
struct RawRow {
    line: usize,
    place: &'static str,
    fields: BTreeMap<String, String>,
    order: Vec<String>,
}

fn from_json(text: &str) -> Result<Vec<RawRow>, TableError> {
    let value: serde_json::Value = serde_json::from_str(text).map_err(|error| TableError::Json(error.to_string()))?;
    // The document of `whitelist export --json` holds the list under this key.
    let list = value.get("registrations").unwrap_or(&value);
    let items = list
        .as_array()
        .ok_or_else(|| TableError::Json("it is not a list".to_owned()))?;
    let mut rows = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let object = item
            .as_object()
            .ok_or_else(|| TableError::Json(format!("entry {} is not an object", index + 1)))?;
        let mut row = RawRow {
            line: index + 1,
            place: "entry",
            fields: BTreeMap::new(),
            order: Vec::new(),
        };
        for (key, value) in object {
            let pairs = match (key.as_str(), value) {
                ("metadata" | "meta", serde_json::Value::Object(pairs)) => pairs.iter().collect(),
                _ => vec![(key, value)],
            };
            for (key, value) in pairs {
                let text = match value {
                    serde_json::Value::Null => continue,
                    serde_json::Value::String(text) => text.clone(),
                    other => {
                        return Err(TableError::Json(format!(
                            "`{}` of entry {} is {}, and a text was expected",
                            escaped(key),
                            index + 1,
                            escaped(&other.to_string())
                        )));
                    }
                };
                row.fields.insert(key.clone(), text);
                row.order.push(key.clone());
            }
        }
        rows.push(row);
    }
    Ok(rows)
}

fn from_csv(text: &str) -> Result<Vec<RawRow>, TableError> {
    let mut records = records(text)?.into_iter();
    let (_, heading) = records.next().ok_or(TableError::Empty)?;
    let heading: Vec<String> = heading.iter().map(|name| name.trim().to_lowercase()).collect();
    for needed in ["network", "customer"] {
        if !heading.iter().any(|name| name == needed) {
            return Err(TableError::NoColumn(needed));
        }
    }
    for (index, name) in heading.iter().enumerate() {
        let earlier = heading.get(..index).unwrap_or_default();
        if earlier.contains(name) || super::comment_text::check_metadata_key(name).is_err() {
            return Err(TableError::BadColumn(escaped(name)));
        }
    }
    let mut rows = Vec::new();
    let mut faults = Vec::new();
    for (line, fields) in records {
        if fields.len() == 1 && fields.iter().all(|field| field.trim().is_empty()) {
            continue;
        }
        if fields.len() != heading.len() {
            let (found, wanted) = (fields.len(), heading.len());
            faults.push(format!(
                "line {line}: it has {found} fields and the first line has {wanted}"
            ));
            continue;
        }
        rows.push(RawRow {
            line,
            place: "line",
            fields: heading.iter().cloned().zip(fields).collect(),
            order: heading.clone(),
        });
    }
    if faults.is_empty() {
        Ok(rows)
    } else {
        Err(TableError::Rows(faults))
    }
}

/// Fields by record, each with the line that it begins in. A quotation mark that nothing closes makes one field of the rest,
/// whose line ends are then refused.
fn records(text: &str) -> Result<Vec<(usize, Vec<String>)>, TableError> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut found = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| TableError::Rows(vec![error.to_string()]))?;
        let fields = record.iter().map(str::to_owned).collect();
        found.push((line_of(text, record.position()), fields));
    }
    Ok(found)
}

/// The line that a record begins in, from 1; the reader's own place is that of the blank lines before it.
fn line_of(text: &str, position: Option<&csv::Position>) -> usize {
    let number = |value: u64| usize::try_from(value).unwrap_or_default();
    let (line, begin) = position.map_or((1, 0), |place| (number(place.line()), number(place.byte())));
    let rest = text.get(begin..).unwrap_or_default();
    let blank = rest.bytes().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    line + blank.filter(|byte| *byte == b'\n').count()
}

fn checked(rows: Vec<RawRow>) -> Result<Vec<TableRow>, TableError> {
    let mut good: Vec<TableRow> = Vec::new();
    let mut faults = Vec::new();
    let mut seen: BTreeMap<Network, usize> = BTreeMap::new();
    for row in rows {
        let place = format!("{} {}", row.place, row.line);
        match checked_row(&row) {
            Ok((network, row)) => {
                if let Some(earlier) = seen.insert(network, row.line) {
                    faults.push(format!(
                        "{place}: {network} is there already (the one of number {earlier})"
                    ));
                }
                good.push(row);
            }
            Err(fault) => faults.push(format!("{place}: {fault}")),
        }
    }
    if faults.is_empty() {
        Ok(good)
    } else {
        Err(TableError::Rows(faults))
    }
}

fn checked_row(row: &RawRow) -> Result<(Network, TableRow), String> {
    let field = |name: &str| {
        row.fields
            .get(name)
            .map(|text| text.trim())
            .filter(|text| !text.is_empty())
    };
    let typed = field("network").ok_or("it names no network")?;
    let network = Network::parse(typed).map_err(|error| error.to_string())?.network;
    let customer = field("customer").ok_or_else(|| format!("{network} has no customer"))?;
    let text = |text: &str| CommentText::new(text).map_err(|error| error.to_string());
    let mut metadata = Metadata::new();
    for key in row.order.iter().filter(|key| !COLUMNS.contains(&key.as_str())) {
        if let Some(value) = field(key) {
            metadata
                .set(key, value)
                .map_err(|error| format!("{}: {error}", escaped(key)))?;
        }
    }
    for key in ["review", "expires"] {
        if let Some(day) = metadata.get(key)
            && day.parse::<chrono::NaiveDate>().is_err()
        {
            return Err(format!("{key}: `{}` is not a valid date; use YYYY-MM-DD", escaped(day)));
        }
    }
    let found = TableRow {
        line: row.line,
        network: typed.to_owned(),
        customer: text(customer)?,
        note: field("note").map(text).transpose()?,
        metadata,
    };
    Ok((network, found))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registration(network: &str, customer: &str, note: Option<&str>, pairs: &[(&str, &str)]) -> Registration {
        let mut metadata = Metadata::new();
        for (key, value) in pairs {
            metadata.set(key, value).unwrap();
        }
        Registration {
            network: Network::parse(network).unwrap().network,
            customer: CommentText::new(customer).unwrap(),
            note: note.map(|note| CommentText::new(note).unwrap()),
            metadata,
        }
    }

    fn samples() -> Vec<Registration> {
        vec![
            registration(
                "203.0.113.0/28",
                "Lotus, \"Blue\" & Co",
                Some("uplink"),
                &[("by", "ravi"), ("site", "x")],
            ),
            registration("2001:db8::/48", "होटल नील", None, &[("expires", "2027-01-01")]),
        ]
    }

    fn back(rows: &[TableRow]) -> Vec<Registration> {
        let registration = |row: &TableRow| Registration {
            network: Network::parse(&row.network).unwrap().network,
            customer: row.customer.clone(),
            note: row.note.clone(),
            metadata: row.metadata.clone(),
        };
        rows.iter().map(registration).collect()
    }

    fn fault(text: &str) -> String {
        read(text).unwrap_err().to_string()
    }

    #[test]
    fn csv_and_json_read_back() {
        let csv = to_csv(&samples());
        assert_eq!(
            csv.lines().next(),
            Some("network,customer,note,by,on,ticket,review,expires,site")
        );
        assert_eq!(back(&read(&csv).unwrap()), samples());
        assert_eq!(back(&read(&csv.replace('\n', "\r\n")).unwrap()), samples());
        assert_eq!(back(&read(&to_json(&samples())).unwrap()), samples());
        let document = format!("{{\"schema\": 1, \"registrations\": {}}}", to_json(&samples()));
        assert_eq!(back(&read(&document).unwrap()), samples());
    }

    #[test]
    fn every_fault_is_told_with_its_line() {
        let text = "Network,Customer\n203.0.113.0/33,Acme\n203.0.113.0/28,\n\n203.0.113.0/28,A|b\n192.0.2.1,x,y\n";
        assert_eq!(fault(text), "line 6: it has 3 fields and the first line has 2");
        let text = text.replace(",y\n", "\n203.0.113.99/28,C\n203.0.113.96/28,D\n");
        let message = fault(&text);
        let lines: Vec<&str> = message.lines().collect();
        assert_eq!(lines.len(), 4, "{message}");
        assert!(
            lines[0].starts_with("line 2: `203.0.113.0/33` is not a network"),
            "{message}"
        );
        assert_eq!(lines[1], "line 3: 203.0.113.0/28 has no customer");
        assert!(lines[2].starts_with("line 5: the comment text has `|`"), "{message}");
        assert_eq!(
            lines[3],
            "line 8: 203.0.113.96/28 is there already (the one of number 7)"
        );
    }

    #[test]
    fn what_is_no_table_is_refused() {
        assert_eq!(fault(""), "it has no entries");
        assert_eq!(fault("network,customer\n"), "it has no entries");
        assert!(fault("customer\nx\n").contains("no column `network`"));
        assert!(fault("network,customer,customer\n").contains("`customer`"));
        assert!(fault("network,customer,A b\n").contains("`a b`"));
        assert_eq!(
            fault("network,customer\n\"a,b\n"),
            "line 2: it has 1 fields and the first line has 2"
        );
        assert!(fault("[1]").contains("not an object"));
        assert!(fault("{\"a\": 1}").contains("not a list"));
        assert!(fault("[{\"network\": 7}]").contains("a text was expected"));
        assert!(fault("network,customer,expires\n192.0.2.1,x,soon\n").contains("is not a valid date"));
    }
}
