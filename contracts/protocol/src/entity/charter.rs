use super::{Role, Seat};
use crate::{
    units::{Amount, Bps, Seconds, Timestamp},
    Address, Digest,
};
use scale::{Decode, Encode, MaxEncodedLen};

/// What the entity is founded on, and what only a scheduled change alters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct Charter {
    /// The settlement asset, an ERC-20; fixed.
    pub asset: Address,
    /// What every contract keeps back so that its account stays above the asset's minimum balance; fixed.
    pub asset_reserve: Amount,
    /// The contract with the rules of new vaults.
    pub rules: Address,
    /// The code of new vaults.
    pub vault_code: Digest,
    /// The code of new bonds.
    pub bond_code: Digest,
    /// Largest fee cap in the terms of a new pair.
    pub fee_cap: Bps,
    /// From scheduling a change to the first moment at which it can be executed.
    pub delay: Seconds,
    /// Seats by the numbers of their roles.
    pub seats: [Seat; 3],
    /// Last moment of the guardian's last pause; zero if there was none.
    pub paused_until: Timestamp,
    /// True once the founder has said who the entity is.
    pub incorporated: bool,
    /// Pairs opened.
    pub pairs: u32,
    /// Series issued.
    pub series: u32,
    /// Parties that were ever attested.
    pub attested: u32,
    /// The number of the last change scheduled.
    pub changes: u32,
}

impl Charter {
    /// The seat of a role.
    pub const fn seat(&self, role: Role) -> &Seat {
        let [admin, guardian, agent] = &self.seats;
        match role {
            Role::Admin => admin,
            Role::Guardian => guardian,
            Role::Agent => agent,
        }
    }

    /// The same, to change.
    pub(super) const fn seat_mut(&mut self, role: Role) -> &mut Seat {
        let [admin, guardian, agent] = &mut self.seats;
        match role {
            Role::Admin => admin,
            Role::Guardian => guardian,
            Role::Agent => agent,
        }
    }
}
