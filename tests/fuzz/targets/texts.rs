//! What operators type: networks, durations, texts, destinations. Refusals are safe to print, what is taken is canonical.

#![no_main]

use f2bctl::model::comment_text::{CommentText, check_metadata_key, check_metadata_value, escaped, is_hidden};
use f2bctl::model::network::Network;
use f2bctl::model::special_range::special;
use f2bctl::model::timespan::Timespan;
use f2bctl::remote::ssh::Destination;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    assert!(!escaped(text).chars().any(is_hidden));
    match Network::parse(text) {
        Ok(parsed) => {
            let again = Network::parse(&parsed.network.to_string()).expect("its own form");
            assert_eq!(again.network, parsed.network);
            assert!(parsed.network.covers(&again.network));
            special(&parsed.network);
        }
        Err(error) => shown(&error.to_string()),
    }
    match Timespan::parse(text) {
        Ok(timespan) => {
            assert!(
                timespan.digits().bytes().all(|byte| byte.is_ascii_digit()),
                "it goes into eval()"
            );
            assert_eq!(
                Timespan::parse(&timespan.digits()).expect("digits").seconds(),
                timespan.seconds()
            );
        }
        Err(error) => shown(&error.to_string()),
    }
    match CommentText::new(text) {
        Ok(kept) => assert!(
            !kept
                .as_str()
                .chars()
                .any(|character| is_hidden(character) || character == '|')
        ),
        Err(error) => shown(&error.to_string()),
    }
    for refused in [check_metadata_key(text).err(), check_metadata_value(text).err()]
        .into_iter()
        .flatten()
    {
        shown(&refused.to_string());
    }
    match Destination::parse(text) {
        Ok(destination) => assert!(!destination.address.starts_with('-'), "an option of ssh"),
        Err(error) => shown(&error.to_string()),
    }
});

fn shown(text: &str) {
    assert!(!text.chars().any(is_hidden), "{text:?}");
}
