//! The agent's program and the conversation with it: what it may be written in, the unit tests of its modules (below
//! `unit`), and what becomes of answers that are cut short, too large or made up.

mod conversation;

use std::path::PathBuf;
use std::process::Command;

/// Parses each module as Python 3.6 would, and names every import that is neither the standard library's nor its own.
const CHECK: &str = r#"
import ast, sys
bad = []
for path in sys.argv[1:]:
    with open(path, "rb") as file:
        source = file.read()
    tree = ast.parse(source, path, feature_version=(3, 6))
    if ast.get_docstring(tree) is None:
        bad.append("%s does not say what it is for" % path)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names = [node.module]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            top = name.split(".")[0]
            if top != "f2bctl_agent" and top not in sys.stdlib_module_names:
                bad.append("%s:%d imports %s" % (path, node.lineno, name))
print("\n".join(bad))
"#;

fn modules() -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/remote/agent/f2bctl_agent");
    let entries = std::fs::read_dir(folder).expect("the agent's folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths
        .filter(|path| path.extension().is_some_and(|ending| ending == "py"))
        .collect()
}

fn checked(paths: &[PathBuf]) -> (bool, String) {
    let output = Command::new("python3")
        .args(["-I", "-c", CHECK])
        .args(paths)
        .output()
        .expect("python3");
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&said).trim().to_owned(),
    )
}

#[test]
fn every_module_is_python_3_6_and_needs_the_standard_library_alone() {
    let paths = modules();
    assert!(paths.len() > 15, "{paths:?}");
    assert_eq!(checked(&paths), (true, String::new()));
}

#[test]
fn the_modules_pass_their_unit_tests() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/agent/unit");
    let output = Command::new("python3")
        .args(["-I", "-B", "-m", "unittest", "discover", "-s"])
        .arg(folder)
        .output()
        .expect("python3");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && told.ends_with("OK\n") && !told.contains("Ran 0 tests"),
        "{told}"
    );
}

#[test]
fn the_check_finds_what_it_is_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("new.py");
    let said = |text: &str| {
        std::fs::write(&path, text).expect("written");
        checked(std::slice::from_ref(&path))
    };
    assert!(!said("\"\"\"New.\"\"\"\nif (found := 1):\n    pass\n").0);
    assert!(
        said("\"\"\"New.\"\"\"\nimport fail2ban.server\n")
            .1
            .contains("imports fail2ban.server")
    );
    assert!(said("import os\n").1.contains("does not say"));
}
