//! What cannot be a file or a home of this run: pipes, which would be waited for, and paths that are not absolute.

use f2bctl::settings::HostSettings;
use f2bctl::settings::write::put_host;

use super::Desk;

#[test]
fn a_pipe_in_place_of_the_file_is_refused_and_not_waited_for() {
    let desk = Desk::with("");
    std::fs::remove_file(desk.file()).unwrap();
    assert!(
        std::process::Command::new("mkfifo")
            .arg(desk.file())
            .status()
            .unwrap()
            .success()
    );
    let error = desk.load().unwrap_err();
    assert!(error.to_string().contains("it is not a regular file"), "{error}");
    assert!(error.hints().concat().contains("name a file"));
    assert!(put_host(&desk.file(), &HostSettings::production()).is_err());
}

/// What the program says to `hosts` and its exit code.
fn told(variables: &[(&str, &str)], arguments: &[&str]) -> (Option<i32>, String) {
    let desk = Desk::new();
    let output = std::process::Command::new("timeout")
        .args(["20", env!("CARGO_BIN_EXE_f2bctl")])
        .args(arguments)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .envs(variables.iter().copied())
        .current_dir(desk.folder.path())
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    (
        output.status.code(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

#[test]
fn a_home_that_is_no_absolute_path_is_refused_and_a_relative_xdg_directory_is_ignored() {
    for home in ["home", ".", "../x"] {
        let (code, said) = told(&[("HOME", home)], &["hosts"]);
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains("which is not an absolute path"), "{said}");
    }
    let relative = [
        ("HOME", "/nonexistent"),
        ("XDG_CONFIG_HOME", "x"),
        ("XDG_STATE_HOME", "x"),
    ];
    assert_eq!(told(&relative, &["hosts"]).0, Some(0));
}

#[test]
fn a_pipe_in_place_of_any_file_that_is_named_ends_the_run_at_once() {
    let desk = Desk::new();
    let pipe = desk.folder.path().join("pipe");
    assert!(
        std::process::Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let pipe = pipe.display().to_string();
    let host = ["-H", "root@127.0.0.1:1", "--no-input"];
    for (flags, wanted) in [
        (&["--config", &pipe, "hosts"][..], 2),
        (&["--inventory", &pipe, "--all-hosts", "hosts"], 2),
        (&["whitelist", "import", &pipe, "--yes"], 2),
        (&["regex", "asterisk", "--file", &pipe], 2),
        (&["-F", &pipe, "status"], 4),
        (&["-F", "/dev/null", "-i", &pipe, "status"], 4),
        (&["-F", "/dev/null", "--known-hosts", &pipe, "status"], 4),
        (
            &["-F", "/dev/null", "--known-hosts", &pipe, "--accept-new", "status"],
            4,
        ),
    ] {
        let (code, said) = told(&[("HOME", "/nonexistent")], &[&host, flags].concat());
        assert_eq!(code, Some(wanted), "{flags:?} ended with {code:?}: {said}");
    }
}
