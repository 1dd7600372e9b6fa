//! A rehearsal host of one's own for these tests, and the program run against it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use f2bctl::lab::{self, LabPaths, UpOptions};
use f2bctl::settings::Environment;

/// The lab, which is taken down whatever happens.
pub struct Lab {
    folder: tempfile::TempDir,
    environment: Environment,
    pub paths: LabPaths,
}

impl Lab {
    pub fn up() -> Self {
        let folder = tempfile::Builder::new().prefix("f2b").tempdir().expect("a folder");
        let environment = Environment::below(&folder.path().join("h"));
        let paths = LabPaths::standard(&environment, environment.configuration_file()).expect("a plain path");
        lab::up(&paths, &UpOptions::default(), &mut |_| ()).expect("the lab starts");
        Self {
            folder,
            environment,
            paths,
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The operator's own state.
    pub fn state(&self) -> &Path {
        &self.environment.state_home
    }

    pub fn jail_local(&self) -> String {
        std::fs::read_to_string(self.paths.config_dir().join("jail.local")).expect("jail.local")
    }

    /// The program with this operator's environment; nobody is at a terminal.
    pub fn program(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_f2bctl"));
        command
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin")
            .env("HOME", &self.environment.home)
            .env("USER", "ravi")
            .env("XDG_CONFIG_HOME", &self.environment.config_home)
            .env("XDG_STATE_HOME", &self.environment.state_home)
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.program()
            .args(["-H", "lab"])
            .args(arguments)
            .output()
            .expect("the program runs")
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let _ = lab::down(&self.paths, &mut |_| ());
    }
}
