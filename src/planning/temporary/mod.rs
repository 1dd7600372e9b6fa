//! Temporary whitelist entries (runbook, "Add a temporary runtime ignoreip") as every change treats them: what is granted,
//! what the register holds, and what becomes of them when jails go and come.

pub mod coming_and_going;
pub mod given;
pub mod grant;
pub mod register;
#[cfg(test)]
mod tests;
