//! Names the customer of an entry, without touching the entry: only its line of the register is written.

use crate::model::comment_text::escaped;
use crate::model::jail_local::JailLocal;
use crate::model::network::Network;
use crate::model::observed::Observed;
use crate::planning::details::Details;
use crate::planning::draft::Draft;
use crate::planning::entry_index::EntryIndex;
use crate::planning::policy::Guard;
use crate::planning::procedure::Procedure;
use crate::planning::reading::{edit_refusal, jail_local, new_jail_local};
use crate::planning::refusal::Refusal;
use crate::planning::whitelisting::comment_edit;

/// The request.
#[derive(Debug, Clone)]
pub struct Annotate {
    /// The entry as typed.
    pub network: String,
    /// The details of its comment.
    pub details: Details,
}

impl Procedure for Annotate {
    fn command(&self) -> &'static str {
        "whitelist annotate"
    }

    fn typed_networks(&self) -> &[String] {
        std::slice::from_ref(&self.network)
    }

    fn draft(&self, observed: &Observed, _guard: &Guard) -> Result<Draft, Refusal> {
        let parsed = Network::parse(&self.network).map_err(|error| Refusal::not_a_network(&error))?;
        self.details.dates_lie_ahead(observed.clock.today())?;
        let document = with_list_of(jail_local(observed)?, &parsed.network);
        // Before missing details: for a mistyped network nobody is asked for a customer.
        document.require_listed(parsed.network).map_err(edit_refusal)?;
        let listed = EntryIndex::of(&document);
        let present = listed.registration(&parsed.network);
        let registration = self
            .details
            .registration(parsed.network, present, observed.clock.today())?;
        let warnings = listed.reassigned(std::slice::from_ref(&registration), self.details.reassign)?;
        let edited = document.annotate(&registration).map_err(edit_refusal)?;
        if !edited.changed {
            return Ok(Draft::default());
        }
        let meaning = vec![comment_edit(&registration, &listed)];
        Ok(Draft {
            warnings,
            files: vec![new_jail_local(observed, &edited.document, meaning)?],
            backup: Some("annotate".to_owned()),
            ..Draft::default()
        })
    }

    fn already(&self, _observed: &Observed) -> Vec<String> {
        vec![format!("The comment of {} says so already.", escaped(&self.network))]
    }
}

/// The file by the list that has the entry: a jail's own where that in `[DEFAULT]` has it not.
fn with_list_of(document: &JailLocal, network: &Network) -> JailLocal {
    if EntryIndex::of(document).lists(network) {
        return document.clone();
    }
    let own = document.own_ignoreip_sections().into_iter();
    let mut own = own.map(|jail| document.of_jail(&jail));
    own.find(|list| EntryIndex::of(list).lists(network))
        .unwrap_or_else(|| document.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::comment_text::CommentText;
    use crate::model::known::Known;
    use crate::model::observed::HostFile;

    #[test]
    fn a_date_that_has_passed_is_no_date_to_come() {
        let annotate = Annotate {
            network: "192.0.2.0/28".to_owned(),
            details: Details {
                review: chrono::NaiveDate::from_ymd_opt(1969, 12, 31),
                ..Details::default()
            },
        };
        // The clock of this observation is at the beginning of 1970.
        let refusal = annotate
            .draft(&Observed::default(), &Guard::default())
            .expect_err("past");
        assert_eq!(
            refusal.message,
            "--review 1969-12-31 has passed; on the host it is 1970-01-01"
        );
    }

    #[test]
    fn for_what_is_no_entry_the_way_to_add_it_is_named() {
        let observed = Observed {
            jail_local: Known::of(HostFile {
                path: "/etc/fail2ban/jail.local".to_owned(),
                exists: true,
                link: None,
                sha256: None,
                content: Some(b"[DEFAULT]\nignoreip = 127.0.0.1/8\n".to_vec()),
                mode: None,
            }),
            ..Observed::default()
        };
        for customer in [CommentText::new("Test Inn").ok(), None] {
            let annotate = Annotate {
                network: "192.0.2.99".to_owned(),
                details: Details {
                    customer,
                    by: "ravi".to_owned(),
                    ..Details::default()
                },
            };
            let refusal = annotate.draft(&observed, &Guard::default()).expect_err("no entry");
            assert!(
                refusal.hints[0].to_string().contains("f2bctl onboard 192.0.2.99"),
                "{:?}",
                refusal.hints
            );
        }
    }
}
