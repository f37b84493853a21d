//! Reading an amount: whole minor units of the account's currency, within its limits.

use countersign_core::{AMOUNT_MAX, Currency, Money};
use serde_json::{Map, Value};

use super::reader::Reader;
use crate::gateway::Account;

impl Reader {
    /// An amount that must be there, in the account's currency.
    pub(super) fn amount(&mut self, fields: &Map<String, Value>, account: Option<&Account>) -> Option<Money> {
        let amount = match fields.get("amount") {
            None | Some(Value::Null) => {
                self.misfit("amount", "required", "required");
                return None;
            }
            Some(Value::Object(amount)) => amount,
            Some(_) => {
                self.misfit("amount", "wrong_type", "must be an object with value and currency");
                return None;
            }
        };
        self.only(amount, "amount.", &["value", "currency"]);
        let value = self.minor_units(amount, account);
        let currency = self.currency(amount, account);
        Money::new(value?, currency?).ok()
    }

    fn minor_units(&mut self, amount: &Map<String, Value>, account: Option<&Account>) -> Option<i64> {
        let field = "amount.value";
        let value = match amount.get("value") {
            None | Some(Value::Null) => {
                self.misfit(field, "required", "required");
                return None;
            }
            Some(Value::Number(number)) if number.is_f64() => {
                self.misfit(
                    field,
                    "wrong_type",
                    "must be a whole number of minor units, without fraction or exponent",
                );
                return None;
            }
            Some(Value::Number(number)) => number.as_i64(),
            Some(_) => {
                self.misfit(field, "wrong_type", "must be a number");
                return None;
            }
        };
        let value = value.filter(|value| (1..=AMOUNT_MAX).contains(value));
        let Some(value) = value else {
            self.misfit(field, "out_of_range", format!("must be 1 to {AMOUNT_MAX} minor units"));
            return None;
        };
        if let Some(max) = account.and_then(|account| account.max_amount)
            && value > max
        {
            self.misfit(field, "above_limit", format!("the account's largest single amount is {max}"));
            return None;
        }
        Some(value)
    }

    fn currency(&mut self, amount: &Map<String, Value>, account: Option<&Account>) -> Option<Currency> {
        let field = "amount.currency";
        let code = self.text(amount, "amount.", "currency", 10)?;
        let Ok(currency) = Currency::parse(&code) else {
            self.misfit(field, "invalid_currency", "must be 2 to 10 capital letters or digits");
            return None;
        };
        if let Some(account) = account
            && *account.gateway.currency() != currency
        {
            let expected = account.gateway.currency();
            self.misfit(field, "wrong_currency", format!("this account takes {expected}"));
            return None;
        }
        Some(currency)
    }
}
