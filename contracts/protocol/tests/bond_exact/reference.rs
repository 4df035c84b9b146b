//! A series by its definition, in exact rational arithmetic: every holder's account is brought up to date by hand, nothing is
//! rounded, no index is kept, the book is cleared from the list of bids.

use crate::command::{HOLDERS, SLOTS, YEAR};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Zero};
use ringfence_protocol::bond::BondTerms;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Book,
    Cleared,
    Risk,
    Commuted,
    Failed,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Order {
    pub(crate) deposit: u128,
    /// Amount and spread, unless it is sealed.
    pub(crate) open: Option<(u128, u16)>,
}

/// What one holder, or one note, ought to have got since the beginning.
#[derive(Clone, Debug)]
pub(crate) struct Entitlement {
    pub(crate) notes: u128,
    pub(crate) premium: BigRational,
    pub(crate) principal: BigRational,
}

#[derive(Clone, Debug)]
pub(crate) struct Reference {
    pub(crate) stage: Stage,
    pub(crate) funded: bool,
    pub(crate) orders: [[Option<Order>; SLOTS]; HOLDERS],
    pub(crate) holders: Vec<Entitlement>,
    /// A note that nobody touches.
    pub(crate) unit: Entitlement,
    pub(crate) face: u128,
    pub(crate) spread: u16,
    /// What bids at the clearing spread get, and what they asked for.
    pub(crate) margin: (u128, u128),
    pub(crate) principal: u128,
    pub(crate) recovered: u128,
    pub(crate) lost: u128,
    pub(crate) locked: u128,
    pub(crate) matures: u64,
    pub(crate) accrued_at: u64,
    pub(crate) agreed: [u128; HOLDERS],
    pub(crate) proposed_until: Option<u64>,
}

pub(crate) fn whole(value: u128) -> BigRational {
    BigRational::from_integer(BigInt::from(value))
}

pub(crate) fn ratio(numerator: u128, denominator: u128) -> BigRational {
    BigRational::new(BigInt::from(numerator), BigInt::from(denominator))
}

/// Annual premium in basis points on `principal` for `seconds`.
pub(crate) fn premium(principal: u128, spread: u16, seconds: u64) -> BigRational {
    whole(principal) * whole(u128::from(spread)) * whole(u128::from(seconds)) / whole(10_000 * u128::from(YEAR))
}

impl Reference {
    pub(crate) fn new() -> Self {
        let nobody = Entitlement { notes: 0, premium: BigRational::zero(), principal: BigRational::zero() };
        Self {
            stage: Stage::Book,
            funded: false,
            orders: [[None; SLOTS]; HOLDERS],
            holders: vec![nobody.clone(); HOLDERS],
            unit: Entitlement { notes: 1, ..nobody },
            face: 0,
            spread: 0,
            margin: (0, 1),
            principal: 0,
            recovered: 0,
            lost: 0,
            locked: 0,
            matures: 0,
            accrued_at: 0,
            agreed: [0; HOLDERS],
            proposed_until: None,
        }
    }

    /// Clears the book: the lowest spread at which the bids reach the limit, or the highest that was bid.
    pub(crate) fn clear(&mut self, terms: &BondTerms) {
        let open: Vec<(u128, u16)> = self.orders.iter().flatten().flatten().filter_map(|order| order.open).collect();
        let upto = |spread: u16| open.iter().filter(|bid| bid.1 <= spread).map(|bid| bid.0).sum::<u128>();
        let mut spreads: Vec<u16> = open.iter().map(|bid| bid.1).collect();
        spreads.sort_unstable();
        let limit = terms.limit.get();
        let clearing = spreads.iter().copied().find(|spread| upto(*spread) >= limit).or(spreads.last().copied());
        let (spread, demand) = clearing.map_or((0, 0), |spread| (spread, upto(spread)));
        self.face = demand.min(limit);
        if self.face < terms.minimum.get() {
            self.fail();
            return;
        }
        let at = open.iter().filter(|bid| bid.1 == spread).map(|bid| bid.0).sum::<u128>();
        self.spread = spread;
        self.margin = (self.face - (demand - at), at);
        self.stage = Stage::Cleared;
    }

    pub(crate) fn fail(&mut self) {
        self.stage = Stage::Failed;
        self.face = 0;
    }

    /// The exact number of notes of an order.
    pub(crate) fn share(&self, order: &Order) -> BigRational {
        match order.open {
            Some((amount, spread)) if self.stage != Stage::Failed => match spread.cmp(&self.spread) {
                std::cmp::Ordering::Less => whole(amount),
                std::cmp::Ordering::Equal => whole(amount) * ratio(self.margin.0, self.margin.1),
                std::cmp::Ordering::Greater => BigRational::zero(),
            },
            _ => BigRational::zero(),
        }
    }

    /// Brings everybody's account to `now`.
    pub(crate) fn advance(&mut self, terms: &BondTerms, now: u64) {
        if self.stage == Stage::Risk {
            let until = now.min(self.matures);
            if until > self.accrued_at {
                let earned = premium(self.principal, self.spread, until - self.accrued_at);
                self.give(&earned, |entitlement| &mut entitlement.premium);
                self.accrued_at = until;
            }
            if now > self.matures + terms.extension.get() {
                self.locked = 0;
            }
        }
        if self.redeems(terms, now) {
            self.locked = self.locked.min(self.principal);
            let free = self.principal - self.locked + self.recovered;
            self.give(&whole(free), |entitlement| &mut entitlement.principal);
            (self.principal, self.recovered) = (self.locked, 0);
        }
    }

    pub(crate) fn redeems(&self, terms: &BondTerms, now: u64) -> bool {
        match self.stage {
            Stage::Risk => now > self.matures + terms.notice.get(),
            Stage::Commuted => true,
            _ => false,
        }
    }

    /// Gives every note its part of `amount`.
    fn give(&mut self, amount: &BigRational, account: impl Fn(&mut Entitlement) -> &mut BigRational) {
        if amount.is_zero() || self.face == 0 {
            return;
        }
        let per_note = amount / whole(self.face);
        for entitlement in self.holders.iter_mut().chain([&mut self.unit]).filter(|entitlement| entitlement.notes > 0) {
            let part = if entitlement.notes == 1 { per_note.clone() } else { &per_note * whole(entitlement.notes) };
            *account(entitlement) += part;
        }
    }

    /// Notes out of the book, with what a note got since the beginning.
    pub(crate) fn issue(&mut self, who: usize, notes: u128) {
        let holder = &mut self.holders[who];
        holder.notes += notes;
        holder.premium += &self.unit.premium * whole(notes);
        holder.principal += &self.unit.principal * whole(notes);
    }

    pub(crate) fn supply(&self) -> u128 {
        self.holders.iter().map(|holder| holder.notes).sum()
    }

    /// Two thirds of all notes.
    pub(crate) fn agreement_reached(&self) -> bool {
        ratio(self.agreed.iter().sum(), self.face) >= BigRational::one() * ratio(2, 3)
    }
}
