use super::{Agreement, CoverBook, Env, MarginCall, Phase, VaultError, VaultState};
use crate::{
    units::{Amount, SignedAmount, Timestamp},
    Pair,
};

/// Everything a wallet shows of a pair, in one read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// Where the pair stands.
    pub phase: Phase,
    /// Each side's margin.
    pub margin: Pair<Amount>,
    /// What each side has to post.
    pub required: Pair<Amount>,
    /// What each side owes and could not pay.
    pub deficit: Pair<Amount>,
    /// What each side could withdraw now.
    pub withdrawable: Pair<Amount>,
    /// Each side's open call.
    pub call: Pair<Option<MarginCall>>,
    /// The entity's capital in this vault.
    pub first_loss: Amount,
    /// What live bonds could pay now.
    pub live_cover: Amount,
    /// The tail to be covered.
    pub tail_requirement: Amount,
    /// A's cumulative entitlement in the last instruction.
    pub entitlement: SignedAmount,
    /// The last instruction's sequence and valuation time.
    pub last_instruction: (u64, Timestamp),
}

impl VaultState {
    /// The state as a wallet shows it.
    pub fn status(&self, env: &Env, agreement: &Agreement, cover: &CoverBook) -> Result<Status, VaultError> {
        Ok(Status {
            phase: self.phase,
            margin: self.margin,
            required: self.required,
            deficit: self.deficit,
            withdrawable: Pair {
                a: self.withdrawable(env, agreement, crate::Party::A)?,
                b: self.withdrawable(env, agreement, crate::Party::B)?,
            },
            call: self.call,
            first_loss: self.first_loss,
            live_cover: cover.live(env.now)?,
            tail_requirement: self.tail_requirement,
            entitlement: self.entitlement,
            last_instruction: (self.sequence, self.valuation_time),
        })
    }
}
