//! The `f2bctl` program: hands its arguments to the command line and returns its exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    f2bctl::cli::completing::answer_the_shell();
    f2bctl::cli::main(std::env::args_os().collect())
}
