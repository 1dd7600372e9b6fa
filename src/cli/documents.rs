//! Prints what a command answers: one document a host, and the exit code that they come to together.

use crate::document::{Document, worst};
use crate::ui::Output;

/// Prints the documents and returns the exit code.
pub fn print(output: &Output, command: &str, documents: Vec<Document>) -> u8 {
    let code = worst(documents.iter().map(|document| document.exit_code));
    output.documents(command, documents);
    code
}
