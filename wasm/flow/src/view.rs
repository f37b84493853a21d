//! As much of the payer's view of a payment as decisions need.

use countersign_core::{MethodType, PaymentStatus};

/// The payment as the signer last described it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// How it is paid; `None` for a word this version does not know.
    pub method: Option<MethodType>,
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
    /// Call WeChat's bridge into the page.
    CallBridge,
    /// Only a native application can go on.
    NativeApp,
    /// A type this version does not know.
    Unknown,
}

/// What a bridge answers. None of it is proof of anything: it only makes the signer ask the gateway.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BridgeResult {
    /// It says that the payer has paid.
    Ok,
    /// It says that the payer gave up.
    Cancel,
    /// It says that it could not.
    Fail,
    /// It said nothing that can be read.
    #[default]
    Unknown,
}

impl BridgeResult {
    /// The word for it in the checkout API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Cancel => "cancel",
            Self::Fail => "fail",
            Self::Unknown => "unknown",
        }
    }

    /// Reads that word; any other is unknown.
    pub fn parse(text: &str) -> Self {
        match text {
            "ok" => Self::Ok,
            "cancel" => Self::Cancel,
            "fail" => Self::Fail,
            _ => Self::Unknown,
        }
    }
}

/// Why the payer was sent to another page, which decides what to do when they are back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Departure {
    /// To pay, there or here: when back, watch.
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
