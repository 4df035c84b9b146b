use super::{EntityError, EntityEvent, EntityStep};
use crate::{units::Amount, Address};
use scale::{Decode, Encode, MaxEncodedLen};

/// The entity's own account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct EntityState {
    /// Who opens pairs, issues series and moves free capital.
    pub admin: Address,
    /// Who was nominated as the next admin.
    pub nominee: Option<Address>,
    /// Capital that is ring-fenced to nothing; no vault can reach it.
    pub free: Amount,
    /// Never used: keeps the entity's account above the asset's minimum balance.
    pub reserve: Amount,
}

impl EntityState {
    /// Passes only the admin.
    pub fn only_admin(&self, caller: Address) -> Result<(), EntityError> {
        if caller == self.admin {
            Ok(())
        } else {
            Err(EntityError::NotTheAdmin)
        }
    }

    /// The admin nominates its successor, who has to accept.
    pub fn nominate(mut self, caller: Address, nominee: Address) -> Result<Self, EntityError> {
        self.only_admin(caller)?;
        if nominee.is_zero() {
            return Err(EntityError::InvalidAddress);
        }
        self.nominee = Some(nominee);
        Ok(self)
    }

    /// The nominee becomes the admin.
    pub fn accept_nomination(mut self, caller: Address) -> Result<Self, EntityError> {
        if self.nominee != Some(caller) {
            return Err(EntityError::NotNominated);
        }
        self.admin = caller;
        self.nominee = None;
        Ok(self)
    }

    /// Anyone pays capital in. The first deposit fills the reserve before it counts as free.
    pub fn deposit(
        mut self,
        caller: Address,
        amount: Amount,
        reserve_target: Amount,
    ) -> Result<EntityStep, EntityError> {
        check_amount(amount)?;
        let to_reserve = amount.min(reserve_target.saturating_sub(self.reserve));
        self.reserve = self.reserve.add(to_reserve)?;
        self.free = self.free.add(amount.sub(to_reserve)?)?;
        Ok(EntityStep::new(self, EntityEvent::CapitalDeposited { from: caller, amount }).taking(caller, amount))
    }

    /// The admin takes free capital out.
    pub fn withdraw(mut self, caller: Address, amount: Amount) -> Result<EntityStep, EntityError> {
        self.only_admin(caller)?;
        self.use_free(amount)?;
        Ok(EntityStep::new(self, EntityEvent::CapitalWithdrawn { to: caller, amount }).paying(caller, amount))
    }

    /// The admin ring-fences free capital to `vault`; from here on it is that vault's.
    pub fn allocate(mut self, caller: Address, vault: Address, amount: Amount) -> Result<EntityStep, EntityError> {
        self.only_admin(caller)?;
        self.use_free(amount)?;
        Ok(EntityStep::new(self, EntityEvent::CapitalAllocated { vault, amount }).paying(vault, amount))
    }

    /// Passes what [`Self::allocate`] would do, before anything is made that it would pay for.
    pub fn check_allocation(self, caller: Address, amount: Amount) -> Result<(), EntityError> {
        self.allocate(caller, Address::zero(), amount).map(drop)
    }

    /// What a vault or a bond gave back is free again.
    pub fn returned(mut self, from: Address, amount: Amount) -> Result<EntityStep, EntityError> {
        check_amount(amount)?;
        self.free = self.free.add(amount)?;
        Ok(EntityStep::new(self, EntityEvent::CapitalReturned { from, amount }))
    }

    fn use_free(&mut self, amount: Amount) -> Result<(), EntityError> {
        check_amount(amount)?;
        self.free = self.free.sub(amount).map_err(|_| EntityError::InsufficientFreeCapital)?;
        Ok(())
    }
}

fn check_amount(amount: Amount) -> Result<(), EntityError> {
    if amount.is_zero() || amount > Amount::MAX {
        return Err(EntityError::AmountOutOfBounds);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADMIN: Address = Address::repeat_byte(1);
    const OTHER: Address = Address::repeat_byte(2);

    fn funded() -> EntityState {
        let state = EntityState { admin: ADMIN, ..Default::default() };
        state.deposit(OTHER, Amount::new(110), Amount::new(10)).expect("accepted").state
    }

    #[test]
    fn the_first_deposit_fills_the_reserve() {
        assert_eq!((funded().free, funded().reserve), (Amount::new(100), Amount::new(10)));
    }

    #[test]
    fn free_capital_leaves_only_by_the_admin_and_only_what_is_there() {
        assert_eq!(funded().withdraw(OTHER, Amount::new(1)), Err(EntityError::NotTheAdmin));
        assert_eq!(funded().allocate(OTHER, OTHER, Amount::new(1)), Err(EntityError::NotTheAdmin));
        assert_eq!(funded().withdraw(ADMIN, Amount::new(101)), Err(EntityError::InsufficientFreeCapital));
        assert_eq!(funded().withdraw(ADMIN, Amount::ZERO), Err(EntityError::AmountOutOfBounds));
        let step = funded().allocate(ADMIN, OTHER, Amount::new(100)).expect("accepted");
        assert_eq!(step.state.free, Amount::ZERO);
    }

    #[test]
    fn the_admin_hands_over_in_two_steps() {
        let state = funded().nominate(ADMIN, OTHER).expect("accepted");
        assert_eq!(state.admin, ADMIN);
        assert_eq!(state.accept_nomination(ADMIN), Err(EntityError::NotNominated));
        assert_eq!(state.accept_nomination(OTHER).expect("accepted").admin, OTHER);
        assert_eq!(funded().nominate(OTHER, OTHER), Err(EntityError::NotTheAdmin));
    }
}
