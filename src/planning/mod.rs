//! PURE: from what a procedure wants and what was observed to a plan that can be approved. It knows no command.
//!
//! ```text
//! Observed + Guard -> Draft                      (each procedure drafts; what several need is here)
//! Draft + Observed + Rehearsal -> Plan           (plan_builder: effect, drift, what has to be true afterwards)
//! Plan -> safety_checks -> Plan                  (a second opinion)
//! Plan + consent -> Approved                     (the only thing that can be applied)
//! ```

pub mod backups;
pub mod bans;
pub mod closed_ports;
pub mod commit_confirm;
pub mod configuration_errors;
pub mod decisions;
pub mod details;
pub mod draft;
pub mod drift;
pub mod effect;
pub mod enforcement;
pub mod entry_index;
pub mod foreign_lock;
pub mod listening;
pub mod lists;
pub mod origins;
pub mod packet_path;
pub mod plan;
pub mod plan_builder;
pub mod policy;
pub mod postcondition;
pub mod preflight;
pub mod procedure;
pub mod reading;
pub mod refusal;
pub mod runtime_entries;
pub mod safety_checks;
pub mod server_move;
pub mod temporary;
pub mod unbans;
pub mod unlisted;
pub mod whitelist;
pub mod whitelisting;
