//! Sums of minor units, and as decimals of the major unit.

use countersign_core::Currency;

/// How many, and how much they come to, in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) count: u64,
    /// Wider than an amount: sums of many amounts may be larger than the largest one.
    pub(super) sum: i128,
}

impl Tally {
    /// Adds one.
    pub(super) fn add(&mut self, amount: i64) {
        self.count += 1;
        self.sum += i128::from(amount);
    }
}

/// The exact decimal of the major unit, without the currency: −1050 of `CNY` is `-10.50`.
pub(super) fn decimal(minor: i128, currency: &Currency) -> String {
    let unit = 10_u128.pow(currency.exponent());
    let sign = if minor < 0 { "-" } else { "" };
    let width = currency.exponent() as usize;
    let minor = minor.unsigned_abs();
    format!("{sign}{}.{:0width$}", minor / unit, minor % unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(minor: i128, code: &str) -> String {
        decimal(minor, &Currency::parse(code).unwrap())
    }

    #[test]
    fn decimals_are_exact_with_their_sign() {
        assert_eq!(shown(1050, "CNY"), "10.50");
        assert_eq!(shown(-1050, "CNY"), "-10.50");
        assert_eq!(shown(-5, "HKD"), "-0.05");
        assert_eq!(shown(546, "BSV"), "0.00000546");
        assert_eq!(shown(0, "USDT"), "0.00000000");
        assert_eq!(shown(i128::from(i64::MAX) * 10, "CNY"), "922337203685477580.70");
    }

    #[test]
    fn a_tally_holds_more_than_the_largest_amount() {
        let mut tally = Tally::default();
        tally.add(i64::MAX);
        tally.add(i64::MAX);
        assert_eq!((tally.count, tally.sum), (2, i128::from(i64::MAX) * 2));
    }
}
