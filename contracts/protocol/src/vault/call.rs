use super::{Agreement, Env, MarginCall, VaultError, VaultEvent, VaultStep};
use crate::Party;

impl VaultStep {
    /// Opens, updates or closes each side's margin call after its shortfall may have changed.
    ///
    /// A call opens at the minimum transfer amount, or for any unpaid settlement. A larger shortfall never moves the
    /// deadline of an open call.
    pub(super) fn refresh_calls(&mut self, env: &Env, agreement: &Agreement) -> Result<(), VaultError> {
        for party in Party::BOTH {
            let shortfall = self.state.shortfall(party)?;
            let minimum = agreement.terms.csa.of(party).minimum_transfer_amount;
            let has_deficit = !self.state.deficit.of(party).is_zero();
            let callable = has_deficit || (shortfall >= minimum && !shortfall.is_zero());

            let before = *self.state.call.of(party);
            let after = match before {
                _ if !callable => None,
                Some(open) => Some(MarginCall { amount: shortfall, ..open }),
                None => {
                    let deadline = env.now.after(agreement.terms.periods.cure)?;
                    Some(MarginCall { amount: shortfall, deadline })
                }
            };
            *self.state.call.of_mut(party) = after;
            match (before, after) {
                (Some(_), None) => self.events.push(VaultEvent::CallMet { party }),
                (_, Some(MarginCall { amount, deadline })) if before != after => {
                    self.events.push(VaultEvent::CallOpened { party, amount, deadline });
                }
                _ => {}
            }
        }
        Ok(())
    }
}
