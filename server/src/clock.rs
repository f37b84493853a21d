//! The only place that asks what time it is, and how times are written.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

/// Milliseconds since the Unix epoch, UTC.
pub(crate) type UnixMs = i64;

/// Now.
pub(crate) fn now_ms() -> UnixMs {
    Timestamp::now().as_millisecond()
}

/// RFC 3339 UTC in whole seconds, e.g. `2026-11-22T01:00:00Z`.
pub(crate) fn rfc3339(at_ms: UnixMs) -> String {
    match Timestamp::from_second(at_ms.div_euclid(1000)) {
        Ok(at) => at.to_string(),
        Err(_) => "1970-01-01T00:00:00Z".to_owned(),
    }
}

/// Reads RFC 3339, with any offset from UTC; `None` for anything else.
pub(crate) fn parse_rfc3339(text: &str) -> Option<UnixMs> {
    text.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}

/// Reads a time without a zone as the gateways in China write it: UTC+8.
///
/// Shapes: `2024-01-01 08:00:05`, `20240101080005`, Unix seconds as `1518155297`. `0` and the empty text
/// mean "not paid" and give `None`, as does anything else.
pub(crate) fn gateway_time_ms(text: &str) -> Option<UnixMs> {
    let text = text.trim();
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    if digits && (9..=11).contains(&text.len()) {
        return text.parse::<i64>().ok().map(|s| s * 1000);
    }
    let format = if digits && text.len() == 14 { "%Y%m%d%H%M%S" } else { "%Y-%m-%d %H:%M:%S" };
    let civil = DateTime::strptime(format, text).ok()?;
    Offset::constant(8).to_timestamp(civil).ok().map(|at| at.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_form_that_the_gateways_use_as_utc_plus_eight() {
        assert_eq!(
            gateway_time_ms("2024-01-01 08:00:05").map(rfc3339).as_deref(),
            Some("2024-01-01T00:00:05Z")
        );
        assert_eq!(gateway_time_ms("20240101080005").map(rfc3339).as_deref(), Some("2024-01-01T00:00:05Z"));
        assert_eq!(gateway_time_ms("1518155297").map(rfc3339).as_deref(), Some("2018-02-09T05:48:17Z"));
        for nothing in ["0", "", "soon", "2024-13-01 00:00:00", "20240230000000"] {
            assert_eq!(gateway_time_ms(nothing), None, "{nothing}");
        }
    }
}
