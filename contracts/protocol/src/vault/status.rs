use super::{Env, LossTime, MarginCall, Phase, SignedInstruction, Vault, VaultError, VaultStep};
use crate::{
    units::{Amount, Seconds, SignedAmount, Timestamp},
    Pair, Party,
};

/// Everything a wallet shows of a pair, in one read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// Where the pair stands.
    pub phase: Phase,
    /// Each side's margin in the settlement asset.
    pub margin: Pair<Amount>,
    /// What each side has to post.
    pub required: Pair<Amount>,
    /// What each side's collateral counts for.
    pub credit: Pair<Amount>,
    /// What each side owes and could not pay.
    pub deficit: Pair<Amount>,
    /// What each side owes, has not paid and disputes.
    pub suspended: Pair<Amount>,
    /// What each side has beyond what it has to hold.
    pub excess: Pair<Amount>,
    /// What each side could withdraw now, or what stands against it.
    pub withdrawable: Pair<Result<Amount, VaultError>>,
    /// Each side's open call.
    pub call: Pair<Option<MarginCall>>,
    /// The entity's capital in this vault.
    pub first_loss: Amount,
    /// What bonds could pay for a default now: what is live, past its waiting period and eligible. While a side is called that
    /// is judged as of its call.
    pub live_cover: Amount,
    /// The tail to be covered.
    pub tail_requirement: Amount,
    /// What of the tail neither first loss nor live cover reaches: the sides post it, as the terms share it.
    pub tail_gap: Amount,
    /// The last moment of the live cover that ends first, or of the attestation; nothing if there is none.
    pub cover_lapses: Option<Timestamp>,
    /// What the gap is after that, with the tail as it is and cover as it is registered: what a new series has to fill, or the
    /// sides have to post.
    pub gap_after_lapse: Amount,
    /// The last moment at which the parties are attested to have different owners; zero if they are not: cover needs it.
    pub attested_until: Timestamp,
    /// A's cumulative entitlement in the last instruction.
    pub entitlement: SignedAmount,
    /// The posted balance, with interest, seen from A.
    pub settled: SignedAmount,
    /// The last instruction's sequence and valuation time.
    pub last_instruction: (u64, Timestamp),
    /// The last moment at which that valuation counts as fresh.
    pub fresh_until: Timestamp,
    /// The last moment before either party may leave for the oracle's silence.
    pub oracle_times_out: Timestamp,
}

impl Vault {
    /// The pair as a wallet shows it.
    pub fn status(&self, env: &Env) -> Result<Status, VaultError> {
        let (state, periods) = (&self.state, self.agreement.terms.periods);
        let loss = state.loss_time(env.now, &periods, &Party::BOTH);
        let live_cover = self.cover.live(loss, state.first_loss)?;
        let covered = state.first_loss.add(live_cover)?;
        let cover_lapses = self.cover.next_lapse(loss);
        let after = cover_lapses.unwrap_or(env.now).after(Seconds::new(u64::from(cover_lapses.is_some())))?;
        let judged = if loss.judged == loss.at { after } else { loss.judged };
        let covered_after = state.first_loss.add(self.cover.live(LossTime { at: after, judged }, state.first_loss)?)?;
        let withdrawable = |party| state.withdrawable(env, &self.agreement, party);
        Ok(Status {
            phase: state.phase,
            margin: state.margin,
            required: state.required,
            credit: state.credit,
            deficit: state.deficit,
            suspended: state.suspended,
            excess: Pair { a: state.excess(Party::A)?, b: state.excess(Party::B)? },
            withdrawable: Pair { a: withdrawable(Party::A), b: withdrawable(Party::B) },
            call: state.call,
            first_loss: state.first_loss,
            live_cover,
            tail_requirement: state.tail_requirement,
            tail_gap: state.tail_requirement.saturating_sub(covered),
            cover_lapses,
            gap_after_lapse: state.tail_requirement.saturating_sub(covered_after),
            attested_until: self.cover.attested_until(),
            entitlement: state.entitlement,
            settled: state.settled,
            last_instruction: (state.sequence, state.valuation_time),
            fresh_until: state.valuation_time.after(periods.max_staleness)?,
            oracle_times_out: state.oracle_seen.after(periods.oracle_timeout)?,
        })
    }

    /// The ledger after an instruction that would be accepted with enough signatures, and what would be said of it.
    pub fn preview(&self, env: &Env, signed: &SignedInstruction<'_>) -> Result<VaultStep, VaultError> {
        let (mut cover, mut book) = (self.cover.clone(), self.collateral.clone());
        self.state.preview(env, &self.agreement, &self.mandate, &mut cover, &mut book, signed)
    }
}
