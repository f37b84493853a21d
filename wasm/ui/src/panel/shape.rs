//! What a screen is made of: plain objects, which the page puts into elements.

use js_sys::Object;

use super::name::Name;
use super::progress::Progress;
use crate::qr::Code;
use crate::script::{Make, makes};

/// One screen.
#[derive(Debug, Default)]
pub(crate) struct Panel {
    /// The payment's status, or `opening`, or `error`.
    pub(crate) status: String,
    /// Which screen it is, for styling.
    pub(crate) name: Name,
    /// `good`, `bad` or `warn`, when it is one of them.
    pub(crate) tone: Option<&'static str>,
    /// The drawing above its words.
    pub(crate) icon: Option<&'static str>,
    /// The language of its words.
    pub(crate) language: &'static str,
    /// What the whole is called for those who do not see it.
    pub(crate) region: &'static str,
    pub(crate) progress: Option<Progress>,
    pub(crate) amount: Option<String>,
    pub(crate) subject: Option<String>,
    /// A line that says that no money moves.
    pub(crate) sandbox: Option<&'static str>,
    pub(crate) title: String,
    /// A paragraph a line.
    pub(crate) hint: Option<String>,
    /// What to do, one step a line.
    pub(crate) instructions: Option<String>,
    /// Something that went wrong and may pass.
    pub(crate) trouble: Option<&'static str>,
    /// Whether the payer waits for us.
    pub(crate) busy: bool,
    /// Whether it is the answer that we wait for, not the payer.
    pub(crate) is_asking: bool,
    /// How it ended, if it did.
    pub(crate) outcome: Option<String>,
    pub(crate) qr: Option<QrPicture>,
    /// Where the wallet opens on this device, instead of scanning.
    pub(crate) wallet_link: Option<Link>,
    /// Where another browser finds this payment.
    pub(crate) address: Option<Address>,
    pub(crate) countdown: Option<Countdown>,
    pub(crate) button: Option<Button>,
    /// What else can be done, less loudly.
    pub(crate) second: Option<Button>,
    pub(crate) back_link: Option<Link>,
}

makes!(Panel {
    status: "status",
    name: "name",
    tone: "tone",
    icon: "icon",
    language: "language",
    region: "region",
    progress: "progress",
    amount: "amount",
    subject: "subject",
    sandbox: "sandbox",
    title: "title",
    hint: "hint",
    instructions: "instructions",
    trouble: "trouble",
    busy: "busy",
    is_asking: "isAsking",
    outcome: "outcome",
    qr: "qr",
    wallet_link: "walletLink",
    address: "address",
    countdown: "countdown",
    button: "button",
    second: "second",
    back_link: "backLink",
});

/// What a screen has beside its words, one after the other. Boxed and never inlined, because a screen is a large thing to
/// move, and is moved often.
impl Panel {
    #[inline(never)]
    pub(super) fn new(name: Name, title: String) -> Box<Self> {
        Box::new(Self { name, title, ..Self::default() })
    }

    #[inline(never)]
    pub(super) fn hint(mut self: Box<Self>, hint: String) -> Box<Self> {
        self.hint = Some(hint);
        self
    }

    #[inline(never)]
    pub(super) fn outcome(mut self: Box<Self>, outcome: &str) -> Box<Self> {
        self.outcome = Some(outcome.to_owned());
        self
    }

    #[inline(never)]
    pub(super) fn button(mut self: Box<Self>, button: Option<Button>) -> Box<Self> {
        self.button = button;
        self
    }

    #[inline(never)]
    pub(super) fn countdown(mut self: Box<Self>, countdown: Option<Countdown>) -> Box<Self> {
        self.countdown = countdown;
        self
    }

    pub(super) fn busy(mut self: Box<Self>) -> Box<Self> {
        self.busy = true;
        self
    }
}

impl Make for Name {
    fn put(&self, into: &Object, name: &str) {
        self.as_str().put(into, name);
    }
}

/// A button.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Button {
    /// `pay`, `consent`, `continue`, `retry`, `check` or `renew`.
    pub(crate) hook: &'static str,
    /// `confirm`, `proceed`, `follow`, `reload`, `renew` or `renew_code`.
    pub(crate) does: &'static str,
    pub(crate) label: String,
}

makes!(Button { hook: "hook", does: "does", label: "label" });

/// A code with its words for those who do not see it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct QrPicture {
    /// `qr` for a code that pays, `page` for this page's address.
    pub(crate) hook: &'static str,
    pub(crate) code: Code,
    pub(crate) label: String,
    /// Whether it must not be scanned any more.
    pub(crate) covered: bool,
}

makes!(QrPicture { hook: "hook", code: "code", label: "label", covered: "covered" });

/// A link to another page.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) url: String,
    pub(crate) label: String,
}

makes!(Link { url: "url", label: "label" });

/// An address to be copied.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) url: String,
    pub(crate) label: String,
    /// What the button says before and after.
    pub(crate) copy: String,
    pub(crate) copied: String,
}

makes!(Address { url: "url", label: "label", copy: "copy", copied: "copied" });

/// How long there is to pay.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Countdown {
    /// RFC 3339.
    pub(crate) until: String,
    /// With `{time}` in it.
    pub(crate) template: &'static str,
    /// What is said of it now and then, with `{time}` in it.
    pub(crate) said: &'static str,
    pub(crate) over: &'static str,
}

makes!(Countdown { until: "until", template: "template", said: "said", over: "over" });
