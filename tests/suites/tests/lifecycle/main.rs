//! Whole lives of pairs and series on the built blobs. The modules are by subject; a test is named for the guard it proves.

mod bond_book;
mod bond_calldata;
mod bond_end;
mod bond_note;
mod bond_premium;
mod calls;
mod close_out;
mod default;
mod exits;
mod first_loss;
mod frozen;
mod funds;
mod isolation;
mod opening;
mod roles;
mod waterfall;

/// Phases as `status` shows them.
mod phase {
    pub(crate) const ACTIVE: u8 = 1;
    pub(crate) const DEFAULTED: u8 = 2;
    pub(crate) const CLOSED: u8 = 3;
}
