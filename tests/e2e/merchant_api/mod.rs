//! What a merchant's backend can count on.

mod creating;
mod events;
mod fields;
mod gateway_rules;
mod problems;
mod steering;
