use super::{
    cover::Layer, funds::check_amount, Agreement, CoverBook, Env, Phase, VaultError, VaultEvent, VaultState, VaultStep,
};
use crate::units::{Amount, Timestamp};

impl VaultState {
    /// The entity records capital that it has sent to the vault: the asset's balance must hold it on top of everything
    /// recorded before.
    pub fn add_first_loss(
        mut self,
        env: &Env,
        agreement: &Agreement,
        balance: Amount,
        amount: Amount,
    ) -> Result<VaultStep, VaultError> {
        agreement.only_entity(env.caller)?;
        self.check_open()?;
        check_amount(amount)?;
        self.check_surplus(balance, amount)?;
        self.first_loss = self.first_loss.add(amount)?;
        Ok(VaultStep::new(self, VaultEvent::FirstLossChanged { first_loss: self.first_loss }))
    }

    /// The entity takes capital back: while the pair runs only if first loss and live cover still reach the tail
    /// requirement, and freely once it is closed.
    pub fn release_first_loss(
        mut self,
        env: &Env,
        agreement: &Agreement,
        cover: &CoverBook,
        amount: Amount,
    ) -> Result<VaultStep, VaultError> {
        agreement.only_entity(env.caller)?;
        check_amount(amount)?;
        if amount > self.first_loss {
            return Err(VaultError::InsufficientFirstLoss);
        }
        self.first_loss = self.first_loss.sub(amount)?;
        match self.phase {
            Phase::Defaulted { .. } => return Err(VaultError::TailUncovered),
            Phase::Active => {
                // A stale tail requirement says nothing about the tail of today.
                if self.portfolio_version != 0 {
                    self.check_fresh(env, agreement)?;
                }
                if self.first_loss.add(cover.live(env.now)?)? < self.tail_requirement {
                    return Err(VaultError::TailUncovered);
                }
            }
            Phase::Proposed | Phase::Closed { .. } => {}
        }
        let event = VaultEvent::FirstLossChanged { first_loss: self.first_loss };
        Ok(VaultStep::new(self, event).paying(agreement.terms.entity, amount))
    }

    /// The entity records the reserve that keeps the vault's account above the asset's minimum balance.
    pub fn add_reserve(
        mut self,
        env: &Env,
        agreement: &Agreement,
        balance: Amount,
        amount: Amount,
    ) -> Result<VaultState, VaultError> {
        agreement.only_entity(env.caller)?;
        self.check_open()?;
        check_amount(amount)?;
        self.check_surplus(balance, amount)?;
        self.reserve = self.reserve.add(amount)?;
        Ok(self)
    }

    /// The entity registers a bond whose principal is paid in. A default at the end of its risk period can be closed out at
    /// the last value only after the close-out deadline, so the bond has to accept claims for one close-out period more;
    /// otherwise cover would count that can't be claimed.
    pub fn register_cover(
        self,
        env: &Env,
        agreement: &Agreement,
        cover: CoverBook,
        layer: Layer,
        attachment: Amount,
        claims_until: Timestamp,
    ) -> Result<(VaultStep, CoverBook), VaultError> {
        agreement.only_entity(env.caller)?;
        self.check_open()?;
        let close_out = agreement.terms.periods.close_out;
        if claims_until < layer.ends.after(close_out)?.after(close_out)? {
            return Err(VaultError::CoverTooShort);
        }
        let cover = cover.register(layer, attachment)?;
        let event = VaultEvent::CoverRegistered { bond: layer.bond, limit: layer.limit };
        Ok((VaultStep::new(self, event), cover))
    }

    fn check_open(&self) -> Result<(), VaultError> {
        match self.phase {
            Phase::Proposed | Phase::Active => Ok(()),
            Phase::Defaulted { .. } | Phase::Closed { .. } => Err(VaultError::NotActive),
        }
    }

    fn check_surplus(&self, balance: Amount, amount: Amount) -> Result<(), VaultError> {
        if balance < self.liabilities()?.add(amount)? {
            return Err(VaultError::FundsMissing);
        }
        Ok(())
    }
}
