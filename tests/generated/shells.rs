//! The committed completions, loaded in their real shells and asked for words. A shell that is missing is a failure that
//! says how to get it: a completion that no shell has read proves nothing.

use std::path::Path;
use std::process::Command;

use f2bctl::audit::chain::sha256_hex;
use serde_json::json;

use super::{project, regenerating};

/// The shells and their files.
pub const SHELLS: [(&str, &str); 3] = [
    ("bash", "completions/f2bctl.bash"),
    ("zsh", "completions/_f2bctl"),
    ("fish", "completions/f2bctl.fish"),
];

/// Two hosts, and what a look at one of them found a moment ago.
fn furnish(home: &Path) {
    let settings = home.join("f2bctl");
    let text = "default_host = \"pbx1\"\n[hosts.pbx1]\naddress = \"root@192.0.2.20\"\ngroups = [\"phones\"]\n\
                [hosts.pbx2]\naddress = \"root@192.0.2.21\"\n";
    std::fs::create_dir(&settings).expect("a folder");
    std::fs::write(settings.join("config.toml"), text).expect("a configuration");
    let now = chrono::Utc::now().timestamp();
    let seen = |at: i64, words: &[&str]| json!({"at": at, "words": words});
    let words = json!({
        "jail": seen(now, &["asterisk-auth", "sshd"]),
        "customer": seen(now, &["Lotus & Sons"]),
        "banned": seen(now - 3600, &["198.51.100.9"]),
        "network": seen(now, &["203.0.113.0/28"]),
    });
    let folder = settings.join("words");
    std::fs::create_dir(&folder).expect("a folder");
    let file = folder.join(format!("{}.json", sha256_hex(b"pbx1")));
    std::fs::write(file, words.to_string()).expect("written");
}

/// Runs a script in a shell without anybody's own settings: what it printed.
fn run(shell: &str, arguments: &[&str], script: &str) -> String {
    let folder = tempfile::tempdir().expect("a home");
    furnish(folder.path());
    let program = Path::new(env!("CARGO_BIN_EXE_f2bctl")).parent().expect("a folder");
    let output = Command::new(shell)
        .args(arguments)
        .args(["-c", script, "f2bctl-test"])
        .arg(project("completions"))
        .env("PATH", format!("{}:/usr/bin:/bin", program.display()))
        .env("HOME", folder.path())
        .env("XDG_CONFIG_HOME", folder.path())
        .env("XDG_STATE_HOME", folder.path())
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
    let offered: Vec<&str> = answered.lines().map(str::trim_end).collect();
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
        ask() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _clap_complete_f2bctl f2bctl "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"; printf '%s\n' "${COMPREPLY[@]}"; }
        ask f2bctl sta; ask f2bctl onboard --cust; ask f2bctl whitelist che; ask f2bctl --color al
        ask f2bctl -H pb; ask f2bctl status -H @; ask f2bctl tune aste; ask f2bctl offboard --customer 'Lotus\ '; ask f2bctl unban 198
        ask f2bctl -H pbx2 tune ss; ask f2bctl -H pbx1 offboard 203
    "#;
    let answered = run("bash", &["--norc", "--noprofile"], script);
    offers(
        "bash",
        &answered,
        &[
            "status",
            "start",
            "--customer",
            "check",
            "always",
            "pbx1",
            "pbx2",
            "@phones",
            "asterisk-auth",
            r"Lotus\ \&\ Sons",
            "203.0.113.0/28",
        ],
        // What was banned an hour ago is not offered, and what is known of one host is not offered for another.
        &["unban", "--note", "never", "198.51.100.9", "sshd"],
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
        complete --do-complete "f2bctl -H pb" | string split -f1 \t
        complete --do-complete "f2bctl offboard --customer Lo" | string split -f1 \t
        true
    "#;
    let answered = run("fish", &["--no-config"], script);
    offers(
        "fish",
        &answered,
        &["status", "start", "--customer", "check", "pbx1", "pbx2", "Lotus & Sons"],
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
        for words in 'f2bctl stat' 'f2bctl onboard --cust' 'f2bctl whitelist che' 'f2bctl --color alw' 'f2bctl tune aste' \
            'f2bctl offboard --customer Lo'; do
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
        "<f2bctl tune asterisk-auth",
        r"<f2bctl offboard --customer Lotus\ \&\ Sons",
    ] {
        assert!(answered.contains(line), "zsh does not complete to {line}: {answered}");
    }
}
