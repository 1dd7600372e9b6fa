//! The output of `ssh -G`: whatever it is, it gives settings or a refusal that is safe to print.

#![no_main]

use f2bctl::remote::ssh::{Destination, SshOptions, read_ssh_answer};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let destination = Destination::parse("ravi@pbx.example:2222").expect("a destination");
    match read_ssh_answer(data, &destination, &SshOptions::default()) {
        Ok(label) => assert!(!label.chars().any(char::is_control), "{label:?}"),
        Err(error) => assert!(!error.to_string().chars().any(|shown| shown.is_control() && shown != '\t'), "{error}"),
    }
});
