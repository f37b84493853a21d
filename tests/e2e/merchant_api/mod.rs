//! What a merchant's backend can count on.

mod creating;
mod events;
mod fields;
mod problems;
mod steering;
