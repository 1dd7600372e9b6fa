//! The host agent: one small Python program, sent each time, installed never, and the conversation with it.

mod frame;
mod link;
mod message;
mod prefetch;
mod protocol;
mod source;
mod spoken;
mod stripped;

pub use frame::FrameError;
pub use link::{Interjection, Link, Stream, Ticket};
pub use message::{AgentEvent, AgentFailure, AgentFailureKind, AgentStep, LinkError, concealed};
pub use prefetch::Prefetch;
pub use protocol::{
    ApplyArguments, ApplyOutcome, ApplyResult, AuditPage, AuditPlace, Confirmation, ExpectedJail, HostPaths, LogEvent,
    LogPlace, LogSince, OutcomeAnswer, RecoverArguments, RecoveryWay,
};
pub use source::{BOOTSTRAP, Sudo, command_line, greeting_payload, rest_of_program, short_command_line};
