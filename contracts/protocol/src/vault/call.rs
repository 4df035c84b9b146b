use super::{Agreement, Env, MarginCall, VaultError, VaultEvent, VaultStep};
use crate::Party;

impl VaultStep {
    /// Opens, updates or closes each side's margin call after its shortfall may have changed.
    ///
    /// A call opens at the minimum transfer amount, or for any unpaid settlement. It closes only when nothing is missing
    /// any more: below the minimum it stays, or a party could renew its cure period for ever with small deposits. A larger
    /// shortfall never moves the deadline of an open call.
    pub(super) fn refresh_calls(&mut self, env: &Env, agreement: &Agreement) -> Result<(), VaultError> {
        for party in Party::BOTH {
            let shortfall = self.state.shortfall(party)?;
            let minimum = agreement.terms.csa.of(party).minimum_transfer_amount;
            let has_deficit = !self.state.deficit.of(party).is_zero();
            let missing = has_deficit || !shortfall.is_zero();
            let callable = has_deficit || (missing && shortfall >= minimum);

            let before = *self.state.call.of(party);
            let after = match before {
                Some(open) if missing => Some(MarginCall { amount: shortfall, ..open }),
                Some(_) => None,
                None if !callable => None,
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
