//! Numbers and tokens that a gateway makes up.

use rand::Rng as _;
use rand::distr::{Alphanumeric, SampleString as _};

/// As many random decimal digits, the first one not zero.
pub(crate) fn digits(count: usize) -> String {
    let mut random = rand::rng();
    let mut draw = |least| char::from(b'0' + random.random_range(least..10u8));
    (0..count).map(|place| draw(u8::from(place == 0))).collect()
}

/// As many random lower-case hexadecimal digits.
pub(crate) fn hex(count: usize) -> String {
    let mut random = rand::rng();
    (0..count).map(|_| char::from(b"0123456789abcdef"[random.random_range(0..16)])).collect()
}

/// As many random letters and digits.
pub(crate) fn nonce(count: usize) -> String {
    Alphanumeric.sample_string(&mut rand::rng(), count)
}
