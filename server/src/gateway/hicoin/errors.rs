//! Hicoin's published codes: one. Any other leaves the outcome unknown, and a query decides.
//!
//! Source: Hicoin API-Platform, questions (110043).

use countersign_core::FailureClass::Configuration;

use crate::gateway::errors::{Row, row};

#[rustfmt::skip]
pub(super) const TABLE: &[Row] = &[
    row("110043", "merchant_balance_too_low", Configuration, "The shop cannot take this payment at the moment.", "商户业务账户余额不足。"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sound() {
        crate::gateway::errors::assert_sound(TABLE);
    }
}
