//! Random bytes for secrets that live as long as what xtask starts.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Read as _;

use anyhow::{Context, Result};

/// So many random bytes in hexadecimal digits.
///
/// # Errors
/// When the system gives none.
pub(crate) fn hex(bytes: usize) -> Result<String> {
    let mut random = vec![0; bytes];
    let mut source = File::open("/dev/urandom").context("cannot open /dev/urandom")?;
    source.read_exact(&mut random).context("cannot read /dev/urandom")?;
    let mut hex = String::with_capacity(2 * bytes);
    for byte in random {
        write!(hex, "{byte:02x}").expect("writing to a String cannot fail");
    }
    Ok(hex)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_gives_two_digits_and_no_two_calls_the_same() {
        let (one, other) = (hex(16).unwrap(), hex(16).unwrap());
        assert_eq!(one.len(), 32);
        assert!(one.bytes().all(|digit| digit.is_ascii_hexdigit()), "{one}");
        assert_ne!(one, other);
    }
}
