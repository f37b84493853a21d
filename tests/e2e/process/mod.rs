//! The process itself: disks that fill up or fail, clocks that are set, databases that go away, and how it ends.

mod clock;
mod cluster;
mod disk_full;
mod drain;
mod durable_first;
mod fail_stop;
mod lock;
mod namespace;
mod postgres;
mod read_only;
mod ready;
mod stage;
mod trace;
