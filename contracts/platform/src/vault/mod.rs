//! What the vault and its rules say to each other, and the layout of the vault's arguments, answers and events.
//!
//! The vault carries the rules of settlement, deposit and withdrawal itself. For everything else it asks the rules contract
//! that its terms name: it sends what it stores and what it was asked, and gets back what to store, emit, pay and answer,
//! or the error to return. The rules contract keeps nothing, moves nothing and is called read-only: it is a pure function
//! that happens to live at another address, so that its code does not weigh on every settlement.

mod answer;
mod call;
mod codec;
mod evaluate;
mod event;
mod request;
mod view;

pub use answer::{Answer, Wire, WireBond};
pub use call::VaultCall;
pub use codec::{instruction_of, roles_of, uint128_of, Roles};
pub use evaluate::evaluate;
pub use event::{hot_event, RawEvent};
pub use request::{Request, Values, VALUES};
pub use view::preview;
