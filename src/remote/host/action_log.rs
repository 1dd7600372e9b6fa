//! The action log of a host as columns: the files are listed, and each that is not kept is asked for.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use super::{Host, LOOK_SECONDS};
use crate::model::action_columns::{ActionColumns, ActionFile, ActionLog};
use crate::model::presence::Presence;
use crate::remote::agent::{AgentFailureKind, LinkError};

/// Keeps what rotated files hold, which never change.
pub trait Kept: Send + Sync {
    /// What a file holds, if it is kept.
    fn get(&self, file: &ActionFile) -> Option<ActionColumns>;

    /// Keeps what a file holds.
    fn put(&self, file: &ActionFile, columns: &ActionColumns);
}

/// How often the action log is listed again because it was rotated at that moment.
const LISTINGS: usize = 3;

#[derive(Deserialize)]
struct ActionFiles {
    files: Vec<ActionFile>,
}

impl Host {
    /// The action log since so many seconds ago, as columns; of what is kept nothing is asked.
    ///
    /// # Errors
    /// [`LinkError`].
    pub async fn action_log(&mut self, since: u64, kept: &dyn Kept) -> Result<ActionLog, LinkError> {
        let mut listing = 1;
        loop {
            match self.listed_log(since, kept).await {
                // It was rotated in between, and its files have other names now.
                Err(LinkError::Agent(failure)) if failure.kind == AgentFailureKind::Missing && listing < LISTINGS => {
                    listing += 1;
                }
                answer => return answer,
            }
        }
    }

    /// Who was seen in Asterisk's log since so many seconds ago; the host notes when these networks were seen last.
    ///
    /// # Errors
    /// [`LinkError`].
    pub async fn presence(&mut self, since: u64, networks: &[String]) -> Result<Presence, LinkError> {
        let arguments = json!({"host": self.paths, "since": since, "networks": networks});
        self.ask("presence", arguments, LOOK_SECONDS, &mut |_| ()).await
    }

    async fn listed_log(&mut self, since: u64, kept: &dyn Kept) -> Result<ActionLog, LinkError> {
        let arguments = json!({"host": self.paths, "since": since});
        let listed: ActionFiles = self.ask("action_files", arguments, LOOK_SECONDS, &mut |_| ()).await?;
        let mut asked = Vec::new();
        for file in listed.files {
            let known = file.ends.as_ref().and_then(|_| kept.get(&file));
            let ticket = match known {
                Some(columns) => Err(columns),
                None => {
                    let since = file.ends.is_none().then_some(since);
                    let arguments = json!({"path": file.path, "inode": file.inode, "since": since});
                    Ok(self.link.send("columns", arguments).await?)
                }
            };
            asked.push((file, ticket));
        }
        let mut files = Vec::new();
        for (file, ticket) in asked {
            let columns = match ticket {
                Err(columns) => columns,
                Ok(ticket) => {
                    let patience = Duration::from_secs(LOOK_SECONDS);
                    let columns: ActionColumns = self.link.answer(ticket, patience, &mut |_| ()).await?;
                    if file.ends.is_some() && !columns.truncated && columns.fault.is_none() {
                        kept.put(&file, &columns);
                    }
                    columns
                }
            };
            files.push((file, columns));
        }
        Ok(ActionLog { since, files })
    }
}
