//! Stretches of a pair's life that many tests pass through.

use crate::{Mark, Stage};
use alloy_primitives::Address;
use ringfence_bindings::IMarginVault;
use ringfence_devchain::{CallReport, Located};
use ringfence_protocol::Party;

/// From one valuation to the next while a call lapses: within the staleness bound, seconds.
const BEAT: u64 = 600;

impl Stage {
    /// A block later, lets a fresh valuation take effect, signed by all keys.
    #[track_caller]
    pub fn mark(&mut self, index: usize, mark: Mark) -> CallReport<()> {
        self.session.next_block();
        let message = self.instruction(index, mark);
        self.settle(index, &message, &[0, 1, 2])
    }

    /// Repeats a valuation until the deadline of the party's open call has passed, without an outage in between.
    #[track_caller]
    pub fn let_call_lapse(&mut self, index: usize, party: Party, mark: Mark) {
        let deadline = self.side(index, party).callDeadline;
        assert_ne!(deadline, 0, "there is no open call");
        while self.session.now() <= deadline {
            self.session.advance(BEAT);
            self.mark(index, mark);
        }
    }

    /// A party declares its own default.
    pub fn give_up(&mut self, index: usize, party: Party) -> CallReport<()> {
        let pair = &self.pairs[index];
        let (actor, vault) = (pair.party(party).clone(), pair.vault);
        self.must(&actor, vault, IMarginVault::declareDefaultCall { party: actor.address() }).map(drop)
    }

    /// One side of a vault's status.
    pub fn side(&mut self, index: usize, party: Party) -> IMarginVault::PartyStatus {
        let status = self.status(index);
        match party {
            Party::A => status.a,
            Party::B => status.b,
        }
    }

    /// A vault.
    pub fn vault(&self, index: usize) -> Address {
        self.pairs[index].vault
    }
}
