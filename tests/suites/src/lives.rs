//! Stretches of a pair's life that many tests pass through.

use crate::{Mark, Stage};
use alloy_primitives::Address;
use ringfence_bindings::IMarginVault;
use ringfence_devchain::{CallReport, Located, USDC};
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
        let [a, b] = self.status(index).sides;
        match party {
            Party::A => a,
            Party::B => b,
        }
    }

    /// An estate of a pair; nothing if there is none of that index.
    pub fn estate(&mut self, index: usize, estate: u8) -> Option<IMarginVault::Estate> {
        let (keeper, vault) = (self.keeper.clone(), self.vault(index));
        self.session.dry_run(&keeper, vault, IMarginVault::estateCall { index: estate }).ok().map(|read| read.returned)
    }

    /// What no layer reached, over all estates of a pair.
    pub fn residual(&mut self, index: usize) -> u128 {
        (0..3).filter_map(|estate| self.estate(index, estate)).map(|estate| estate.residual).sum()
    }

    /// What the bond of a layer still has to pay to the first estate of a pair.
    ///
    /// # Panics
    /// If there is no estate.
    pub fn cover_due(&mut self, index: usize, layer: usize) -> u128 {
        self.estate(index, 0).expect("an estate").layers[layer].due
    }

    /// What an account can collect from a vault, of the settlement asset.
    pub fn collectable(&mut self, index: usize, account: impl Located) -> u128 {
        self.collectable_of(index, account, USDC.address())
    }

    /// The same of any asset.
    pub fn collectable_of(&mut self, index: usize, account: impl Located, asset: Address) -> u128 {
        let (vault, account) = (self.vault(index), account.address());
        self.read(vault, IMarginVault::collectableCall { holding: IMarginVault::Holding { account, asset } })
    }

    /// A vault.
    pub fn vault(&self, index: usize) -> Address {
        self.pairs[index].vault
    }
}
