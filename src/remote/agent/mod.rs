//! The host agent: one small Python program, sent each time, installed never, and the conversation with it.

mod ahead;
mod frame;
mod link;
mod protocol;
mod source;
mod stripped;

pub use ahead::Ahead;
pub use frame::FrameError;
pub use link::{AgentEvent, AgentFailure, AgentFailureKind, AgentStep, Link, LinkError, Ticket, concealed};
pub use protocol::{
    ApplyArguments, ApplyOutcome, ApplyResult, AuditPage, AuditPlace, ExpectedJail, HostPaths, LogEvent, LogPlace,
    LogSince, OutcomeAnswer, SettleArguments, SettleWay, SignOfLife,
};
pub use source::{BOOTSTRAP, Sudo, command_line, greeting_payload, rest_of_program, short_command_line};
