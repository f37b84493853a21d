//! What the flow is told and what it asks for.

use crate::outcome::Outcome;
use crate::view::{BridgeResult, Departure, Trail, View};

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The payment is to be looked up for the first time.
    Open,
    /// The payer pressed the button.
    Confirm {
        /// Do not send the payer away for consent before [`Event::Proceed`].
        hold_consent: bool,
    },
    /// The payer wants the present next action performed: the held one, or the same page once more.
    Proceed,
    /// Somebody wants to know how it ends.
    Follow,
    /// This page was loaded after the payer had been sent away.
    Returned {
        /// Why they were away.
        departure: Departure,
        /// Where they had been until then.
        trail: Trail,
        /// As in [`Event::Confirm`], for what comes next.
        hold_consent: bool,
    },
    /// The request with this ticket came to an end.
    Answered {
        /// The ticket of [`Effect::Send`].
        ticket: u32,
        /// What came of it.
        result: Result<View, Problem>,
    },
    /// The bridge that was called under this ticket says something; it may speak more than once.
    BridgeAnswered {
        /// The ticket of [`Effect::CallBridge`].
        ticket: u32,
        /// What it says.
        result: BridgeResult,
    },
    /// There is no bridge in this page, so nothing was called.
    BridgeMissing {
        /// The ticket of [`Effect::CallBridge`].
        ticket: u32,
    },
    /// A timer ran out.
    Elapsed(Timer),
    /// The page is no longer seen.
    Hidden,
    /// The page is seen again.
    Visible,
    /// The page came out of the back/forward cache, with this memory.
    Restored,
    /// The device is connected again.
    Online,
    /// The caller gives up waiting.
    Abort,
}

/// Why a request brought no view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// 401.
    Unauthorized,
    /// 422 on the field `environment`: the method does not work where this page is open.
    Misplaced,
    /// Another 4xx that will not go away by asking again.
    Refused {
        /// The HTTP status.
        status: u16,
        /// The problem's code, or empty.
        code: String,
    },
    /// 408, 425, 429 or 5xx.
    Unavailable {
        /// How long the signer asks us to wait.
        retry_after_ms: Option<u32>,
    },
    /// No answer.
    Unreachable,
    /// An answer that is not a view of this payment.
    Unreadable,
}

/// A call of the checkout API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// `POST …/confirm`
    Confirm,
    /// `POST …/returned`
    Returned {
        /// What a bridge said; unknown when the payer was on another page.
        result: BridgeResult,
    },
    /// `GET …`
    View {
        /// Answer once the revision is newer than this one.
        after_revision: u64,
        /// How long the signer may hold the answer back; 0 asks for an answer at once.
        wait_s: u32,
    },
}

/// The timers; setting one that runs starts it afresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// Guards the request in flight, or waits for the next one.
    Request,
    /// Counts how long the page has not been seen.
    Hidden,
    /// Waits for the bridge's word.
    Bridge,
}

/// Something to be done, in the order given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Send a request and report its end under this ticket.
    Send {
        /// Which request this is.
        ticket: u32,
        /// What to ask.
        request: Request,
    },
    /// Stop the request in flight; its end is of no interest.
    Cancel,
    /// Start a timer.
    SetTimer(Timer, u32),
    /// Stop a timer.
    ClearTimer(Timer),
    /// The view just reported is the present one from now on.
    Adopt,
    /// Remember the payment across pages.
    Save {
        /// Why the payer leaves.
        departure: Departure,
        /// Where they have been, this departure included.
        trail: Trail,
    },
    /// Forget what was remembered.
    Forget,
    /// Go to this address.
    Navigate(String),
    /// Call WeChat's bridge with the present next action, and report under this ticket.
    CallBridge {
        /// Which call this is.
        ticket: u32,
    },
    /// Tell who listens that view or phase changed.
    Notify,
    /// Tell who waits how it ended.
    Finish(Outcome),
    /// Tell who waits that it could not be carried out.
    Reject(Problem),
}
