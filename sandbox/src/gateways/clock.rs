//! The simulators' clock, and the ways in which the gateways print times.

use jiff::Timestamp;
use jiff::tz::{TimeZone, offset};

/// Now.
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// `2024-01-01 08:00:05`, as the gateways print it: no zone; their clocks stand at UTC+8.
pub(crate) fn spaced(time: Timestamp) -> String {
    local(time).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// `20240101080005`.
pub(crate) fn packed(time: Timestamp) -> String {
    local(time).strftime("%Y%m%d%H%M%S").to_string()
}

fn local(time: Timestamp) -> jiff::Zoned {
    time.to_zoned(TimeZone::fixed(offset(8)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_printed_eight_hours_ahead_of_utc() {
        let time = Timestamp::from_second(1_704_067_205).unwrap();
        assert_eq!(spaced(time), "2024-01-01 08:00:05");
        assert_eq!(packed(time), "20240101080005");
    }
}
