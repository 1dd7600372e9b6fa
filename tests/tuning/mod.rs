//! The runbook's tuning, its regex test and the register of customers as a whole, on a real host: sshd, fail2ban-server
//! and the program, each scenario on a lab of its own.

mod adopt;
mod forecast;
mod recidive;
mod regex;
mod register;
mod review;
mod temporary;
mod tune;
mod unban;

use crate::support;
