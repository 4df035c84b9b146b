use super::{funds::check_amount, Effects, Env, Phase, Vault, VaultError, VaultEvent};
use crate::{units::Amount, Party};

impl Vault {
    /// A party posts collateral. At marks that are fresh it counts at once and may close a call; otherwise it counts from
    /// the next instruction.
    pub(super) fn post_collateral(
        &mut self,
        env: &Env,
        fx: &mut Effects,
        index: usize,
        quantity: Amount,
    ) -> Result<(), VaultError> {
        let party = self.agreement.party(env.caller)?;
        self.check_active()?;
        check_amount(quantity)?;
        let asset = self.collateral.asset(index)?;
        self.collateral.post(party, index, quantity)?;
        if self.state.check_fresh(env, &self.agreement).is_ok() {
            self.revalue(party)?;
        }

        fx.events.push(VaultEvent::CollateralPosted { party, asset, quantity });
        fx.take_token(asset, env.caller, quantity);
        self.refresh(env, fx)
    }

    /// A party takes collateral back that its requirement does not need, or all of it once the pair is closed.
    pub(super) fn return_collateral(
        &mut self,
        env: &Env,
        fx: &mut Effects,
        index: usize,
        quantity: Amount,
    ) -> Result<(), VaultError> {
        let party = self.agreement.party(env.caller)?;
        check_amount(quantity)?;
        self.state.check_may_withdraw(env, &self.agreement, party)?;
        let asset = self.collateral.asset(index)?;
        self.collateral.take(party, index, quantity)?;
        if self.state.phase == Phase::Active {
            self.revalue(party)?;
            if !self.state.shortfall(party)?.is_zero() {
                return Err(VaultError::WithdrawalExceedsExcess);
            }
        }

        fx.events.push(VaultEvent::CollateralReturned { party, asset, quantity });
        fx.pay_token(asset, env.caller, quantity);
        Ok(())
    }

    /// A party puts one asset in the place of another at fresh marks. Its side must not lack more than before; and while
    /// it may take nothing out, what comes in must be worth what goes out, or it would take out in kind what an open call
    /// or dispute keeps here.
    pub(super) fn substitute_collateral(
        &mut self,
        env: &Env,
        fx: &mut Effects,
        (into, posted): (usize, Amount),
        (out_of, returned): (usize, Amount),
    ) -> Result<(), VaultError> {
        let party = self.agreement.party(env.caller)?;
        self.check_active()?;
        self.state.check_fresh(env, &self.agreement)?;
        check_amount(posted)?;
        check_amount(returned)?;
        let (incoming, outgoing) = (self.collateral.asset(into)?, self.collateral.asset(out_of)?);
        if let Err(reason) = self.state.check_may_withdraw(env, &self.agreement, party) {
            if self.collateral.worth_down(into, posted)? < self.collateral.worth_up(out_of, returned)? {
                return Err(reason);
            }
        }
        let before = self.state.shortfall(party)?;
        self.collateral.post(party, into, posted)?;
        self.collateral.take(party, out_of, returned)?;
        self.revalue(party)?;
        if self.state.shortfall(party)? > before {
            return Err(VaultError::WithdrawalExceedsExcess);
        }

        fx.events.push(VaultEvent::CollateralPosted { party, asset: incoming, quantity: posted });
        fx.events.push(VaultEvent::CollateralReturned { party, asset: outgoing, quantity: returned });
        fx.take_token(incoming, env.caller, posted);
        fx.pay_token(outgoing, env.caller, returned);
        self.refresh(env, fx)
    }

    /// Counts what `party` has posted at the last marks.
    fn revalue(&mut self, party: Party) -> Result<(), VaultError> {
        *self.state.credit.of_mut(party) = self.collateral.credit(party)?;
        Ok(())
    }

    /// Opens and closes calls after a side's position changed.
    pub(super) fn refresh(&mut self, env: &Env, fx: &mut Effects) -> Result<(), VaultError> {
        self.state.refresh_calls(env, &self.agreement, &mut fx.events)
    }
}
