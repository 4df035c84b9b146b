//! NO-ADL through the end of a default: what the survivor has before and after it.

use crate::{
    action::Action,
    common::{Stub, World, ASSET},
    machine::{Checked, Machine},
    reference::towards,
};
use proptest::prelude::*;
use ringfence_protocol::{vault::Phase, Address, Party};

impl Machine {
    pub(crate) fn check_ended(&self, before: &Self, action: &Action) -> Checked {
        match (before.phase(), self.phase()) {
            (Phase::Defaulted { party, since }, Phase::Active) => self.check_replaced(before, party, since.get()),
            (Phase::Defaulted { party, since }, Phase::Closed { defaulter }) => {
                prop_assert_eq!(defaulter, Some(party));
                let claim = match (action, before.world.vault.case.determined) {
                    (Action::Determine { value, .. }, _) => *value,
                    (_, Some(determined)) => determined.get(),
                    _ => before.last_value_claim(party),
                };
                self.check_closed_out(before, party, since.get(), claim)
            }
            (Phase::Active, Phase::Closed { defaulter: Some(party) }) => {
                // A dispute that ended with it moved no value: as first instructed.
                prop_assert!(before.last_value_claim(party) > 0, "a default of nobody that owes");
                Ok(())
            }
            (Phase::Active, Phase::Closed { defaulter: None }) => {
                let state = &self.world.vault.state;
                prop_assert_eq!(state.settled, state.entitlement, "an end pays what is owed");
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The survivor's entitlement, margin and portfolio are untouched to the unit but for arrears it was owed.
    fn check_replaced(&self, before: &Self, defaulter: Party, since: u64) -> Checked {
        let survivor = defaulter.other();
        let (was, is) = (&before.world.vault, &self.world.vault);
        let arrears = was.state.deficit.of(defaulter).get();
        // A survivor that owes has cash only if its own collateral was sold or an estate paid it meanwhile.
        let own = before.world.margin(survivor);
        let owed = was.state.deficit.of(survivor).get();
        let paid = owed.min(own);
        prop_assert_eq!(self.world.margin(survivor), own + arrears - paid, "NO-ADL: margin");
        let moved = towards(survivor, arrears) + towards(defaulter, paid);
        prop_assert_eq!(is.state.settled.get(), was.state.settled.get() + moved, "NO-ADL: settled");
        prop_assert_eq!(is.state.entitlement, was.state.entitlement, "NO-ADL: entitlement");
        prop_assert_eq!(is.state.required, was.state.required, "NO-ADL: requirements");
        prop_assert_eq!(is.state.credit.of(survivor), was.state.credit.of(survivor), "NO-ADL: credit");
        prop_assert_eq!(is.state.deficit.of(survivor).get(), owed - paid, "NO-ADL: deficit");
        prop_assert_eq!(is.collateral.posted.of(survivor), was.collateral.posted.of(survivor), "NO-ADL: collateral");
        prop_assert_eq!(&is.mandate, &was.mandate, "NO-ADL: portfolio and agent");
        prop_assert_eq!(self.world.address(survivor), before.world.address(survivor));

        let bid = was.case.bid.expect("somebody came");
        let former = before.world.address(defaulter);
        prop_assert_eq!(self.world.address(defaulter), bid.bidder, "the lowest bid");
        let price = bid.price.get();
        let (parts, residual) = before.reference_waterfall(defaulter, since, u128::try_from(price).unwrap_or(0));
        prop_assert_eq!(residual, 0, "a bid beyond the layers");
        let paid_by_bonds = if before.world.bonds_pay { parts[2..].iter().sum() } else { 0 };
        let required = was.state.required.of(defaulter).get();
        let expected = required + parts[0] + parts[1] + paid_by_bonds + paid;
        prop_assert_eq!(self.world.margin(defaulter), expected, "the successor's margin");
        let left = before.world.margin(defaulter) - parts[0] + u128::try_from(-price).unwrap_or(0);
        prop_assert_eq!(gained(&self.world, &before.world, former, ASSET), left, "the defaulter's surplus");
        prop_assert_eq!(is.state.first_loss.get(), was.state.first_loss.get() - parts[1]);
        Ok(())
    }

    /// The survivor has its own margin in full and its claim as far as the pair's layers reach.
    fn check_closed_out(&self, before: &Self, defaulter: Party, since: u64, claim: i128) -> Checked {
        let survivor = defaulter.other();
        let own = before.world.margin(survivor);
        let (mine, theirs) = (self.world.margin(survivor), self.world.margin(defaulter));
        if claim < 0 {
            let paid = claim.unsigned_abs().min(own);
            prop_assert_eq!([mine, theirs], [own - paid, before.world.margin(defaulter) + paid], "NO-ADL: it owed");
            prop_assert_eq!(&self.world.vault.cover, &before.world.vault.cover, "no layer pays a defaulter");
            prop_assert_eq!(self.world.vault.state.first_loss, before.world.vault.state.first_loss);
            return Ok(());
        }
        let (parts, residual) = before.reference_waterfall(defaulter, since, claim.unsigned_abs());
        let paid_by_bonds: u128 = if before.world.bonds_pay { parts[2..].iter().sum() } else { 0 };
        prop_assert_eq!(mine, own + parts[0] + parts[1] + paid_by_bonds, "NO-ADL: own margin and claim");
        prop_assert_eq!(theirs, before.world.margin(defaulter) - parts[0], "the defaulter's surplus");
        let (count, opened) = (before.world.vault.estates.0.len(), self.world.vault.estates.0.len());
        let above = parts[1..].iter().sum::<u128>() + residual;
        prop_assert_eq!(opened - count, usize::from(above > 0), "an estate for what the margin did not pay");
        if above > 0 {
            let estate = self.world.estate(count);
            prop_assert_eq!(estate.residual.get(), residual);
            for (layer, part) in estate.layers.iter().zip(&parts[2..]) {
                prop_assert_eq!(layer.due.get() + layer.paid.get(), *part, "a layer pays out of its turn");
            }
            prop_assert_eq!(estate.creditor, self.world.address(survivor));
        }
        Ok(())
    }
}

fn gained(after: &World<Stub>, before: &World<Stub>, account: Address, asset: Address) -> u128 {
    after.credit_of(account, asset) - before.credit_of(account, asset)
}
