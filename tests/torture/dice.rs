//! Chance that is the same for the same seed, under any version of anything: SplitMix64.

/// A stream of numbers.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    /// The stream of one thing under a seed: the `number`th of its `kind`.
    pub(crate) fn of(seed: u64, kind: &str, number: u64) -> Self {
        let kind = kind.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        let mut dice = Self(seed ^ kind ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        // Neighbouring numbers start far from each other.
        dice.next();
        dice
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from `least` to `most`, both included.
    pub(crate) fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.next() % (most - least + 1)
    }

    /// Whether something happens that happens `percent` times in a hundred.
    pub(crate) fn chance(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }

    /// One of several.
    pub(crate) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        let place = usize::try_from(self.next() % of.len() as u64).expect("a place in memory");
        of[place]
    }

    /// One of several, each as likely as its weight.
    pub(crate) fn weighed<T: Copy>(&mut self, of: &[(u64, T)]) -> T {
        let mut left = self.next() % of.iter().map(|(weight, _)| weight).sum::<u64>();
        for (weight, what) in of {
            match left.checked_sub(*weight) {
                Some(rest) => left = rest,
                None => return *what,
            }
        }
        unreachable!("the number is less than the sum of the weights")
    }
}

#[cfg(test)]
mod tests {
    use super::Dice;

    #[test]
    fn a_seed_gives_the_same_again_and_another_gives_something_else() {
        let rolls = |seed, kind, number| {
            let mut dice = Dice::of(seed, kind, number);
            (0..20).map(|_| dice.between(0, 1_000_000)).collect::<Vec<_>>()
        };
        assert_eq!(rolls(7, "round", 3), rolls(7, "round", 3));
        assert_ne!(rolls(7, "round", 3), rolls(8, "round", 3));
        assert_ne!(rolls(7, "round", 3), rolls(7, "round", 4));
        assert_ne!(rolls(7, "round", 3), rolls(7, "journey", 3));
    }

    #[test]
    fn weights_are_kept_to() {
        let mut dice = Dice::of(1, "weights", 0);
        let picked: Vec<char> = (0..1000).map(|_| dice.weighed(&[(0, 'n'), (9, 'o'), (1, 's')])).collect();
        let seldom = picked.iter().filter(|letter| **letter == 's').count();
        assert!((50..200).contains(&seldom), "{seldom}");
        assert!(!picked.contains(&'n'));
    }
}
