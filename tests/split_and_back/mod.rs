//! The split, the rollback and the ways back, each on a lab of its own with a real fail2ban; real packets in a network
//! namespace.

mod blocking;
mod denied;
mod filters;
mod hostile;
mod restore_undo;
mod rollback;
mod split;

use crate::support;
