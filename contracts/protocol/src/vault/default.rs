use super::{Auction, Bid, Effects, Env, Phase, Vault, VaultError, VaultEvent};
use crate::{units::SignedAmount, Party};
use scale::{Decode, Encode, MaxEncodedLen};

/// What is known of the open default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct DefaultCase {
    /// What the defaulter owes the survivor beyond the posted balance, once it is determined; negative if the survivor
    /// owes.
    pub determined: Option<SignedAmount>,
    /// True if nobody can take the defaulter's place: the pair ends.
    pub ends_pair: bool,
    /// The best bid for the defaulter's side.
    pub bid: Option<Bid>,
    /// The sale of the defaulter's collateral.
    pub auction: Option<Auction>,
}

impl Vault {
    /// Puts `party` in default: anyone once its call's deadline passed uncured, or the party itself at any time. The last
    /// valuation has to be fresh in both cases: a party that could default on a stale one would leave at a value that it
    /// knows to be wrong. Open disputes end as first instructed; while the other side's dispute holds money that would be
    /// the party's, or all that it lacks is in its own dispute, a default waits for the end of it.
    pub(super) fn declare_default(&mut self, env: &Env, fx: &mut Effects, party: Party) -> Result<(), VaultError> {
        self.check_active()?;
        if self.state.valuation == super::Valuation::NoPortfolio {
            return Err(VaultError::NoPortfolio);
        }
        if env.caller != *self.agreement.terms.parties.of(party) {
            let call = self.state.call.of(party).ok_or(VaultError::NoCallOpen)?;
            if env.now <= call.deadline {
                return Err(VaultError::CallNotDue);
            }
            let other_holds = *self.state.disputed.of(party.other());
            if call.amount.is_zero() || other_holds {
                return Err(VaultError::DisputeOpen);
            }
        }
        self.state.check_fresh(env, &self.agreement)?;

        self.lapse_all(env, fx)?;
        self.begin_case(env, fx, party, DefaultCase::default())
    }

    pub(super) fn begin_case(
        &mut self,
        env: &Env,
        fx: &mut Effects,
        party: Party,
        case: DefaultCase,
    ) -> Result<(), VaultError> {
        self.case = case;
        // Who can't leave for as long as the default lasts must not find other signers after it.
        self.standing.rotation = None;
        self.state.phase = Phase::Defaulted { party, since: env.now };
        let periods = self.agreement.terms.periods;
        fx.events.push(VaultEvent::Defaulted {
            party,
            replacement_deadline: env.now.after(periods.replacement)?,
            close_out_deadline: env.now.after(periods.close_out)?,
        });
        Ok(())
    }
}
