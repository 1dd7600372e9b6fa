//! f2bctl runs the fail2ban runbook of a cloud Asterisk PBX over SSH, as audited, idempotent steps.
//!
//! The floors, from the street up; an arrow may only point down (`tests/floors.rs` holds this):
//!
//! ```text
//! cli       -> ui, lab, engine, procedure, checks, planning, document, remote, audit, settings, model   arguments, services, exit code
//! ui        -> engine, planning, document, remote, model   the only place that prints, prompts or draws
//! lab       -> settings, document, model   the rehearsal host on this machine
//! engine    -> planning, document, remote, audit, model   observe, rehearse, plan, approve, apply, prove, record
//! settings  -> toml_edit, model, exposure   the configuration file, hosts and policy
//! audit     -> sha2, document, model, exposure   records and their hash chain
//! exposure  -> rustix                   who may write to a file of this machine
//! remote    -> document, model          SSH and the host agent
//! procedure -> checks, planning, document, model   PURE: one planner a command, in families
//! checks    -> planning, history, document, model   PURE: findings, warnings and verdicts about a host
//! history   -> document                 PURE: what logs say happened, and fail2ban's count of it
//! planning  -> document, model          PURE: from a draft to a plan that can be approved; it knows no command
//! document  -> model, schemars          PURE: what each command answers
//! model     -> std, ipnet, serde        PURE: jail.local as text, networks, snapshots
//! ```
//!
//! `ui` stands above `engine` because it consumes the engine's events, and answers the traits by which the engine
//! (`Approver`) and the session (`Prompt`) ask.

#![deny(missing_docs)]
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::allow_attributes_without_reason,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::dbg_macro,
    clippy::todo,
    clippy::unimplemented,
    clippy::unreachable,
    clippy::too_many_lines,
    clippy::await_holding_lock,
    clippy::let_underscore_future,
    clippy::mem_forget
)]

pub mod audit;
pub mod checks;
pub mod cli;
pub mod document;
pub mod engine;
pub mod exposure;
pub mod history;
pub mod lab;
pub mod model;
pub mod planning;
pub mod procedure;
pub mod remote;
pub mod settings;
pub mod ui;
