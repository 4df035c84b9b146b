use super::{cover::Layer, funds::check_amount, Effects, Env, Phase, Valuation, Vault, VaultError, VaultEvent};
use crate::{
    units::{Amount, Seconds, Timestamp},
    Party,
};

/// Shortest time in which an attestation of different owners still holds after it was taken back.
pub const ATTESTATION_NOTICE: Seconds = Seconds::new(7 * 86_400);

impl Vault {
    /// The entity records capital that it has sent to the vault: the asset's balance must hold it on top of everything
    /// recorded before.
    pub(super) fn add_first_loss(
        &mut self,
        env: &Env,
        fx: &mut Effects,
        balance: Amount,
        amount: Amount,
    ) -> Result<(), VaultError> {
        self.agreement.only_entity(env.caller)?;
        self.check_open()?;
        check_amount(amount)?;
        self.check_surplus(balance, amount)?;
        self.state.first_loss.put(amount)?;
        fx.events.push(VaultEvent::FirstLossChanged { first_loss: self.state.first_loss });
        Ok(())
    }

    /// The entity takes capital back: while the pair runs only if first loss and live cover still reach the tail
    /// requirement, and freely once it is closed.
    pub(super) fn release_first_loss(&mut self, env: &Env, fx: &mut Effects, amount: Amount) -> Result<(), VaultError> {
        self.agreement.only_entity(env.caller)?;
        check_amount(amount)?;
        self.state.first_loss.take(amount).map_err(|_| VaultError::InsufficientFirstLoss)?;
        match self.state.phase {
            Phase::Defaulted { .. } => return Err(VaultError::TailUncovered),
            Phase::Active => {
                // A stale tail requirement says nothing about the tail of today.
                if self.state.valuation != Valuation::NoPortfolio {
                    self.state.check_fresh(env, &self.agreement)?;
                }
                let loss = self.state.loss_time(env.now, &self.agreement.terms.periods, &Party::BOTH);
                if self.state.first_loss.add(self.cover.live(loss, self.state.first_loss)?)?
                    < self.state.tail_requirement
                {
                    return Err(VaultError::TailUncovered);
                }
            }
            Phase::Proposed | Phase::Closed { .. } => {}
        }
        fx.events.push(VaultEvent::FirstLossChanged { first_loss: self.state.first_loss });
        fx.pay(env.caller, amount);
        Ok(())
    }

    /// The entity records the reserve that keeps the vault's account above the asset's minimum balance.
    pub(super) fn add_reserve(
        &mut self,
        env: &Env,
        fx: &mut Effects,
        balance: Amount,
        amount: Amount,
    ) -> Result<(), VaultError> {
        self.agreement.only_entity(env.caller)?;
        self.check_open()?;
        check_amount(amount)?;
        self.check_surplus(balance, amount)?;
        self.standing.reserve.put(amount)?;
        fx.events.push(VaultEvent::ReserveChanged { reserve: self.standing.reserve });
        Ok(())
    }

    /// The entity takes the fees that it has earned, in every phase.
    pub(super) fn collect_fees(&mut self, env: &Env, fx: &mut Effects) -> Result<(), VaultError> {
        self.agreement.only_entity(env.caller)?;
        let amount = core::mem::take(&mut self.state.fees_due);
        if amount.is_zero() {
            return Err(VaultError::NothingDue);
        }
        fx.events.push(VaultEvent::FeesCollected { amount });
        fx.pay(env.caller, amount);
        Ok(())
    }

    /// The entity registers a bond whose principal is paid in. A default at the end of its risk period is paid at the
    /// latest when the last value stands and its collateral is sold, so the bond has to accept claims until then and one
    /// close-out period more; otherwise cover would count that can't be claimed.
    pub(super) fn register_cover(
        &mut self,
        env: &Env,
        fx: &mut Effects,
        layer: Layer,
        attachment: Amount,
        claims_until: Timestamp,
        attested_until: Timestamp,
    ) -> Result<(), VaultError> {
        self.agreement.only_entity(env.caller)?;
        self.check_open()?;
        if attested_until < env.now {
            return Err(VaultError::OwnersNotAttested);
        }
        if env.now <= self.standing.paused_until {
            return Err(VaultError::NewRiskPaused);
        }
        let periods = self.agreement.terms.periods;
        let latest = layer.ends.after(periods.latest_distribution()?)?.after(periods.close_out)?;
        if claims_until < latest {
            return Err(VaultError::CoverTooShort);
        }
        self.cover.register(layer, attachment, attested_until)?;
        fx.events.push(VaultEvent::CoverRegistered { bond: layer.bond, limit: layer.limit });
        Ok(())
    }

    /// The entity passes on until when it has attested the parties to have different owners. It can end earlier than was said
    /// before only after a notice: who relies on cover has the time to see its requirement rise, and the other way round nobody
    /// is covered for long against a party that turns out to be itself.
    pub(super) fn attest_owners(&mut self, env: &Env, fx: &mut Effects, until: Timestamp) -> Result<(), VaultError> {
        self.agreement.only_entity(env.caller)?;
        // Bonds have been told what an open default could claim.
        self.check_open()?;
        let before = self.cover.attested_until();
        let noticed = before.min(env.now.after(ATTESTATION_NOTICE)?);
        let until = until.max(noticed);
        if until == before {
            return Err(VaultError::AttestationUnchanged);
        }
        self.cover.attest(until);
        fx.events.push(VaultEvent::OwnersAttested { until });
        Ok(())
    }

    /// Passes amounts that the asset's balance holds on top of everything recorded.
    fn check_surplus(&self, balance: Amount, amount: Amount) -> Result<(), VaultError> {
        if balance < self.liabilities()?.add(amount)? {
            return Err(VaultError::FundsMissing);
        }
        Ok(())
    }
}
