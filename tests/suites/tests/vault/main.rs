//! The clauses of the vault beyond settlement and default, on the built blobs, under full terms. The modules are by
//! subject; a test is named for the guard it proves.

mod accrual;
mod collateral;
mod dispute;
mod estate;
mod events;
mod exits;
mod pause;
mod replacement;
mod run_off;
mod sale;
mod views;

/// Phases as `status` shows them.
mod phase {
    pub(crate) const ACTIVE: u8 = 1;
    pub(crate) const CLOSED: u8 = 3;
}

/// An amount as a signed one.
fn signed(amount: u128) -> i128 {
    i128::try_from(amount).expect("amounts of the tests are small")
}
