use super::{
    eligibility::{Eligibility, UNVALUED},
    funds::check_amount,
    VaultError,
};
use crate::{
    units::{Amount, ArithmeticError, Seconds, Timestamp},
    Address,
};
use alloc::vec::Vec;
use scale::{Decode, Encode};

/// The most bond layers on one vault; the book then fits one storage value.
pub const MAX_LAYERS: usize = 4;

/// A bond that covers this vault. The vault knows its live cover from here, without asking the bond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct Layer {
    /// The bond contract.
    pub bond: Address,
    /// Principal paid in at registration.
    pub limit: Amount,
    /// What the vault claimed of it, paid or due. A recovery writes the notes up again, not the cover.
    pub claimed: Amount,
    /// First moment of the risk period.
    pub starts: Timestamp,
    /// Last moment of the risk period.
    pub ends: Timestamp,
    /// How long it has to be in force, and a portfolio to be valued, before a loss is judged, for it to be eligible.
    pub waiting: Seconds,
}

/// When a loss happens, and as of when it is judged whether it is eligible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LossTime {
    /// The default, or now if there is none.
    pub at: Timestamp,
    /// The same, or earlier if the defaulter had been called and had not posted: then when it was called.
    pub judged: Timestamp,
}

impl Layer {
    /// In its risk period, and past its waiting period when the loss is judged.
    fn is_live(&self, loss: LossTime) -> bool {
        let begun = self.starts <= loss.judged && loss.judged.since(self.starts) >= self.waiting;
        begun && loss.at <= self.ends
    }

    fn remaining(&self) -> Amount {
        self.limit.saturating_sub(self.claimed)
    }
}

/// The bond layers of a vault, by attachment, contiguous from the top of the first-loss capital.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct CoverBook {
    layers: Vec<Layer>,
    /// Nothing before the first layer or attestation: an uncovered pair does not pay for it.
    eligibility: Option<Eligibility>,
}

impl CoverBook {
    /// The layers in order of attachment.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// What decides which loss is eligible, once there is cover or an attestation.
    pub fn eligibility(&self) -> Option<&Eligibility> {
        self.eligibility.as_ref()
    }

    /// Adds a layer on top, if its attachment is where the ones below end, for parties that are attested.
    pub fn register(&mut self, layer: Layer, attachment: Amount, attested_until: Timestamp) -> Result<(), VaultError> {
        check_amount(layer.limit)?;
        if self.layers.len() >= MAX_LAYERS {
            return Err(VaultError::LayerLimitReached);
        }
        if self.layers.iter().any(|other| other.bond == layer.bond) {
            return Err(VaultError::LayerDuplicate);
        }
        let below = self.layers.iter().try_fold(Amount::ZERO, |sum, layer| sum.add(layer.limit))?;
        if attachment != below || layer.ends <= layer.starts.after(layer.waiting)? {
            return Err(VaultError::LayerMisplaced);
        }
        // Or a layer would pay in the place of one below it that still waits.
        if layer.waiting < self.longest_waiting(layer.starts) {
            return Err(VaultError::WaitingTooShort);
        }
        self.layers.push(Layer { claimed: Amount::ZERO, ..layer });
        self.attest(attested_until.max(self.attested_until()));
        Ok(())
    }

    /// The parties are attested to have different owners until then; zero: they are not.
    pub(super) fn attest(&mut self, until: Timestamp) {
        self.eligibility.get_or_insert(Eligibility::new(until)).attested_until = until;
    }

    /// The last moment at which the parties are attested to have different owners; zero if they are not.
    pub fn attested_until(&self) -> Timestamp {
        self.eligibility.map_or_else(Timestamp::default, |eligibility| eligibility.attested_until)
    }

    /// The portfolio is replaced; `tail` is what the one before was last valued at.
    pub(super) fn portfolio_changed(&mut self, now: Timestamp, tail: Amount) {
        let waiting = self.longest_waiting(now);
        if let Some(eligibility) = &mut self.eligibility {
            eligibility.change(now, tail, waiting);
        }
    }

    /// The portfolio in force is valued.
    pub(super) fn portfolio_valued(&mut self, now: Timestamp) {
        if let Some(eligibility) = &mut self.eligibility {
            eligibility.valued(now);
        }
    }

    /// True if the portfolio in force has not been valued yet and that matters: the next settlement changes this book.
    pub fn awaits_valuation(&self) -> bool {
        self.eligibility.is_some_and(|eligibility| eligibility.valued_since == UNVALUED)
    }

    /// Of the layers that have not ended.
    fn longest_waiting(&self, now: Timestamp) -> Seconds {
        self.layers.iter().filter(|layer| now <= layer.ends).map(|layer| layer.waiting).max().unwrap_or_default()
    }

    /// What layers could pay for a loss, above this first loss.
    pub fn live(&self, loss: LossTime, first_loss: Amount) -> Result<Amount, ArithmeticError> {
        self.limits_at(loss, first_loss).try_fold(Amount::ZERO, Amount::add)
    }

    /// The last moment of the cover that ends first: a layer's, or the attestation's; nothing if no layer counts now.
    pub fn next_lapse(&self, loss: LossTime) -> Option<Timestamp> {
        let attested = self.attested_until();
        let live = self.layers.iter().filter(|layer| layer.is_live(loss) && loss.at <= attested);
        live.map(|layer| layer.ends.min(attested)).min()
    }

    /// What layers could still pay at `at` or later.
    pub(super) fn live_or_coming(&self, at: Timestamp) -> Result<Amount, ArithmeticError> {
        let coming = self.layers.iter().filter(|layer| at <= layer.ends);
        coming.map(Layer::remaining).try_fold(Amount::ZERO, Amount::add)
    }

    /// What each layer could still pay for a loss, above this first loss; zero outside its risk period, in its waiting period,
    /// without attested owners, and where the loss would not be eligible. A layer takes the place of those below it that have
    /// ended: that is how a series is renewed.
    pub(super) fn limits_at(&self, loss: LossTime, first_loss: Amount) -> impl Iterator<Item = Amount> + '_ {
        let mut below = Amount::ZERO;
        let attested = loss.at <= self.attested_until();
        self.layers.iter().map(move |layer| {
            let remaining = if attested && layer.is_live(loss) { layer.remaining() } else { Amount::ZERO };
            let bound = self.eligibility.and_then(|record| record.bound(loss.judged, layer.waiting, first_loss));
            let limit = match bound {
                Some(bound) => remaining.min(bound.saturating_sub(below)),
                None => remaining,
            };
            below = below.saturating_add(limit);
            limit
        })
    }

    /// Books a claim on the layer at `index` and tells its bond.
    pub(super) fn claim(&mut self, index: usize, amount: Amount) -> Result<Address, VaultError> {
        let layer = self.layers.get_mut(index).ok_or(VaultError::NothingDue)?;
        layer.claimed.put(amount)?;
        Ok(layer.bond)
    }

    /// The bond of the layer at `index`.
    pub(super) fn bond(&self, index: usize) -> Result<Address, VaultError> {
        self.layers.get(index).map(|layer| layer.bond).ok_or(VaultError::NothingDue)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALWAYS: Timestamp = Timestamp::new(1_000);

    fn layer(bond: u8, limit: u128) -> Layer {
        Layer {
            bond: Address::repeat_byte(bond),
            limit: Amount::new(limit),
            claimed: Amount::ZERO,
            starts: Timestamp::new(10),
            ends: Timestamp::new(20),
            waiting: Seconds::ZERO,
        }
    }

    fn now(at: u64) -> LossTime {
        LossTime { at: Timestamp::new(at), judged: Timestamp::new(at) }
    }

    fn live(book: &CoverBook, at: u64) -> u128 {
        book.live(now(at), Amount::ZERO).expect("in range").get()
    }

    #[test]
    fn the_fullest_book_fits_one_storage_value() {
        let mut book = CoverBook::default();
        for index in 0..MAX_LAYERS {
            let bond = u8::try_from(index).expect("small");
            let attachment = Amount::new(u128::from(bond) * 5);
            book.register(layer(bond, 5), attachment, ALWAYS).expect("fits");
        }
        assert!(book.encode().len() <= 400, "{}", book.encode().len());
        assert_eq!(book.register(layer(9, 5), Amount::new(20), ALWAYS), Err(VaultError::LayerLimitReached));
    }

    #[test]
    fn layers_are_contiguous_and_distinct() {
        let mut book = CoverBook::default();
        let mut register = |layer: Layer, at: u128| book.register(layer, Amount::new(at), ALWAYS);
        assert_eq!(register(layer(1, 100), 1), Err(VaultError::LayerMisplaced));
        register(layer(1, 100), 0).expect("fits");
        assert_eq!(register(layer(1, 50), 100), Err(VaultError::LayerDuplicate));
        assert_eq!(register(layer(2, 50), 99), Err(VaultError::LayerMisplaced));
        assert_eq!(register(layer(2, 50), 100), Ok(()));
    }

    #[test]
    fn cover_is_live_exactly_in_its_risk_period() {
        let mut book = CoverBook::default();
        book.register(layer(1, 100), Amount::ZERO, ALWAYS).expect("fits");
        assert_eq!([9, 10, 20, 21].map(|at| live(&book, at)), [0, 100, 100, 0]);
    }

    #[test]
    fn cover_counts_from_its_waiting_period_on() {
        let mut book = CoverBook::default();
        let waits = |seconds| Layer { waiting: Seconds::new(seconds), ..layer(1, 100) };
        assert_eq!(book.register(waits(10), Amount::ZERO, ALWAYS), Err(VaultError::LayerMisplaced));
        book.register(waits(9), Amount::ZERO, ALWAYS).expect("counts for a second");
        assert_eq!([18, 19, 20, 21].map(|at| live(&book, at)), [0, 100, 100, 0]);
        assert_eq!(book.next_lapse(now(18)), None);
        assert_eq!(book.next_lapse(now(19)), Some(Timestamp::new(20)));
    }

    #[test]
    fn cover_lapses_with_the_attestation() {
        let mut book = CoverBook::default();
        book.register(layer(1, 100), Amount::ZERO, Timestamp::new(15)).expect("fits");
        assert_eq!([15, 16].map(|at| live(&book, at)), [100, 0]);
        assert_eq!(book.next_lapse(now(15)), Some(Timestamp::new(15)));
        // A layer that is registered later does not shorten it.
        book.attest(Timestamp::new(17));
        book.register(layer(2, 50), Amount::new(100), Timestamp::new(16)).expect("fits");
        assert_eq!([17, 18].map(|at| live(&book, at)), [150, 0]);
        book.attest(Timestamp::default());
        assert_eq!((live(&book, 15), book.attested_until()), (0, Timestamp::default()));
    }

    #[test]
    fn after_a_new_portfolio_layers_share_what_was_at_risk_before_it() {
        let mut book = CoverBook::default();
        let waits = |bond, limit| Layer { waiting: Seconds::new(3), ..layer(bond, limit) };
        assert!(!book.awaits_valuation(), "an uncovered pair does not pay for it");
        book.register(waits(1, 100), Amount::ZERO, ALWAYS).expect("fits");
        book.register(waits(2, 100), Amount::new(100), ALWAYS).expect("fits");
        book.portfolio_changed(Timestamp::new(14), Amount::new(130));
        let limits = |book: &CoverBook, at, judged, first_loss| -> Vec<u128> {
            let loss = LossTime { at: Timestamp::new(at), judged: Timestamp::new(judged) };
            book.limits_at(loss, Amount::new(first_loss)).map(Amount::get).collect()
        };
        assert_eq!(limits(&book, 14, 14, 0), [100, 30]);
        assert_eq!(limits(&book, 14, 14, 40), [90, 0]);
        assert_eq!(limits(&book, 19, 19, 0), [100, 30], "never valued, never old");
        assert!(book.awaits_valuation());
        book.portfolio_valued(Timestamp::new(15));
        book.portfolio_valued(Timestamp::new(16));
        assert!(!book.awaits_valuation());
        assert_eq!(limits(&book, 17, 17, 0), [100, 30]);
        assert_eq!(limits(&book, 18, 18, 0), [100, 100]);
        // Called before.
        assert_eq!(limits(&book, 18, 17, 0), [100, 30]);
        assert_eq!(limits(&book, 18, 12, 0), [0, 0], "cover had been in force for two seconds");
    }

    #[test]
    fn a_layer_does_not_wait_shorter_than_a_live_one_below_it() {
        let mut book = CoverBook::default();
        let waits = |bond, seconds| Layer { waiting: Seconds::new(seconds), ..layer(bond, 100) };
        book.register(waits(1, 3), Amount::ZERO, ALWAYS).expect("fits");
        let second = Amount::new(100);
        assert_eq!(book.register(waits(2, 2), second, ALWAYS), Err(VaultError::WaitingTooShort));
        book.clone().register(waits(2, 3), second, ALWAYS).expect("at the bound");
        let later = |starts| Layer { starts: Timestamp::new(starts), ends: ALWAYS, ..waits(2, 2) };
        assert_eq!(book.register(later(20), second, ALWAYS), Err(VaultError::WaitingTooShort));
        book.register(later(21), second, ALWAYS).expect("the one below has ended");
        // Its successor's portfolios are remembered for its own waiting period alone.
        assert_eq!(book.longest_waiting(Timestamp::new(21)), Seconds::new(2));
    }
}
