//! Bookkeeping on ledgers in files, written by the store itself.

mod book;
mod movements;
mod summary;
