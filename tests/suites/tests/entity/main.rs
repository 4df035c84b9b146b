//! The entity on the built blobs: register, timelock, cover only between different owners, resolution; NO-KEY, EXIT and
//! ISOLATE with an attacker that holds every key but the parties'. The rules themselves are proved in the protocol's tests.

mod cover;
mod isolate;
mod no_key;
mod register;
mod resolution;
mod rotation;
mod timelock;

/// Phases of a vault as `status` shows them.
mod phase {
    pub(crate) const ACTIVE: u8 = 1;
    pub(crate) const CLOSED: u8 = 3;
}

use alloy_primitives::B256;
use ringfence_bindings::IEntity as entity;
use ringfence_devchain::{Actor, Located};
use ringfence_suites::Stage;

/// The admin admits an ordinary claim of an account that has some of the asset.
fn creditor(stage: &mut Stage, name: &str, class: u8, amount: u128) -> (Actor, u32) {
    let (admin, target) = (stage.admin.clone(), stage.entity);
    let holder = stage.session.eth_actor(name);
    let call = entity::admitClaimCall { class, holder: holder.address(), amount, evidence: B256::repeat_byte(0x50) };
    let number = stage.must(&admin, target, call).returned;
    (holder, number)
}
