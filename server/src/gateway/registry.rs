//! The accounts, each with its gateway, built once at start.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Gateway;
use crate::sealed::Sealer;

/// An account as the use cases see it.
#[derive(Clone)]
pub(crate) struct Account {
    /// Its gateway with its credentials.
    pub(crate) gateway: Arc<dyn Gateway>,
    /// Keeps the payer's tokens and bar codes at rest.
    pub(crate) sealer: Sealer,
    /// A notification that says "paid" needs no confirmation by a query.
    pub(crate) trust_notifications: bool,
    /// The largest single amount, minor units.
    pub(crate) max_amount: Option<i64>,
    /// The largest sum of one UTC day, minor units.
    pub(crate) daily_limit: Option<i64>,
}

/// Every account by its name.
#[derive(Clone, Default)]
pub(crate) struct Registry(BTreeMap<String, Account>);

impl Registry {
    /// Adds an account.
    pub(crate) fn insert(&mut self, name: String, account: Account) {
        self.0.insert(name, account);
    }

    /// The account of this name.
    pub(crate) fn account(&self, name: &str) -> Option<&Account> {
        self.0.get(name)
    }
}
