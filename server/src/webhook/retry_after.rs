//! `retry-after`, which a stranger writes: seconds or a date, and never more than a day.

use std::time::UNIX_EPOCH;

use crate::clock::UnixMs;

const DAY_MS: i64 = 86_400_000;

/// How long to wait, in milliseconds; `None` when it says nothing that can be read.
pub(super) fn parse(text: &str, now_ms: UnixMs) -> Option<i64> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // A number too long to be read is a long time, too.
        let seconds: i64 = text.parse().unwrap_or(i64::MAX);
        return Some(seconds.saturating_mul(1000).min(DAY_MS));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    let at_ms = i64::try_from(date.duration_since(UNIX_EPOCH).ok()?.as_millis()).ok()?;
    Some((at_ms - now_ms).clamp(0, DAY_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;

    /// Sun, 06 Nov 1994 08:49:37 GMT.
    const THEN_MS: i64 = 784_111_777_000;

    #[test]
    fn reads_seconds_and_all_three_forms_of_a_date() {
        for (text, now_ms, expected) in [
            ("0", 0, Some(0)),
            ("120", 0, Some(120_000)),
            (" 7 ", 0, Some(7_000)),
            ("0000000000000000000000000000009", 0, Some(9_000)),
            ("86401", 0, Some(DAY_MS)),
            ("99999999999999999999999999", 0, Some(DAY_MS)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", THEN_MS - 90_500, Some(90_500)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", THEN_MS - 1_000, Some(1_000)),
            ("Sun Nov  6 08:49:37 1994", THEN_MS - 1_000, Some(1_000)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", THEN_MS + 1, Some(0)),
            ("Sun, 06 Nov 2094 08:49:37 GMT", THEN_MS, None),
            ("Sat, 06 Nov 2094 08:49:37 GMT", THEN_MS, Some(DAY_MS)),
            ("", 0, None),
            ("-1", 0, None),
            ("+1", 0, None),
            ("1.5", 0, None),
            ("1e3", 0, None),
            ("٣", 0, None),
            ("soon", 0, None),
            ("120, 60", 0, None),
            ("Sun, 06 Nov 1994 08:49:37", 0, None),
            ("Sun, 06 Nov 1994 25:49:37 GMT", 0, None),
        ] {
            assert_eq!(parse(text, now_ms), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_a_stranger_writes_means_at_most_a_day(text in ".*", now_ms in any::<u32>()) {
            let waits = parse(&text, i64::from(now_ms) * 1000);
            prop_assert!(waits.is_none_or(|ms| (0..=DAY_MS).contains(&ms)));
        }

        #[test]
        fn something_like_a_date_does_no_harm(text in "(Sun|Mon|Sunday)?[, ]{0,2}[0-9]{0,3}[ -](Nov|Feb|XXX)[ -][0-9]{0,5} [0-9:]{0,9}( GMT)?") {
            let waits = parse(&text, THEN_MS);
            prop_assert!(waits.is_none_or(|ms| (0..=DAY_MS).contains(&ms)));
        }

        #[test]
        fn every_number_of_seconds_up_to_a_day_is_taken_at_its_word(seconds in 0..=86_400_i64) {
            prop_assert_eq!(parse(&seconds.to_string(), 5), Some(seconds * 1000));
        }
    }
}
