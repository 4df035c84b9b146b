use crate::common::Real;
use crate::market::{guards, refused, terms, usdc, Market, ALICE, BOB, CAROL};
use ringfence_protocol::{
    bond::{BondError, BondTerms, MAX_PROOF},
    Address, Digest, Keccak256,
};

/// Independent of the crate: the leaf and the node of OpenZeppelin's `StandardMerkleTree` over one address.
fn leaf(account: Address) -> Digest {
    Real::keccak256(&Real::keccak256(&[[0; 12].as_slice(), account.as_bytes()].concat()).0)
}

fn node(a: Digest, b: Digest) -> Digest {
    Real::keccak256(&[a.min(b).as_bytes(), a.max(b).as_bytes()].concat())
}

/// Alice and Bob are on the list.
fn restricted() -> BondTerms {
    BondTerms { allow_list: node(leaf(ALICE), leaf(BOB)), ..terms() }
}

fn admitted() -> Market {
    let mut market = Market::funded_with(restricted());
    market.admit(ALICE, &[leaf(BOB)]).expect("accepted");
    market.admit(BOB, &[leaf(ALICE)]).expect("accepted");
    market
}

guards! {
    ProofInvalid: nobody_else_is_admitted {
        let mut market = Market::funded_with(restricted());
        assert_eq!(refused(&mut market, |market| market.admit(CAROL, &[leaf(BOB)])), BondError::ProofInvalid);
        assert_eq!(refused(&mut market, |market| market.admit(ALICE, &[leaf(ALICE)])), BondError::ProofInvalid);
        refused(&mut market, |market| market.admit(ALICE, &[]))
    }
    ProofInvalid: there_is_nothing_to_prove_without_a_list {
        refused(&mut Market::funded(), |market| market.admit(ALICE, &[leaf(BOB)]))
    }
    ProofInvalid: a_proof_is_bounded {
        let path = |length: usize| vec![Digest::repeat_byte(5); length];
        let root = |length| path(length).into_iter().fold(leaf(ALICE), node);
        let mut longest = Market::funded_with(BondTerms { allow_list: root(MAX_PROOF), ..terms() });
        longest.admit(ALICE, &path(MAX_PROOF)).expect("at the bound");
        let mut longer = Market::funded_with(BondTerms { allow_list: root(MAX_PROOF + 1), ..terms() });
        refused(&mut longer, |market| market.admit(ALICE, &path(MAX_PROOF + 1)))
    }
    NotAdmitted: only_the_admitted_bid {
        refused(&mut Market::funded_with(restricted()), |market| market.bid(ALICE, 0, usdc(1_000), 500))
    }
    NotAdmitted: only_the_admitted_receive_notes {
        let mut market = admitted();
        market.bid(ALICE, 0, usdc(600_000), 500).expect("accepted");
        market.close();
        market.activate().expect("accepted");
        market.allot(ALICE, 0).expect("accepted");
        market.transfer(ALICE, BOB, usdc(1)).expect("on the list");
        refused(&mut market, |market| market.transfer(ALICE, CAROL, usdc(1)))
    }
}

/// Made with `@openzeppelin/merkle-tree`'s rules by hand for a list of one: the root is the leaf, the proof empty.
#[test]
fn a_list_of_one_is_its_leaf() {
    let mut market = Market::funded_with(BondTerms { allow_list: leaf(CAROL), ..terms() });
    market.admit(CAROL, &[]).expect("accepted");
    market.bid(CAROL, 0, usdc(1_000), 500).expect("accepted");
}
