//! One JSON schema for each command's document (docs/schema), derived from the types that are written.
//!
//! Boundary: which command answers with which types stands here; what the types hold stands in `document`.

use std::collections::BTreeSet;

use clap::Command;
use f2bctl::document::{
    Activity, AuditVerdict, BackupDiff, BackupList, BackupText, Change, Completions, Document, Event, Explanation,
    Findings, History, Hosts, LabReport, RecidiveStatus, Regex, Registrations, SCHEMA, Several, Status, Temporary,
    TuneReview, Tuned, UnderWay, WatchEnded, Whitelist, WhitelistCheck, WhitelistReview, Why,
};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::documents_read::path_of;
use super::{files, hold, project};

/// The reference to the schema of a type.
type Reference = fn(&mut SchemaGenerator) -> Value;

fn to<Answer: JsonSchema>(generator: &mut SchemaGenerator) -> Value {
    generator.subschema_for::<Answer>().to_value()
}

/// What a command answers.
fn answers(command: &str) -> &'static [Reference] {
    match command {
        "status" => &[to::<Status>],
        "whitelist list" => &[to::<Whitelist>],
        "whitelist check" => &[to::<WhitelistCheck>],
        "whitelist review" => &[to::<WhitelistReview>],
        "whitelist lint" => &[to::<Findings>, to::<Change>],
        "whitelist export" => &[to::<Registrations>],
        "temp list" => &[to::<Temporary>],
        "backups list" => &[to::<BackupList>],
        "backups show" => &[to::<BackupText>],
        "backups diff" => &[to::<BackupDiff>],
        "tune" => &[to::<Change>, to::<Tuned>, to::<TuneReview>],
        "why" => &[to::<Why>],
        "regex" => &[to::<Regex>],
        "recidive status" => &[to::<RecidiveStatus>],
        "watch" => &[to::<WatchEnded>],
        "doctor" => &[to::<Findings>, to::<Explanation>],
        "history" => &[to::<History>],
        "report" => &[to::<Activity>],
        "audit verify" => &[to::<AuditVerdict>],
        "hosts" => &[to::<Hosts>],
        "completions" => &[to::<Completions>],
        "usage" => &[],
        lab if lab.starts_with("lab ") => &[to::<LabReport>],
        _ => &[to::<Change>],
    }
}

/// Commands that ask no host, or one alone, so that there is one document of them.
fn is_of_one(command: &str) -> bool {
    ["hosts", "completions", "usage"].contains(&command) || command.starts_with("lab ")
}

/// The schema of what a command prints with `--json`.
fn schema(command: &str) -> Value {
    let mut generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let typed = if command == "usage" { "" } else { command };
    // The references first: they put what they lead to among the definitions.
    let (document, several) = (to::<Document>(&mut generator), to::<Several>(&mut generator));
    let mut forms = vec![document.clone()];
    if command == "watch" {
        forms.push(to::<Event>(&mut generator));
    }
    if !is_of_one(command) {
        forms.push(several);
    }
    let mut known: Vec<Value> = answers(command)
        .iter()
        .map(|reference| reference(&mut generator))
        .collect();
    if !is_of_one(command) {
        known.push(to::<UnderWay>(&mut generator));
    }
    known.push(json!({"description": "Why there is no answer.", "required": ["error"]}));
    let mut definitions = generator.take_definitions(true);
    definitions["Document"]["anyOf"] = Value::from(known);
    for form in ["Document", "Several", "Event"] {
        if let Some(form) = definitions.get_mut(form) {
            form["properties"]["schema"]["const"] = SCHEMA.into();
            form["properties"]["command"]["const"] = typed.into();
        }
    }
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": format!("urn:f2bctl:schema:{SCHEMA}:{}", if typed.is_empty() { "usage".to_owned() } else { typed.replace(' ', "-") }),
        "title": if typed.is_empty() { "A usage error".to_owned() } else { format!("f2bctl {typed} --json") },
    });
    match <[Value; 1]>::try_from(forms) {
        Ok([form]) => schema["$ref"] = form["$ref"].clone(),
        Err(forms) => schema["anyOf"] = forms.into(),
    }
    schema["$defs"] = reached(&schema, &definitions).into();
    schema
}

/// The definitions that a schema needs.
fn reached(schema: &Value, definitions: &Map<String, Value>) -> Map<String, Value> {
    let mut found = BTreeSet::new();
    let mut texts = vec![schema.to_string()];
    while let Some(text) = texts.pop() {
        for named in text.split("\"#/$defs/").skip(1) {
            let name = named.split('"').next().expect("an end");
            if found.insert(name.to_owned()) {
                texts.push(definitions[name].to_string());
            }
        }
    }
    let needed = definitions.iter().filter(|(name, _)| found.contains(*name));
    needed.map(|(name, schema)| (name.clone(), schema.clone())).collect()
}

/// The commands as they are typed: those that have none below them.
fn commands(command: &Command, above: &str, found: &mut Vec<String>) {
    for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
        let name = format!("{above} {}", below.get_name()).trim().to_owned();
        match below.has_subcommands() {
            true => commands(below, &name, found),
            false => found.push(name),
        }
    }
}

#[test]
fn the_schemas_are_those_of_the_types() {
    let mut all = vec!["usage".to_owned()];
    commands(&f2bctl::cli::grammar(), "", &mut all);
    let mut expected = BTreeSet::new();
    for command in &all {
        let path = path_of(command);
        let name = path.file_name().expect("a file").to_str().expect("UTF-8").to_owned();
        let text = serde_json::to_string_pretty(&schema(command)).expect("JSON");
        hold(&format!("docs/schema/{name}"), &format!("{text}\n"));
        expected.insert(name);
    }
    let committed: BTreeSet<String> = files(&project("docs/schema")).into_keys().collect();
    assert_eq!(committed, expected, "docs/schema has schemas of commands that are gone");
}
