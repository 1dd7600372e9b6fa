//! The agent's modules without what only a reader needs: comments and docstrings, which are half of their size, and three of
//! each four blanks at the beginning of a line.
//!
//! Lines keep their numbers, so that a fault's place is the same here and there. The rule knows only the forms that
//! these modules have and leaves alone whatever it is not certain of; a test compares what Python makes of both texts.

/// What stands for a docstring: a string as it was one, so that a body of nothing else stays a body.
const EMPTY: &str = "\"\"";
/// What opens and closes a string over several lines in the agent's modules.
const TRIPLE: &str = "\"\"\"";

/// A module's text as it is sent.
pub(super) fn stripped(text: &str) -> String {
    let mut sent = String::with_capacity(text.len());
    let mut lines = text.lines().peekable();
    let mut may_document = true;
    while let Some(line) = lines.next() {
        let code = line.trim();
        if may_document && code.starts_with(TRIPLE) {
            may_document = false;
            let further = lines_until_the_end(code, lines.clone());
            if let Some(further) = further {
                sent.push_str(indent_of(line));
                sent.push_str(EMPTY);
                sent.push('\n');
                for _ in 0..further {
                    lines.next();
                    sent.push('\n');
                }
                continue;
            }
        }
        if !code.starts_with('#') {
            sent.push_str(indent_of(line));
            sent.push_str(without_remark(line.trim_start()));
        }
        sent.push('\n');
        if code.matches(TRIPLE).count() % 2 == 1 {
            copy_string(&mut lines, &mut sent);
        }
        if !code.is_empty() && !code.starts_with('#') {
            may_document = opens_a_body(code);
        }
    }
    sent
}

/// One blank for each four that a line begins with: blocks are four deep, and within brackets Python does not look.
fn indent_of(line: &str) -> &str {
    let blanks = line.len() - line.trim_start_matches(' ').len();
    line.get(..blanks / 4).unwrap_or_default()
}

/// A line without the comment behind its code; one that may stand within a string, which its quotes would end, stays.
fn without_remark(line: &str) -> &str {
    let Some((code, remark)) = line.rsplit_once("  # ") else {
        return line;
    };
    let may_end_a_string = |quote: char| remark.contains(quote) && (quote == '"' || code.contains(quote));
    match may_end_a_string('"') || may_end_a_string('\'') {
        true => line,
        false => code.trim_end(),
    }
}

/// Whether a line ends the head of a function or class, behind which a docstring may stand.
fn opens_a_body(code: &str) -> bool {
    let begins = code.starts_with("def ") || code.starts_with("class ");
    code.ends_with("):") || (begins && code.ends_with(':'))
}

/// How many further lines a docstring has; none is known where something other than its end follows.
fn lines_until_the_end<'text>(code: &'text str, following: impl Iterator<Item = &'text str>) -> Option<usize> {
    let first = code.strip_prefix(TRIPLE)?;
    for (further, line) in std::iter::once(first).chain(following).enumerate() {
        if line.contains(TRIPLE) {
            let alone = line.trim_end().ends_with(TRIPLE) && line.matches(TRIPLE).count() == 1;
            return alone.then_some(further);
        }
    }
    None
}

/// Copies a string that is no docstring up to the line that closes it.
fn copy_string<'text>(lines: &mut impl Iterator<Item = &'text str>, sent: &mut String) {
    for line in lines {
        sent.push_str(line);
        sent.push('\n');
        if line.matches(TRIPLE).count() % 2 == 1 {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    use super::super::source;
    use super::*;

    /// Both texts as trees, with the line of every node, and without docstrings.
    const COMPARE: &str = r#"
import ast, json, sys
def tree(text):
    found = ast.parse(text)
    for node in ast.walk(found):
        for place in ("col_offset", "end_col_offset"):
            if hasattr(node, place):
                setattr(node, place, 0)  # a sent line begins with fewer blanks
        body = getattr(node, "body", None)
        documented = isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
        if documented and body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, (ast.Constant, getattr(ast, "Str", ast.Constant))):
            if isinstance(ast.literal_eval(body[0].value), str):
                body.pop(0)
        if documented and not isinstance(node, ast.Module):
            node.end_lineno, node.end_col_offset = 0, 0  # a body that is nothing but a docstring ends elsewhere
    return ast.dump(found, include_attributes=True)
before, after = json.load(sys.stdin)
compile(after, "after", "exec")
sys.exit(0 if tree(before) == tree(after) else 1)
"#;

    fn python_sees_the_same(before: &str, after: &str) -> bool {
        let mut python = Command::new("python3")
            .args(["-W", "ignore", "-c", COMPARE])
            .stdin(Stdio::piped())
            .spawn()
            .expect("python3");
        let texts = serde_json::json!([before, after]).to_string();
        let mut stdin = python.stdin.take().expect("stdin");
        stdin.write_all(texts.as_bytes()).expect("written");
        drop(stdin);
        python.wait().expect("an end").success()
    }

    #[test]
    fn every_module_means_the_same_without_what_only_a_reader_needs() {
        for (name, text) in source::modules() {
            let sent = stripped(text);
            assert!(python_sees_the_same(text, &sent), "{name}");
            assert_eq!(text.lines().count(), sent.lines().count(), "{name}");
            assert!(sent.len() < text.len(), "{name}");
        }
    }

    #[test]
    fn a_difference_is_seen() {
        assert!(!python_sees_the_same("a = 1\n", "a = 2\n"));
        assert!(!python_sees_the_same("a = 1\n", "\na = 1\n"));
        assert!(!python_sees_the_same("a = '''\n    x'''\n", "a = '''\n x'''\n"));
    }

    #[test]
    fn strings_that_are_no_docstrings_stay() {
        for text in [
            "TEXT = \"\"\"\n# no comment\n\"\"\"\n",
            "def f(a,\n      b):\n    return \"\"\"x\n    # y\n\"\"\"\n",
            "call(\n    \"\"\"an argument\"\"\")\n",
            "def f():\n    \"\"\"not alone\"\"\".strip()\n",
            "a = \"x  # y\"\nb = 'x  # y'\n",
        ] {
            let code = |text: &str| {
                text.replace("\n      b", "\n b")
                    .replace("\n    ret", "\n ret")
                    .replace("\n    \"", "\n \"")
            };
            assert_eq!(stripped(text), code(text));
            assert!(python_sees_the_same(text, &stripped(text)));
        }
    }

    #[test]
    fn comments_and_docstrings_go_and_lines_stay() {
        let text = "\"\"\"Module.\n\nMore.\n\"\"\"\n# why\nclass A(B):\n    \"\"\"One.\"\"\"\n\n    def f(self):\n        \"\"\"Two\n        lines.\"\"\"\n        return 1  # one's own\n";
        let sent = "\"\"\n\n\n\n\nclass A(B):\n \"\"\n\n def f(self):\n  \"\"\n\n  return 1\n";
        assert_eq!(stripped(text), sent);
        assert!(python_sees_the_same(text, sent));
    }
}
