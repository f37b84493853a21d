//! What the browser does between "pay" and the end of a payment, as a pure state machine.
//!
//! [`Flow::step`] takes an [`Event`] and the time and gives the [`Effect`]s that somebody else performs: no
//! I/O, no clock, no randomness here, so that everything is tested natively. Start reading at [`Flow`].

pub mod destination;
pub mod elsewhere;
pub mod environment;
pub mod event;
pub mod outcome;
pub mod schedule;
pub mod view;

mod machine;

pub use elsewhere::Elsewhere;
pub use environment::{Environment, Here};
pub use event::{Effect, Event, Problem, Request, Timer};
pub use machine::{Flow, Phase};
pub use outcome::Outcome;
pub use view::{Action, BridgeResult, Departure, Trail, View};
