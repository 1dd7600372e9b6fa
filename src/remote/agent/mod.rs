//! The host agent: one small Python program, sent each time, installed never, and the conversation with it.

mod frame;
mod link;
mod protocol;
mod source;

pub use link::{AgentEvent, AgentFailure, Link, LinkError};
pub use protocol::{
    ApplyArguments, ApplyResult, AuditText, ExpectedJail, ExpectedState, FileChange, HostPaths, LogEvent, LogPlace,
    LogSince, OutcomeAnswer, ProofRow, RegisterChange, RuntimeSetting, SettleWay, SignOfLife, UnbanRequest, Unbanned,
};
pub use source::{BOOTSTRAP, Elevation, command_line, greeting_payload};
