//! Which time an extract or a summary is about.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;

use super::BookkeepingError;
use crate::clock::UnixMs;

/// An interval, the later end left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Period {
    pub(super) from_ms: UnixMs,
    pub(super) to_ms: UnixMs,
}

impl Period {
    /// Between two times.
    pub(super) fn between(from: &str, to: &str, offset: Offset) -> Result<Self, BookkeepingError> {
        let period = Self { from_ms: time("--from", from, offset)?, to_ms: time("--to", to, offset)? };
        if period.from_ms < period.to_ms {
            return Ok(period);
        }
        Err(BookkeepingError::Question(format!("--from {from} must be before --to {to}")))
    }

    /// One day.
    pub(super) fn of_day(day: Date, offset: Offset) -> Result<Self, BookkeepingError> {
        let next = day.tomorrow().map_err(|e| BookkeepingError::Question(format!("--day {day}: {e}")))?;
        Ok(Self { from_ms: midnight(day, offset)?, to_ms: midnight(next, offset)? })
    }

    /// Whether a time is in it.
    pub(super) fn has(&self, at_ms: UnixMs) -> bool {
        (self.from_ms..self.to_ms).contains(&at_ms)
    }
}

/// Reads `+08:00`, `-03:30`, `Z`.
pub(super) fn read_offset(text: &str) -> Result<Offset, String> {
    let unreadable = || format!("{text} is no offset such as +08:00");
    if text == "Z" {
        return Ok(Offset::UTC);
    }
    let (sign, digits) = match text.split_at_checked(1) {
        Some(("+", digits)) => (1, digits),
        Some(("-", digits)) => (-1, digits),
        _ => return Err(unreadable()),
    };
    let number = |part: &str| match part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit()) {
        true => part.parse::<i32>().map_err(|_| unreadable()),
        false => Err(unreadable()),
    };
    let (hours, minutes) = digits.split_once(':').ok_or_else(unreadable)?;
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    if hours > 14 || minutes > 59 {
        return Err(unreadable());
    }
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).map_err(|_| unreadable())
}

/// The day that a time falls on.
pub(super) fn day_of(at_ms: UnixMs, offset: Offset) -> Date {
    let at = Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    offset.to_datetime(at).date()
}

/// An RFC 3339 time, or a date for its midnight.
fn time(name: &str, text: &str, offset: Offset) -> Result<UnixMs, BookkeepingError> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at.as_millisecond());
    }
    match text.parse::<Date>() {
        // A time without a zone would be read as a date.
        Ok(day) if text.len() == 10 => midnight(day, offset),
        _ => Err(BookkeepingError::Question(format!(
            "{name} {text}: must be a date (2026-11-22) or a time with its zone (2026-11-22T01:00:00Z)"
        ))),
    }
}

fn midnight(day: Date, offset: Offset) -> Result<UnixMs, BookkeepingError> {
    let at = offset.to_timestamp(day.at(0, 0, 0, 0));
    at.map(Timestamp::as_millisecond).map_err(|e| BookkeepingError::Question(format!("{day}: {e}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(from: &str, to: &str, offset: &str) -> Result<(i64, i64), String> {
        let period = Period::between(from, to, read_offset(offset).unwrap());
        period.map(|period| (period.from_ms, period.to_ms)).map_err(|e| e.to_string())
    }

    #[test]
    fn dates_are_midnights_where_the_day_is_counted_and_times_are_what_they_say() {
        assert_eq!(between("1970-01-02", "1970-01-03", "Z").unwrap(), (86_400_000, 172_800_000));
        assert_eq!(between("1970-01-02", "1970-01-03", "+08:00").unwrap(), (57_600_000, 144_000_000));
        let times = between("1970-01-01T00:00:00.5Z", "1970-01-01T08:00:01+08:00", "+08:00");
        assert_eq!(times.unwrap(), (500, 1_000));
    }

    #[test]
    fn what_is_no_interval_is_refused_with_its_name() {
        assert!(between("soon", "1970-01-03", "Z").unwrap_err().starts_with("--from soon: must be a date"));
        for odd in ["1970-01-03T00:00:00", "1970-02-30", "19700103", "1970-01-03 00:00", ""] {
            assert!(between("1970-01-01", odd, "Z").is_err(), "{odd}");
        }
        let backwards = between("1970-01-03", "1970-01-02", "Z").unwrap_err();
        assert_eq!(backwards, "--from 1970-01-03 must be before --to 1970-01-02");
        assert!(between("1970-01-03", "1970-01-03", "Z").is_err());
    }

    #[test]
    fn an_offset_is_hours_and_minutes_with_a_sign() {
        assert_eq!(read_offset("+08:00").unwrap().seconds(), 28_800);
        assert_eq!(read_offset("-03:30").unwrap().seconds(), -12_600);
        for odd in ["8", "+8", "+08", "08:00", "+08:60", "+15:00", "+0a:00", "", "Asia/Shanghai"] {
            assert!(read_offset(odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn a_day_begins_at_its_own_midnight() {
        let (utc, china) = (read_offset("Z").unwrap(), read_offset("+08:00").unwrap());
        assert_eq!(day_of(57_599_999, china).to_string(), "1970-01-01");
        assert_eq!(day_of(57_600_000, china).to_string(), "1970-01-02");
        assert_eq!(day_of(57_600_000, utc).to_string(), "1970-01-01");
        assert_eq!(day_of(-1, utc).to_string(), "1969-12-31");
    }
}
