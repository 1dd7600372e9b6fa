//! Log lines of fail2ban and of Asterisk: none is refused, and what is read out of one stands in it.

#![no_main]

use f2bctl::history::log_line;
use f2bctl::model::fail2ban::Line;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    for line in text.split('\n') {
        let read = Line::parse(line);
        assert!(line.contains(&read.text));
        if let Some(jail) = &read.jail {
            assert!(line.contains(jail.as_str()));
        }
        for epoch in [0, 1_764_288_000, i64::MIN, i64::MAX] {
            read.moment(epoch);
        }
        log_line(line);
    }
});
