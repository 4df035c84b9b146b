use super::{BondEnv, BondError, BondState, BondTerms, Holder};
use crate::units::{Amount, Index};

/// What is behind one note, each as an index: what prices a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoteValue {
    /// Principal outstanding, recovered principal included.
    pub principal: Index,
    /// Premium earned since inception, taken out or not.
    pub accrued: Index,
    /// Principal paid out since redemption.
    pub released: Index,
    /// Written down and not recovered.
    pub written_down: Index,
    /// The part of the principal that an open default locks.
    pub locked: Index,
}

/// What one holder has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Notes.
    pub notes: Amount,
    /// Premium that could be taken out now.
    pub premium: Amount,
    /// Principal that could be taken out now.
    pub redeemable: Amount,
    /// Principal outstanding behind the notes, rounded down.
    pub principal: Amount,
}

impl BondState {
    /// The ledger as a command that runs now would find it.
    pub fn at(mut self, env: &BondEnv, terms: &BondTerms) -> Result<Self, BondError> {
        self.sync(env, terms)?;
        Ok(self)
    }

    /// What is behind one note now; nothing while there is none.
    pub fn note_value(self, env: &BondEnv, terms: &BondTerms) -> Result<NoteValue, BondError> {
        let now = self.at(env, terms)?;
        let per_note = |amount: Amount| match now.face.is_zero() {
            true => Ok(Index::ZERO),
            false => Index::per_note_down(amount, now.face),
        };
        Ok(NoteValue {
            principal: per_note(now.principal.add(now.recovered)?)?,
            accrued: now.premium_index,
            released: now.release_index,
            written_down: per_note(now.lost)?,
            locked: per_note(now.locked)?,
        })
    }

    /// What a holder has now.
    pub fn position(self, env: &BondEnv, terms: &BondTerms, mut holder: Holder) -> Result<Position, BondError> {
        let mut now = self.at(env, terms)?;
        now.book(&mut holder)?;
        let behind = now.principal.add(now.recovered)?;
        let principal = match now.face.is_zero() {
            true => Amount::ZERO,
            false => behind.mul_div_down(holder.face.get(), now.face.get())?,
        };
        Ok(Position { notes: holder.face, premium: holder.premium, redeemable: holder.principal, principal })
    }
}
