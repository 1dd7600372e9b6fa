//! Faults of a host, brought about from outside: what the login meets, what its fail2ban-client does, and at which
//! step of a change its agent is killed or finds the disk full.

use std::path::PathBuf;

use super::{CLIENT, Lab, write_program};

/// Runs the agent's program with a hook on everything that Python does to the system (`sys.addaudithook`, Python 3.8),
/// which sees each file, rename and child before it happens.
const HOOK: &str = r#"
import os, signal, sys, time
seen = {"phase": None, "armed": False}
def die():
    os.kill(os.getpid(), signal.SIGKILL)
def hook(event, arguments):
    if event == "os.rename" and str(arguments[1]).endswith("/phase"):
        with open(arguments[0]) as file:
            seen["phase"] = file.read()
    act(event, arguments, seen)
@ACT@
code, sys.argv = sys.argv[3], ["-c"] + sys.argv[4:]
sys.addaudithook(hook)
exec(compile(code, "bootstrap", "exec"), {"__name__": "__main__"})
"#;

impl Lab {
    /// From now on each login runs this shell script, in which `run` stands for what the login asked for.
    pub fn on_login(&self, script: &str) {
        let program = self.folder().join("login");
        let text = format!("#!/bin/sh\nrun() {{ exec /bin/sh -c \"$SSH_ORIGINAL_COMMAND\"; }}\n{script}\n");
        write_program(&program, &text);
        let keys = self.authorized_keys();
        let line = std::fs::read_to_string(&keys).expect("authorized_keys");
        let key = line
            .split_once("ssh-")
            .map(|(_, key)| format!("ssh-{key}"))
            .expect("a key");
        std::fs::write(keys, format!("command=\"{}\" {key}", program.display())).expect("authorized_keys");
    }

    /// Logins are as they were again.
    pub fn usual_login(&self) {
        let keys = self.authorized_keys();
        let line = std::fs::read_to_string(&keys).expect("authorized_keys");
        let key = line
            .split_once("ssh-")
            .map(|(_, key)| format!("ssh-{key}"))
            .expect("a key");
        std::fs::write(keys, key).expect("authorized_keys");
    }

    fn authorized_keys(&self) -> PathBuf {
        self.paths.folder.join("ssh").join("authorized_keys")
    }

    /// From now on the agent runs with a Python function `act(event, arguments, seen)` that is called before each thing
    /// that it does to the system; `seen["phase"]` is the journal's phase, `die()` ends it at once.
    pub fn on_agent(&self, act: &str) {
        let folder = self.folder().join("bin");
        std::fs::create_dir_all(&folder).expect("a folder");
        let hook = self.folder().join("hook.py");
        std::fs::write(&hook, HOOK.replace("@ACT@", act)).expect("the hook is written");
        write_program(
            &folder.join("python3"),
            &format!("#!/bin/sh\nexec /usr/bin/python3 -I {} \"$@\"\n", hook.display()),
        );
        self.on_login(&format!("PATH={}:/usr/bin:/bin\nexport PATH\nrun", folder.display()));
    }

    /// The agent of a change is killed by SIGKILL as soon as this phase is durable.
    pub fn kill_agent_in(&self, phase: &str) {
        self.on_agent(&format!(
            r#"
def act(event, arguments, seen):
    if seen["armed"]:
        die()
    if event == "os.rename" and str(arguments[1]).endswith("/phase") and seen["phase"] == "{phase}":
        seen["armed"] = True
"#
        ));
    }

    /// From now on the host's fail2ban-client is a shell script, in which `$3` is the verb and `client` stands for the
    /// real one with all its arguments.
    pub fn on_client(&self, script: &str) {
        let folder = self.folder().join("client");
        std::fs::create_dir_all(&folder).expect("a folder");
        let server = folder.join("fail2ban-server");
        if !server.exists() {
            std::os::unix::fs::symlink("/usr/bin/fail2ban-server", server).expect("a link");
        }
        let program = folder.join("fail2ban-client");
        let text = format!(
            "#!/bin/sh\nhere={}\nclient() {{ {CLIENT} \"$@\"; }}\n{script}\nexec {CLIENT} \"$@\"\n",
            folder.display()
        );
        write_program(&program, &text);
        self.set_host("client", &format!("{:?}", program.display().to_string()));
    }
}
