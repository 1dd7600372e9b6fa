//! The first look at a host, as it is known before the agent runs: it needs no stdin, and so one round trip less.
//!
//! sshd grants a command's stdin no window until the command runs, so a request on stdin waits for a round trip that
//! one on the command line does not. Only constants may be there: a host whose paths are its own is asked on stdin.

use serde_json::{Value, json};

use crate::model::observed::Part;

use super::protocol::HostPaths;

/// A first look: the lock, if it is taken, then the parts, then what can be done while the draft is being made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prefetch {
    /// How long to wait for the host's lock, seconds; absent if it is not taken.
    pub lock: Option<u64>,
    /// The parts to look at; nothing is asked when there are none.
    pub want: Vec<Part>,
    /// Whether a rehearsal follows, which the host can prepare while the draft is being made.
    pub prepare: bool,
}

impl Prefetch {
    /// A look that takes no lock and that nothing follows.
    pub fn look(want: &[Part]) -> Self {
        Self {
            want: want.to_vec(),
            ..Self::default()
        }
    }

    /// The requests, in order: verb and arguments.
    pub fn requests(&self, paths: &HostPaths) -> Vec<(&'static str, Value)> {
        let lock = self
            .lock
            .map(|seconds| ("lock", json!({"host": paths, "wait": seconds})));
        let look = (!self.want.is_empty()).then(|| ("observe", json!({"host": paths, "want": self.want})));
        let prepare = self.prepare.then(|| ("prepare", json!({"host": paths})));
        lock.into_iter().chain(look).chain(prepare).collect()
    }

    /// The requests as the agent reads them from its command line: for the usual paths, and so of constants alone.
    pub(super) fn text(&self) -> String {
        let numbered = (1..).zip(self.requests(&HostPaths::usual()));
        let requests: Vec<Value> = numbered
            .map(|(id, (verb, arguments))| json!({"id": id, "verb": verb, "arguments": arguments}))
            .collect();
        json!(requests).to_string()
    }
}
