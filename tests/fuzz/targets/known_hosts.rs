//! Files of known host keys: any bytes are read, and nothing but a whole line makes a key known.

#![no_main]

use std::path::Path;

use f2bctl::remote::ssh::KnownHosts;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut known = KnownHosts::default();
    known.add(Path::new("known_hosts"), data);
    let lines = data.split(|byte| *byte == b'\n').count();
    for host in ["web", "[192.0.2.7]:2222", "", "*", "!web", "a,b"] {
        for entry in known.matching(host) {
            assert!(entry.line >= 1 && entry.line <= lines);
            assert!(entry.fingerprint.starts_with("SHA256:"));
        }
    }
});
