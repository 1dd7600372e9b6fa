//! Temporary whitelist entries (runbook, "Add a temporary runtime ignoreip") as every change treats them: what is granted,
//! what the register holds, and what becomes of them when jails go and come.

pub mod grant;
pub mod permanent;
pub mod register;
pub mod set_again;
#[cfg(test)]
mod tests;
