//! The committed completions, loaded in their real shells and asked for words. A shell that is missing is a failure that
//! says how to get it: a completion that no shell has read proves nothing.

use std::process::Command;

use clap_complete::Shell;

use super::{project, regenerating};

/// The shells and their files.
pub const SHELLS: [(Shell, &str); 3] = [
    (Shell::Bash, "completions/f2bctl.bash"),
    (Shell::Zsh, "completions/_f2bctl"),
    (Shell::Fish, "completions/f2bctl.fish"),
];

/// Runs a script in a shell without anybody's own settings: what it printed.
fn run(shell: &str, arguments: &[&str], script: &str) -> String {
    let folder = tempfile::tempdir().expect("a home");
    let output = Command::new(shell)
        .args(arguments)
        .args(["-c", script, "f2bctl-test"])
        .arg(project("completions"))
        .env("HOME", folder.path())
        .env("XDG_CONFIG_HOME", folder.path())
        .env("XDG_DATA_HOME", folder.path())
        .env("TERM", "dumb")
        .env_remove("ZDOTDIR")
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{shell} cannot be run ({error}); `bash tests/run` installs it"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{shell}: {}\n{said}", output.status);
    assert_eq!(said, "", "{shell} complains");
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn offers(shell: &str, answered: &str, words: &[&str], not: &[&str]) {
    let offered: Vec<&str> = answered.split_whitespace().collect();
    for word in words {
        assert!(offered.contains(word), "{shell} does not offer {word}: {answered}");
    }
    for word in not {
        assert!(!offered.contains(word), "{shell} offers {word}: {answered}");
    }
}

#[test]
fn bash_completes_commands_and_flags() {
    if regenerating() {
        return;
    }
    let script = r#"
        source "$1/f2bctl.bash"
        complete -p f2bctl > /dev/null || exit 9
        ask() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _f2bctl f2bctl "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"; printf '%s\n' "${COMPREPLY[@]}"; }
        ask f2bctl sta; ask f2bctl onboard --cust; ask f2bctl whitelist che; ask f2bctl --color al
    "#;
    let answered = run("bash", &["--norc", "--noprofile"], script);
    offers(
        "bash",
        &answered,
        &["status", "start", "--customer", "check", "always"],
        &["unban", "--note", "never"],
    );
}

#[test]
fn fish_completes_commands_and_flags() {
    if regenerating() {
        return;
    }
    let script = r#"
        source $argv[2]/f2bctl.fish
        complete --do-complete "f2bctl sta" | string split -f1 \t
        complete --do-complete "f2bctl onboard --cust" | string split -f1 \t
        complete --do-complete "f2bctl whitelist che" | string split -f1 \t
    "#;
    let answered = run("fish", &["--no-config"], script);
    offers(
        "fish",
        &answered,
        &["status", "start", "--customer", "check"],
        &["unban", "--note"],
    );
}

#[test]
fn zsh_completes_commands_and_flags() {
    if regenerating() {
        return;
    }
    // A second zsh on a terminal of its own presses Tab; what it would insert is told apart from its echo by brackets.
    let script = r#"
        zmodload zsh/zpty
        zpty z zsh -f -i
        zpty -w z "PROMPT= RPROMPT=; stty -echo; fpath=($1 \$fpath); autoload -Uz compinit; compinit -u -D"
        zpty -w z "[[ \$_comps[f2bctl] = _f2bctl ]] && print regis''tered"
        zpty -w z 'tell() { print -r -- "<$BUFFER>"; BUFFER=; zle accept-line }; zle -N tell; bindkey "^I" complete-word "^X" tell'
        zpty -w z "print rea''dy"
        zpty -r z said '*ready*'; print -r -- $said
        for words in 'f2bctl stat' 'f2bctl onboard --cust' 'f2bctl whitelist che' 'f2bctl --color alw'; do
            zpty -w -n z "$words"$'\t\x18'
            zpty -r z said '*<f2bctl*>*'; print -r -- $said
        done
        zpty -d z
    "#;
    let answered = run("zsh", &["-f"], script);
    for line in [
        "registered",
        "<f2bctl status",
        "<f2bctl onboard --customer",
        "<f2bctl whitelist check",
        "<f2bctl --color always",
    ] {
        assert!(answered.contains(line), "zsh does not complete to {line}: {answered}");
    }
}
