//! Reading the bodies of the merchant API: all that does not fit is told at once, each with its field.

mod amount;
mod method;
mod order;
mod reader;
mod refund;
mod resolution;

pub(super) use order::{OrderForm, read as read_order};
pub(super) use refund::{RefundForm, read as read_refund};
pub(super) use resolution::{ResolutionForm, read as read_resolution};
