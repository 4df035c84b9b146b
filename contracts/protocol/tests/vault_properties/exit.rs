//! EXIT: from every state one party alone, by waiting, with everybody else and the oracle dead, ends the pair by a known
//! time; then everybody takes out what is theirs and nothing is left but the reserve.

use crate::{
    action::{Action, Size, Who},
    common::{ASSET, TOKENS},
    machine::{Checked, Machine, ASSETS},
};
use proptest::prelude::*;
use ringfence_protocol::{
    units::Amount,
    vault::{Command, Phase, VaultError},
    Party,
};

/// Steps after which a way out would be none.
const MOST_STEPS: usize = 12;

impl Machine {
    /// `by_default`: it puts itself in default if it can, which is the way out while the oracle lives.
    pub(crate) fn check_exit(&self, party: Party, by_default: bool) -> Checked {
        let mut end = self.clone();
        end.world.bonds_pay = true;
        let latest = end.latest_end();
        let mut party = party;
        if by_default && self.is_active() && self.portfolios > 0 && self.is_fresh() {
            prop_assert!(end.run(&Action::DeclareDefault(Who::Party(party), party))?, "EXIT: own default");
        }
        for step in 0..=MOST_STEPS {
            prop_assert!(step < MOST_STEPS, "EXIT: no way out");
            match end.phase() {
                Phase::Closed { .. } | Phase::Proposed => break,
                Phase::Active if end.portfolios == 0 => break,
                Phase::Active => end.leave(party)?,
                Phase::Defaulted { party: defaulter, .. } => {
                    end.resolve(party)?;
                    // Whoever was replaced is out of the pair: the rest is the survivor's way.
                    if end.is_active() {
                        party = defaulter.other();
                    }
                }
            }
        }
        prop_assert!(end.world.now <= latest, "EXIT: later than the terms allow: {} > {latest}", end.world.now);
        end.empty()
    }

    /// The latest moment at which a party alone is out: an open default runs to its end and may bring a successor; calls
    /// and disputes run out, the oracle times out, and what it leaves behind is sold.
    fn latest_end(&self) -> u64 {
        let periods = self.terms().periods;
        let default = periods.close_out.get() + periods.auction.get() + 2;
        let state = &self.world.vault.state;
        let calls = [state.call.a, state.call.b].into_iter().flatten().map(|call| call.deadline.get());
        let disputes = self.world.vault.disputes.open;
        let disputes = [disputes.a, disputes.b].into_iter().flatten().map(|dispute| dispute.deadline.get());
        // A replacement gives an open call its whole cure period again, from the next notification time.
        let restarted = self.world.now + default + 86_400 + periods.cure.get();
        let silent = self.world.now + default + periods.oracle_timeout.get() + 1;
        let begins = calls.chain(disputes).chain([restarted, silent]).max().expect("not empty");
        begins + 1 + default
    }

    /// A party waits until it may leave, and leaves.
    fn leave(&mut self, party: Party) -> Checked {
        let periods = self.terms().periods;
        let silent = self.world.vault.state.oracle_seen.get() + periods.oracle_timeout.get() + 1;
        self.world.now = self.world.now.max(silent);
        let mut result = self.world.leave(self.world.address(party));
        if result == Err(VaultError::DisputeOpen) {
            let dispute = self.world.vault.disputes.open.of(party.other()).expect("open");
            self.world.now = self.world.now.max(dispute.deadline.get() + 1);
            result = self.world.leave(self.world.address(party));
        }
        if result == Err(VaultError::CallNotDue) {
            let call = self.world.vault.state.call.of(party.other()).expect("open");
            self.world.now = self.world.now.max(call.deadline.get() + 1);
            result = self.world.leave(self.world.address(party));
        }
        prop_assert_eq!(result, Ok(()), "EXIT: oracle time-out");
        Ok(())
    }

    /// A party takes a default to its end.
    fn resolve(&mut self, party: Party) -> Checked {
        let Phase::Defaulted { since, .. } = self.phase() else { return Ok(()) };
        let periods = self.terms().periods;
        let result = self.world.run(self.world.address(party), Command::ResolveDefault);
        let until = match result {
            Ok(()) => self.world.now,
            Err(VaultError::ReplacementWindowOpen) => since.get() + periods.replacement.get() + 1,
            Err(VaultError::CloseOutUndetermined) => since.get() + periods.close_out.get() + 1,
            Err(VaultError::AuctionRunning) => {
                let auction = self.world.vault.case.auction.expect("running");
                auction.since.get() + periods.auction.get() + 1
            }
            Err(error) => return Err(TestCaseError::fail(format!("EXIT: {error:?}"))),
        };
        prop_assert!(result.is_ok() || until > self.world.now, "EXIT: {:?} for ever", result);
        self.world.now = until;
        Ok(())
    }

    /// Everybody takes out what is theirs.
    fn empty(&mut self) -> Checked {
        for estate in 0..self.world.vault.estates.0.len() {
            for layer in 0..4 {
                if !self.world.estate(estate).layers[layer].due.is_zero() {
                    prop_assert_eq!(self.world.keep(Command::CollectCover { estate, layer }), Ok(()), "EXIT: cover");
                }
                if !self.world.estate(estate).layers[layer].recovered.is_zero() {
                    prop_assert_eq!(self.world.keep(Command::PassRecovery { estate, layer }), Ok(()), "EXIT: recovery");
                }
            }
        }
        let most = Amount::MAX.get();
        for party in Party::BOTH {
            let account = self.world.address(party);
            while self.world.margin(party) > 0 {
                // One withdrawal is bounded, and there can be more.
                let value = self.world.margin(party).min(most);
                prop_assert_eq!(self.world.withdraw(account, value), Ok(()), "EXIT: margin");
            }
            for index in 0..TOKENS.len() {
                while self.world.posted(party, index) > 0 {
                    let quantity = self.world.posted(party, index).min(most);
                    prop_assert_eq!(self.world.take_back(account, index, quantity), Ok(()), "EXIT: collateral");
                }
            }
        }
        for (account, asset) in self.world.credits.keys().copied().collect::<Vec<_>>() {
            if self.world.credit_of(account, asset) > 0 {
                prop_assert_eq!(self.world.collect(account, asset), Ok(()), "EXIT: credits");
            }
        }
        self.empty_entity()?;
        for (asset, donated) in ASSETS.into_iter().zip(self.donated) {
            let kept = if asset == ASSET { self.reserve } else { 0 };
            prop_assert_eq!(self.world.balance_of(asset), kept + donated, "EXIT: something is left");
        }
        Ok(())
    }

    fn empty_entity(&mut self) -> Checked {
        if !self.world.vault.state.fees_due.is_zero() {
            prop_assert_eq!(self.world.entity(Command::CollectFees), Ok(()), "EXIT: fees");
        }
        while !self.world.vault.state.first_loss.is_zero() {
            let size = Size::Exactly(self.world.vault.state.first_loss.get().min(Amount::MAX.get()));
            prop_assert!(self.run(&Action::ReleaseFirstLoss(Who::Entity, size))?, "EXIT: first loss");
        }
        Ok(())
    }
}
