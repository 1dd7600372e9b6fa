//! The split, the rollback and the ways back, each on a lab of its own with a real fail2ban; real packets in a network
//! namespace.

#[path = "../support/mod.rs"]
mod support;

mod blocking;
mod denied;
mod filters;
mod hostile;
mod restore_undo;
mod rollback;
mod split;
