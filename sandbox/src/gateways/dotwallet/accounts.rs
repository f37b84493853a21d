//! Autopay wallets: what a user holds, and how much of it a merchant may take.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use crate::gateways::orders::locked;

/// One user's autopay wallet, in satoshi.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Account {
    pub(crate) balance: i64,
    pub(crate) single_limit: i64,
    pub(crate) total_limit: i64,
    /// Taken since the user agreed to the limits.
    pub(crate) spent: i64,
    pub(crate) consented: bool,
    /// The user was asked and said no.
    pub(crate) refused: bool,
}

impl Default for Account {
    /// Nothing in it and not asked yet; limits as the consent page proposes them (0.01 and 0.1 BSV).
    fn default() -> Self {
        Self {
            balance: 0,
            single_limit: 1_000_000,
            total_limit: 10_000_000,
            spent: 0,
            consented: false,
            refused: false,
        }
    }
}

/// A change by the control interface; what is left out stays.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct AccountChange {
    pub(crate) balance: Option<i64>,
    pub(crate) single_limit: Option<i64>,
    pub(crate) total_limit: Option<i64>,
    pub(crate) consented: Option<bool>,
    pub(crate) refused: Option<bool>,
}

/// Why nothing can be taken from a wallet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Untakable {
    UnknownUser,
    Refused,
    OverLimit,
    /// Too little in it; a wallet that was never opened holds nothing.
    BalanceTooLow {
        balance: i64,
    },
}

/// All users' wallets.
#[derive(Default)]
pub(super) struct Accounts(Mutex<BTreeMap<String, Account>>);

impl Accounts {
    pub(super) fn get(&self, user: &str) -> Option<Account> {
        locked(&self.0).get(user).cloned()
    }

    pub(super) fn users(&self) -> Vec<String> {
        locked(&self.0).keys().cloned().collect()
    }

    pub(super) fn change(&self, user: &str, change: &AccountChange) -> Account {
        let mut accounts = locked(&self.0);
        let account = accounts.entry(user.to_owned()).or_default();
        account.balance = change.balance.unwrap_or(account.balance);
        account.single_limit = change.single_limit.unwrap_or(account.single_limit);
        account.total_limit = change.total_limit.unwrap_or(account.total_limit);
        if let Some(consented) = change.consented {
            (account.consented, account.refused, account.spent) = (consented, false, 0);
        }
        account.refused = change.refused.unwrap_or(account.refused);
        account.clone()
    }

    /// The user has agreed on the consent page.
    pub(super) fn agree(&self, user: &str, (single_limit, total_limit): (i64, i64), top_up: i64) -> bool {
        let mut accounts = locked(&self.0);
        let Some(account) = accounts.get_mut(user) else { return false };
        let balance = account.balance.saturating_add(top_up);
        *account = Account { balance, single_limit, total_limit, spent: 0, consented: true, refused: false };
        true
    }

    /// The user has refused on the consent page.
    pub(super) fn refuse(&self, user: &str) {
        if let Some(account) = locked(&self.0).get_mut(user) {
            (account.consented, account.refused) = (false, true);
        }
    }

    /// Takes amount and fee out of a wallet, when `place` has booked the order that they are for.
    pub(super) fn take<E: From<Untakable>>(
        &self,
        user: &str,
        (amount, fee): (i64, i64),
        place: impl FnOnce() -> Result<(), E>,
    ) -> Result<(), E> {
        let mut accounts = locked(&self.0);
        let account = accounts.get_mut(user).ok_or(Untakable::UnknownUser)?;
        account.allows(amount, fee)?;
        place()?;
        account.balance -= amount + fee;
        account.spent += amount;
        Ok(())
    }
}

impl Account {
    fn allows(&self, amount: i64, fee: i64) -> Result<(), Untakable> {
        if self.refused {
            return Err(Untakable::Refused);
        }
        if !self.consented {
            return Err(Untakable::BalanceTooLow { balance: 0 });
        }
        if amount > self.single_limit || self.spent.saturating_add(amount) > self.total_limit {
            return Err(Untakable::OverLimit);
        }
        if self.balance < amount.saturating_add(fee) {
            return Err(Untakable::BalanceTooLow { balance: self.balance });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(accounts: &Accounts, amount: i64) -> Result<(), Untakable> {
        accounts.take("u", (amount, 100), || Ok(()))
    }

    #[test]
    fn a_wallet_pays_amount_and_fee_until_the_cumulative_limit_is_reached() {
        let accounts = Accounts::default();
        accounts.change("u", &AccountChange { balance: Some(10_000), ..AccountChange::default() });
        assert_eq!(
            take(&accounts, 500),
            Err(Untakable::BalanceTooLow { balance: 0 }),
            "nobody has agreed yet"
        );
        assert!(accounts.agree("u", (600, 1_000), 0));
        assert_eq!(take(&accounts, 500), Ok(()));
        assert_eq!(accounts.get("u").unwrap().balance, 9_400);
        assert_eq!(take(&accounts, 501), Err(Untakable::OverLimit), "501 more would be 1001 in all");
        assert_eq!(take(&accounts, 500), Ok(()));
        assert_eq!(take(&accounts, 1), Err(Untakable::OverLimit));
    }

    #[test]
    fn a_payment_whose_order_cannot_be_booked_takes_nothing() {
        let accounts = Accounts::default();
        accounts.change("u", &AccountChange::default());
        assert!(accounts.agree("u", (600, 1_000), 10_000));
        let place = || Err(Untakable::UnknownUser);
        assert!(accounts.take("u", (500, 100), place).is_err());
        assert_eq!(accounts.get("u").unwrap().balance, 10_000);
    }

    #[test]
    fn after_a_refusal_nothing_is_paid_until_the_user_agrees() {
        let accounts = Accounts::default();
        accounts.change(
            "u",
            &AccountChange { balance: Some(10_000), consented: Some(true), ..Default::default() },
        );
        accounts.refuse("u");
        assert_eq!(take(&accounts, 1), Err(Untakable::Refused));
        assert!(accounts.agree("u", (600, 1_000), 0));
        assert_eq!(take(&accounts, 1), Ok(()));
    }
}
