//! Instructions: what is sent, whether it has to be accepted, and what it has to move.

use crate::{
    action::{Flaw, Settlement},
    common::{amount, pack, Stub, SIGNERS, STRANGER},
    machine::{Checked, Machine},
    reference::{mul_div, reference_due, reference_interest, side, towards},
};
use proptest::prelude::*;
use ringfence_protocol::{
    collateral::PRICE_UNIT,
    eip712::{Domain, TypedMessage},
    message::MarginInstruction,
    units::{Amount, Bps, Timestamp, Wad},
    vault::{VaultError, MAX_INDEX, MIN_INDEX},
    Address, Digest, Party,
};

const YEAR: u128 = 31_536_000;

impl Machine {
    fn message(&self, settlement: &Settlement) -> MarginInstruction {
        let staleness = self.terms().periods.max_staleness.get();
        let mut message = self.world.instruction(settlement.entitlement);
        message.valuation_time = Timestamp::new(self.world.now - settlement.age.min(staleness));
        message.initial_margin_a = amount(settlement.margins[0]);
        message.initial_margin_b = amount(settlement.margins[1]);
        message.tail_requirement = amount(settlement.tail);
        let index = mul_div(message.interest_index.get(), u128::from(settlement.growth), 10_000);
        message.interest_index = Wad::new(index.clamp(MIN_INDEX.get(), MAX_INDEX.get()));
        message.fee_rate = Bps::new(settlement.fee).min(self.terms().fee_cap);
        for (mark, percentage) in message.collateral.iter_mut().zip(settlement.prices) {
            mark.price = amount(PRICE_UNIT / 100 * percentage);
        }
        message
    }

    fn spoil(&self, message: &mut MarginInstruction, flaw: Flaw) {
        let staleness = self.terms().periods.max_staleness.get();
        match flaw {
            Flaw::OtherVault => message.vault = Address::repeat_byte(9),
            Flaw::OtherTerms => message.terms_hash = Digest::repeat_byte(9),
            Flaw::OtherPortfolio => message.portfolio_root = Digest::repeat_byte(9),
            Flaw::Replayed => message.sequence -= 1,
            Flaw::Skipped => message.sequence += 1,
            Flaw::Expired => message.expiry = Timestamp::new(self.world.now - 1),
            Flaw::Future => message.valuation_time = Timestamp::new(self.world.now + 1),
            Flaw::Stale => message.valuation_time = Timestamp::new(self.world.now - staleness - 1),
            Flaw::NotNewer => message.valuation_time = self.world.vault.state.valuation_time,
            Flaw::TooLarge => message.tail_requirement = amount(Amount::MAX.get() + 1),
            Flaw::IndexTooSmall => message.interest_index = Wad::new(MIN_INDEX.get() - 1),
            Flaw::IndexTooLarge => message.interest_index = Wad::new(MAX_INDEX.get() + 1),
            Flaw::FeeTooLarge => message.fee_rate = Bps::new(self.terms().fee_cap.get() + 1),
            Flaw::MarkMissing => drop(message.collateral.remove(0).price),
            Flaw::MarkTooMany => message.collateral.push(Default::default()),
            Flaw::HaircutTooSmall => message.collateral[1].haircut = Bps::new(0),
            Flaw::PriceTooLarge => message.collateral[0].price = amount(Amount::MAX.get() + 1),
            _ => {}
        }
    }

    pub(crate) fn settle(&mut self, settlement: Settlement) -> Result<(), VaultError> {
        let mut message = self.message(&settlement);
        let (mut chain_id, mut domain) = (self.world.domain.chain_id, self.world.domain);
        if let Some(flaw) = settlement.flaw {
            self.spoil(&mut message, flaw);
        }
        match settlement.flaw {
            Some(Flaw::OtherChain) => chain_id += 1,
            Some(Flaw::OtherDomain) => domain = Domain { chain_id: chain_id + 1, ..domain },
            _ => {}
        }
        let keys: &[u8] = match settlement.flaw {
            Some(Flaw::NoSigner) => &[],
            Some(Flaw::OneSigner) => &SIGNERS[..1],
            Some(Flaw::Stranger) => &[SIGNERS[0], SIGNERS[1], STRANGER],
            Some(Flaw::Duplicate) => &[SIGNERS[0], SIGNERS[0], SIGNERS[1]],
            _ if settlement.everyone => &SIGNERS,
            _ => &SIGNERS[..2],
        };
        let mut packed = pack::<Stub>(&message.digest::<Stub>(&domain), keys);
        match settlement.flaw {
            Some(Flaw::Unsorted) => packed.rotate_left(65),
            Some(Flaw::HighS) => packed[32] = 0xff,
            Some(Flaw::BadV) => packed[64] = 26,
            Some(Flaw::Truncated) => drop(packed.pop()),
            _ => {}
        }
        self.world.submit(chain_id, &message, &packed)?;
        self.instructions.push((message, packed));
        Ok(())
    }

    /// Whether an instruction has to be accepted.
    pub(crate) fn settles(&self, settlement: &Settlement) -> bool {
        let state = &self.world.vault.state;
        let message = self.message(settlement);
        let interest =
            reference_interest(state.settled.get(), state.interest_index.get(), message.interest_index.get());
        let change = settlement.entitlement - state.entitlement.get() - interest;
        let enough = settlement.everyone || change.unsigned_abs() <= self.terms().max_move.get();
        let newer = message.valuation_time > state.valuation_time;
        settlement.flaw.is_none() && self.is_active() && self.portfolios > 0 && newer && enough
    }

    /// What an accepted instruction moved, to the unit, for both sides: nothing else did.
    pub(crate) fn check_settled(&self, before: &Self, settlement: &Settlement) -> Checked {
        let (was, is) = (&before.world.vault.state, &self.world.vault.state);
        let (message, _) = self.instructions.last().expect("it was accepted");
        let interest = reference_interest(was.settled.get(), was.interest_index.get(), message.interest_index.get());
        let mut settled = was.settled.get() + interest;
        let mut suspended = [was.suspended.a.get(), was.suspended.b.get()];
        let balance = settled + towards(Party::B, suspended[0]) + towards(Party::A, suspended[1]);
        let unpaid = [was.deficit.a.get(), was.deficit.b.get()];
        let due = reference_due(settlement.entitlement, balance, unpaid, &self.terms());

        let (debtor, mut owed) = (if due >= 0 { Party::B } else { Party::A }, due.unsigned_abs());
        let never_paid = owed.min(suspended[side(debtor.other())]);
        suspended[side(debtor.other())] -= never_paid;
        owed -= never_paid;
        let mut margins = before.world.margins();
        let paid = owed.min(margins[side(debtor)]);
        margins[side(debtor)] -= paid;
        margins[side(debtor.other())] += paid;
        settled += towards(debtor.other(), paid);
        let mut fees = 0;
        for party in Party::BOTH {
            let span = u128::from(self.world.now - was.oracle_seen.get());
            let rate = u128::from(message.fee_rate.get()) * span;
            let fee = mul_div(was.required.of(party).get(), rate, 10_000 * YEAR).min(margins[side(party)]);
            margins[side(party)] -= fee;
            fees += fee;
        }
        let mut deficits = [0; 2];
        deficits[side(debtor)] = owed - paid;

        prop_assert_eq!(self.world.margins(), margins, "NO-ADL: margins after an instruction");
        prop_assert_eq!(is.settled.get(), settled, "NO-ADL: settled");
        prop_assert_eq!([is.deficit.a.get(), is.deficit.b.get()], deficits, "NO-ADL: deficits");
        prop_assert_eq!([is.suspended.a.get(), is.suspended.b.get()], suspended, "NO-ADL: suspended");
        prop_assert_eq!(is.fees_due.get(), was.fees_due.get() + fees, "CONSERVE: fees");
        self.check_round(before, settlement)?;
        self.check_credit(message)
    }

    /// ROUND: both sides together post the uncovered tail and at most one base unit each more, nobody less than its
    /// share.
    fn check_round(&self, before: &Self, settlement: &Settlement) -> Checked {
        // The calls are those before the instruction.
        let mut called_before = before.clone();
        called_before.world.vault.cover = self.world.vault.cover.clone();
        let live = called_before.live_cover(self.world.now, &Party::BOTH);
        let covered = self.world.vault.state.first_loss.get() + live.iter().sum::<u128>();
        let gap = settlement.tail.saturating_sub(covered);
        let share_a = u128::from(self.terms().tail_share_a.get());
        let mut sum = 0;
        for (party, share) in [(Party::A, share_a), (Party::B, 10_000 - share_a)] {
            let independent = self.terms().csa.of(party).independent_amount.get();
            let required = self.world.required().of(party).get();
            let part = required - settlement.margins[side(party)] - independent;
            prop_assert!(part * 10_000 >= gap * share, "ROUND: less than a share of the tail");
            prop_assert!(part * 10_000 < gap * share + 10_000, "ROUND: a unit too much");
            sum += part;
        }
        prop_assert!(sum >= gap && sum <= gap + 1);
        Ok(())
    }

    /// ROUND: collateral counts for its price less its haircut, each step rounded down, up to its limit.
    fn check_credit(&self, message: &MarginInstruction) -> Checked {
        for party in Party::BOTH {
            let mut credit = 0;
            for (index, eligible) in self.world.vault.collateral.schedule.0.iter().enumerate() {
                let mark = message.collateral[index];
                let gross = mul_div(self.world.posted(party, index), mark.price.get(), PRICE_UNIT);
                let net = mul_div(gross, 10_000 - u128::from(mark.haircut.get()), 10_000);
                credit += net.min(eligible.limit.get());
            }
            prop_assert_eq!(self.world.vault.state.credit.of(party).get(), credit, "ROUND: credit");
        }
        Ok(())
    }
}
