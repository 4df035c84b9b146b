//! The named invariants, each held against the exact reference.

use crate::{
    command::{Command, Moment, HOLDERS, SLOTS},
    machine::{Machine, Outcome, RESERVE},
    reference::{premium, whole, Order, Stage},
};
use num_rational::BigRational;
use num_traits::{One, Zero};
use proptest::prelude::*;
use ringfence_protocol::{bond::BondPhase, units::Amount};
use scale::Encode;

impl Machine {
    pub(crate) fn check_all(&self) -> Outcome<()> {
        self.check_same()?;
        self.check_conserve()?;
        self.check_round()?;
        self.check_funded()?;
        self.check_bounded()
    }

    /// The ledger, brought to now, is the reference's wherever nothing is rounded.
    fn check_same(&self) -> Outcome<()> {
        let (state, exact) = (self.state.at(&self.env(crate::machine::address(0)), &self.terms), &self.exact);
        let state = state.expect("in range");
        let ours = [state.principal, state.recovered, state.lost, state.locked].map(Amount::get);
        prop_assert_eq!(ours, [exact.principal, exact.recovered, exact.lost, exact.locked]);
        let stage = match state.phase {
            BondPhase::Book => Stage::Book,
            BondPhase::Cleared => Stage::Cleared,
            BondPhase::OnRisk => Stage::Risk,
            BondPhase::Commuted => Stage::Commuted,
            BondPhase::Failed => Stage::Failed,
        };
        prop_assert_eq!(stage, exact.stage);
        if stage != Stage::Book {
            prop_assert_eq!(state.face.get(), exact.face);
        }
        if stage == Stage::Risk {
            prop_assert_eq!(state.spread.get(), exact.spread);
            prop_assert_eq!(state.consents.get(), exact.agreed.iter().sum::<u128>());
        }
        Ok(())
    }

    /// CONSERVE: the account is what is owed; each total is the sum of its parts.
    fn check_conserve(&self) -> Outcome<()> {
        let (state, exact) = (&self.state, &self.exact);
        prop_assert_eq!(state.liabilities().map(Amount::get), Ok(self.balance - self.donated), "CONSERVE");
        let due: u128 = self.holders.iter().map(|holder| holder.premium.get() + holder.principal.get()).sum();
        prop_assert_eq!(state.due.get(), due, "CONSERVE: booked");
        let supply: u128 = self.holders.iter().map(|holder| holder.face.get()).sum();
        prop_assert_eq!(state.supply.get(), supply, "CONSERVE: notes");
        prop_assert_eq!(supply, exact.supply(), "CONSERVE: notes");
        let deposits: u128 = exact.orders.iter().flatten().flatten().map(|order| order.deposit).sum();
        let unissued = match exact.stage {
            Stage::Risk | Stage::Commuted => exact.face - supply,
            _ => 0,
        };
        prop_assert_eq!(state.bids.get() + unissued, deposits, "CONSERVE: no dust in the book");
        Ok(())
    }

    /// ROUND: nobody ever gets more than its exact due, nor less by more than a base unit for each time its account was
    /// touched. (What all index steps together lose is far below one: 10^-36 per note and step.)
    fn check_round(&self) -> Outcome<()> {
        for who in 0..HOLDERS {
            let (premium, principal) = self.collectable(who);
            let got = (self.paid[who].0 + premium, self.paid[who].1 + principal);
            let exact = &self.exact.holders[who];
            let most = whole(self.touches[who] + 1) + BigRational::one();
            for (got, exact) in [(got.0, &exact.premium), (got.1, &exact.principal)] {
                let got = whole(got);
                prop_assert!(got <= *exact, "ROUND: {got} is more than {exact}");
                prop_assert!(exact - got <= most, "ROUND: too little of {exact}");
            }
        }
        Ok(())
    }

    /// ROUND and FUNDED for a settled bid: its notes are its exact share to within one, all else comes back.
    pub(crate) fn check_allotment(&self, order: &Order, notes: u128, refund: u128) -> Outcome<()> {
        let share = self.exact.share(order);
        let apart = if whole(notes) > share { whole(notes) - &share } else { &share - whole(notes) };
        prop_assert!(apart < BigRational::one(), "ROUND: {notes} notes for {share}");
        let kept = match order.open {
            Some(_) => BigRational::zero(),
            None => (whole(order.deposit) * whole(self.terms.forfeit.get().into()) / whole(10_000)).ceil(),
        };
        prop_assert_eq!(whole(order.deposit), whole(notes + refund) + kept, "a deposit is notes, refund and forfeit");
        Ok(())
    }

    /// FUNDED: the escrow covers the principal, what every holder and every unsettled bid is exactly due and has not got,
    /// all premium that can still be earned, the sponsor and the reserve.
    fn check_funded(&self) -> Outcome<()> {
        let exact = &self.exact;
        let got = |who: usize| whole(self.paid[who].0 + self.paid[who].1);
        let mut owed =
            whole(exact.principal + exact.recovered + self.state.sponsor_due.get() + self.state.reserve.get());
        // With the last note the fractions that rounding kept are the sponsor's.
        let over = matches!(exact.stage, Stage::Risk | Stage::Commuted) && exact.face == 0;
        for (who, holder) in exact.holders.iter().enumerate() {
            owed += match over {
                true => whole(self.collectable(who).0 + self.collectable(who).1),
                false => &holder.premium + &holder.principal - got(who),
            };
        }
        if matches!(exact.stage, Stage::Risk | Stage::Commuted) {
            let unissued = whole(exact.face - exact.supply());
            owed += (&exact.unit.premium + &exact.unit.principal) * unissued;
        }
        if exact.stage == Stage::Risk {
            owed += premium(exact.principal, exact.spread, exact.matures.saturating_sub(exact.accrued_at));
        }
        owed += whole(self.state.bids.get());
        prop_assert!(whole(self.balance) >= owed, "FUNDED: {} for {owed}", self.balance);
        Ok(())
    }

    /// BOUNDED: what is stored does not grow; commands take a fixed number of such values by their signature.
    fn check_bounded(&self) -> Outcome<()> {
        prop_assert!(self.state.encode().len() <= 400);
        prop_assert!(self.holders.iter().all(|holder| holder.encode().len() <= 400));
        prop_assert!(self.bids.iter().flatten().all(|bid| bid.encode().len() <= 400));
        Ok(())
    }

    /// EXIT: by waiting alone everybody gets out, and nothing is left but the reserve, and the dust of notes that wait for
    /// a recovery.
    pub(crate) fn check_exit(&self) -> Outcome<()> {
        let mut end = self.clone();
        if matches!(end.exact.stage, Stage::Book | Stage::Cleared) {
            end.run(&Command::WaitTo(Moment::Grace, true))?;
            prop_assert!(end.run(&Command::Expire)?, "EXIT: nobody put it on risk");
        }
        end.run(&Command::WaitTo(Moment::Latest, true))?;
        for who in 0..HOLDERS {
            for slot in 0..SLOTS {
                let open = end.exact.orders[who][slot].is_some();
                prop_assert_eq!(end.run(&Command::Allot { who, slot })?, open, "EXIT: bid");
            }
        }
        for who in 0..HOLDERS {
            end.run(&Command::Collect { who })?;
            prop_assert_eq!(end.collectable(who), (0, 0), "EXIT: holder");
        }
        if end.state.sponsor_due.get() > 0 {
            prop_assert!(end.run(&Command::RefundSponsor)?, "EXIT: sponsor");
        }
        // What rounds to nothing for everybody is released in the ledger with the next command, if there is one.
        let state = end.state.at(&end.env(crate::machine::address(0)), &end.terms).expect("in range");
        prop_assert!(state.principal.is_zero() && state.recovered.is_zero() && state.bids.is_zero());
        let dust = state.premium.get() + state.released.get();
        if end.exact.lost == 0 {
            prop_assert!(state.supply.is_zero() && dust == 0, "EXIT: dust");
        }
        let touches: u128 = end.touches.iter().sum::<u128>() * 2 + 4;
        prop_assert!(dust <= touches + 2 * u128::try_from(HOLDERS).expect("small"), "ROUND: dust {dust}");
        let reserve = if end.exact.funded { RESERVE } else { 0 };
        prop_assert_eq!(end.balance, reserve + dust + end.donated, "EXIT: something is left");
        Ok(())
    }
}
