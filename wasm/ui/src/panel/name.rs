//! Which screens there are.

/// Declares the screens, and a list from which none is missing.
macro_rules! names {
    ($($(#[$meta:meta])* $name:ident: $word:literal,)+) => {
        /// A screen by its name, which is `data-panel` in the page.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub(crate) enum Name { $($(#[$meta])* $name,)+ }

        impl Name {
            #[cfg(test)]
            pub(super) const ALL: &'static [Self] = &[$(Self::$name,)+];

            pub(crate) const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }
        }
    };
}

names! {
    /// The payment is being looked up.
    Loading: "loading",
    /// It can be paid.
    Ready: "ready",
    /// The payer waits for us.
    #[default]
    Working: "working",
    /// The payer is being sent to another page.
    Leaving: "leaving",
    /// A code to scan.
    Qr: "qr",
    /// The same when its time is up.
    QrOver: "qr_over",
    /// We wait for the payer.
    Waiting: "waiting",
    /// A permission or a login is missing.
    Consent: "consent",
    /// The page is to be opened somewhere else.
    Elsewhere: "elsewhere",
    /// The till goes on.
    Till: "till",
    /// Paid.
    Good: "good",
    /// Not paid, for certain.
    Bad: "bad",
    /// An end that is neither.
    Neutral: "neutral",
    /// An error of ours, not of the payment.
    Trouble: "trouble",
}
