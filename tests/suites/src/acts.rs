//! Acts on a pair under full terms, as its parties, successors and keepers send them.

use crate::{calls, LivePair, Mark, Stage};
use alloy_primitives::{Address, U256};
use ringfence_bindings::IMarginVault as vault;
use ringfence_devchain::{Actor, Asset, CallReport, Located, IERC20, USDT};
use ringfence_oracle::keccak::Keccak;
use ringfence_protocol::{
    message::{CallExtension, DisputeDetermination, DisputeResolution, DisputedValue, SignerRotation, TermsAmendment},
    signature::SignerSet,
    units::{SignedAmount, Timestamp},
    Digest, Party,
};

use crate::Contract;

impl Stage {
    /// A party posts USDT that is minted for it.
    pub fn post(&mut self, index: usize, party: Party, quantity: u128) -> CallReport<()> {
        let (actor, vault) = (self.pairs[index].party(party).clone(), self.vault(index));
        self.fund_with(USDT, &actor, vault, quantity + USDT.min_balance);
        let posted = vault::CollateralMove { index: 0, quantity };
        self.must(&actor, vault, vault::postCollateralCall { posted }).map(drop)
    }

    /// Mints an asset to an account and lets `spender` take it.
    pub fn fund_with(&mut self, asset: Asset, actor: &Actor, spender: Address, amount: u128) {
        self.session.mint(asset, actor, amount).expect("the issuer mints above the minimum balance");
        self.must(actor, asset.address(), IERC20::approveCall { spender, value: U256::from(amount) });
    }

    /// A party disputes, out of money that is minted for the deposit.
    pub fn dispute(&mut self, index: usize, party: Party, stated: i128) -> CallReport<()> {
        let pair = &self.pairs[index];
        let (actor, vault, deposit) = (pair.party(party).clone(), pair.vault, pair.terms.dispute_deposit.get());
        self.fund(&actor, vault, deposit);
        self.must(&actor, vault, vault::disputeCall { stated }).map(drop)
    }

    /// A party's open dispute.
    pub fn open_dispute(&mut self, index: usize, party: Party) -> vault::Dispute {
        let pair = &self.pairs[index];
        let (vault, party) = (pair.vault, pair.party(party).address());
        self.read(vault, vault::openDisputeCall { party })
    }

    /// A value for the open dispute of a party.
    pub fn disputed_value(&mut self, index: usize, party: Party, value: i128) -> DisputedValue {
        let dispute = self.open_dispute(index, party).number;
        DisputedValue { dispute, entitlement_a: SignedAmount::new(value), expiry: self.expiry() }
    }

    /// The agent determines a dispute, by all its keys.
    pub fn determine(&mut self, index: usize, party: Party, value: i128) -> CallReport<()> {
        let message = self.disputed_value(index, party, value);
        let pair = self.pairs[index].clone();
        let signatures = self.signed_by(&[0, 1, 2], pair.digest(&DisputeDetermination(message)));
        let keeper = self.keeper.clone();
        self.must(&keeper, pair.vault, calls::determine(pair.party(party), &message, signatures)).map(drop)
    }

    /// Both parties end a dispute at a value.
    pub fn resolve(&mut self, index: usize, party: Party, value: i128) -> CallReport<()> {
        let message = self.disputed_value(index, party, value);
        let pair = self.pairs[index].clone();
        let [a, b] = both(&pair, pair.digest(&DisputeResolution(message)));
        let keeper = self.keeper.clone();
        self.must(&keeper, pair.vault, calls::resolve_with(pair.party(party), &message, a, b)).map(drop)
    }

    /// The next amendment of a pair, to these terms.
    pub fn amendment(&mut self, index: usize, nonce: u64, to: &Contract) -> TermsAmendment {
        let to = to.terms.hash::<Keccak>(&to.schedule, &self.signers());
        TermsAmendment { nonce, from: self.pairs[index].terms_hash, to, expiry: self.expiry() }
    }

    /// Both parties amend the terms for the first time.
    pub fn amend(&mut self, index: usize, to: Contract) -> CallReport<()> {
        let message = self.amendment(index, 1, &to);
        let pair = self.pairs[index].clone();
        let [a, b] = both(&pair, pair.digest(&message));
        let (keeper, signers) = (self.keeper.clone(), self.signers());
        let report = self.must(&keeper, pair.vault, calls::amend_with(&message, to.encoded(&signers), a, b));
        self.pairs[index].adopt(to, &signers);
        report.map(drop)
    }

    /// The first rotation of a pair's signers, to these.
    pub fn rotation(&mut self, index: usize, epoch: u64, to: &SignerSet) -> SignerRotation {
        let (terms_hash, expiry) = (self.pairs[index].terms_hash, self.expiry());
        SignerRotation { terms_hash, epoch, signers_hash: to.hash::<Keccak>(), threshold: to.threshold(), expiry }
    }

    /// Both parties replace the signers for the first time. The terms keep their hash.
    pub fn rotate(&mut self, index: usize, to: &SignerSet) -> CallReport<()> {
        let message = self.rotation(index, 1, to);
        let pair = self.pairs[index].clone();
        let [a, b] = both(&pair, pair.digest(&message));
        let keeper = self.keeper.clone();
        self.must(&keeper, pair.vault, calls::rotate_with(&message, addresses(to), a, b)).map(drop)
    }

    /// Other keys stand for the agent by now: the old ones settle nothing any more, and these do.
    #[track_caller]
    pub fn adopt_agents(&mut self, index: usize, keys: Vec<Actor>) {
        let (keeper, vault) = (self.keeper.clone(), self.vault(index));
        self.session.next_block();
        let message = self.instruction(index, Mark { x: 5_000_000_000, ..Mark::default() });
        let old = self.signed_by(&[0, 1], self.pairs[index].digest(&message));
        self.assert_refused::<vault::UnknownSigner>(&keeper, vault, calls::settle(&message, old));
        self.agents = keys;
        self.settle(index, &message, &[0, 1]);
        self.assert_conserved();
    }

    /// An extension of a party's open call by some seconds.
    pub fn extension(&mut self, index: usize, party: Party, seconds: u64) -> CallExtension {
        let deadline = self.side(index, party).callDeadline;
        CallExtension {
            party: self.pairs[index].party(party).h160(),
            deadline: Timestamp::new(deadline),
            extended: Timestamp::new(deadline + seconds),
            expiry: self.expiry(),
        }
    }

    /// The other party gives more time for a call.
    pub fn extend(&mut self, index: usize, party: Party, seconds: u64) -> CallReport<()> {
        let message = self.extension(index, party, seconds);
        let pair = self.pairs[index].clone();
        let signature = calls::signature(pair.party(party.other()), pair.digest(&message));
        let keeper = self.keeper.clone();
        self.must(&keeper, pair.vault, calls::extend(&message, signature)).map(drop)
    }

    /// A party accepts a successor to the other side.
    pub fn approve(&mut self, index: usize, by: Party, successor: &Actor) -> CallReport<()> {
        let (actor, vault) = (self.pairs[index].party(by).clone(), self.vault(index));
        let call = vault::approveSuccessorCall { successor: successor.address() };
        self.must(&actor, vault, call).map(drop)
    }

    /// What a successor sends to bid for a defaulter's side.
    pub fn bid_call(&self, index: usize, defaulter: Party, bidder: &Actor, price: i128) -> vault::bidForSideCall {
        let hash =
            self.novated(index, defaulter, bidder).terms.hash::<Keccak>(&self.pairs[index].schedule, &self.signers());
        vault::bidForSideCall { bid: vault::SideBid { price, termsHash: hash.0.into() } }
    }

    /// A successor bids, out of money that is minted for it.
    pub fn bid_for_side(&mut self, index: usize, defaulter: Party, bidder: &Actor, price: i128) -> CallReport<()> {
        let side = self.side(index, defaulter);
        let posted = side.required + side.deficit + price.min(0).unsigned_abs();
        let vault = self.vault(index);
        self.fund(bidder, vault, posted + crate::USD);
        let call = self.bid_call(index, defaulter, bidder, price);
        self.must(bidder, vault, call).map(drop)
    }

    /// The terms with a successor in a defaulter's place.
    pub fn novated(&self, index: usize, defaulter: Party, successor: &Actor) -> Contract {
        let mut contract = self.pairs[index].contract();
        *contract.terms.parties.of_mut(defaulter) = successor.h160();
        contract
    }

    /// Takes note on the stage that a successor is the party now.
    pub fn succeed(&mut self, index: usize, defaulter: Party, successor: &Actor) {
        let contract = self.novated(index, defaulter, successor);
        let signers = self.signers();
        let pair = &mut self.pairs[index];
        match defaulter {
            Party::A => pair.a = successor.clone(),
            Party::B => pair.b = successor.clone(),
        }
        pair.adopt(contract, &signers);
    }

    /// Anyone takes a default as far as its time allows.
    #[track_caller]
    pub fn resolve_default(&mut self, index: usize) -> CallReport<()> {
        let (keeper, vault) = (self.keeper.clone(), self.vault(index));
        self.must(&keeper, vault, vault::resolveDefaultCall {}).map(drop)
    }

    /// An account takes out what it can collect of an asset.
    #[track_caller]
    pub fn collect(&mut self, index: usize, account: &Actor, asset: Address) -> CallReport<()> {
        let vault = self.vault(index);
        self.must(account, vault, vault::collectCall { asset }).map(drop)
    }
}

/// Both parties' signatures of a digest, A's first.
pub fn both(pair: &LivePair, digest: Digest) -> [Vec<u8>; 2] {
    [&pair.a, &pair.b].map(|party| calls::signature(party, digest))
}

/// The signers of a set as the bindings have them.
pub fn addresses(signers: &SignerSet) -> Vec<Address> {
    signers.signers().iter().copied().map(ringfence_bindings::address).collect()
}
