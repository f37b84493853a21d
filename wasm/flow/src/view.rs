//! As much of the payer's view of a payment as decisions need.

use countersign_core::PaymentStatus;

/// The payment as the signer last described it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// Where it stands; `None` for a word this version does not know, which is never an end.
    pub status: Option<PaymentStatus>,
    /// Goes up with every change.
    pub revision: u64,
    /// What the browser must do now.
    pub action: Option<Action>,
    /// Until when it may be paid, Unix milliseconds; `None` when that cannot be read.
    pub expires_at_ms: Option<i64>,
}

impl View {
    /// Whether there is nothing more to wait for.
    pub fn is_settled(&self) -> bool {
        self.status.is_some_and(PaymentStatus::is_settled)
    }
}

/// A next action, reduced to how it is performed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Go to another page.
    Leave {
        /// Why.
        departure: Departure,
        /// The whole address; `None` when the parts make no web address, and then nobody goes anywhere.
        url: Option<String>,
    },
    /// Show a QR code and wait.
    ShowCode,
    /// Call a wallet's bridge.
    Bridge(Bridge),
    /// Only a native application can go on.
    NativeApp,
    /// A type this version does not know.
    Unknown,
}

/// A wallet's bridge into the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bridge {
    /// WeChat, `getBrandWCPayRequest`.
    Wechat,
    /// The Hong Kong wallet, `getH5PrepayRequest`.
    WechatHk,
}

/// Why the payer was sent to another page, which decides what to do when they are back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Departure {
    /// To pay there: when back, watch.
    Pay,
    /// To log in: when back, submit once more.
    Login,
    /// To allow automatic payments: when back, submit once more.
    Consent,
}

impl Departure {
    /// The word under which it is saved.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pay => "pay",
            Self::Login => "login",
            Self::Consent => "consent",
        }
    }

    /// Reads the saved word.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "pay" => Some(Self::Pay),
            "login" => Some(Self::Login),
            "consent" => Some(Self::Consent),
            _ => None,
        }
    }
}

/// Where the payer has been sent since they last pressed the button: nobody is sent twice for the same consent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Trail {
    /// They were sent to log in.
    pub login: bool,
    /// They were sent to allow automatic payments.
    pub consent: bool,
}

impl Trail {
    /// Whether another departure of this kind would be a loop.
    pub const fn has(self, departure: Departure) -> bool {
        match departure {
            Departure::Pay => false,
            Departure::Login => self.login,
            Departure::Consent => self.consent,
        }
    }

    /// This trail with one more departure.
    pub const fn with(mut self, departure: Departure) -> Self {
        match departure {
            Departure::Pay => {}
            Departure::Login => self.login = true,
            Departure::Consent => self.consent = true,
        }
        self
    }
}
