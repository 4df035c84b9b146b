//! What an instruction is bound to: vault, chain, terms, portfolio, and each of its own fields.

use crate::ready::Ready;
use ringfence_bindings::IMarginVault as vault;
use ringfence_devchain::{h160_of, CHAIN_ID};
use ringfence_oracle::keccak::Keccak;
use ringfence_protocol::{
    eip712::{Domain, TypedMessage},
    message::MarginInstruction,
    units::{Amount, SignedAmount, Timestamp},
    Digest,
};
use ringfence_suites::{calls, Stage};

#[test]
fn settle_refused_for_another_vault() {
    let mut ready = Ready::new();
    let other = h160_of(ready.stage.vault(1));
    let message = MarginInstruction { vault: other, ..ready.message.clone() };
    let signatures = ready.stage.signed_by(&[0, 1], ready.stage.pairs[1].digest(&message));
    ready.refuses_signed::<vault::WrongVault>(&message, signatures);
    ready.refuses::<vault::WrongVault>(&message);
    ready.accepts();
}

#[test]
fn settle_refused_when_signed_for_another_vault_and_naming_this_one() {
    let mut ready = Ready::new();
    let message = ready.message.clone();
    let signatures = ready.stage.signed_by(&[0, 1], ready.stage.pairs[1].digest(&message));
    ready.refuses_signed::<vault::UnknownSigner>(&message, signatures);
    ready.accepts();
}

/// What is signed on another chain for the vault of the first pair.
fn elsewhere(ready: &Ready, chain_id: u64) -> Digest {
    ready.message.digest::<Keccak>(&Domain { chain_id, ..ready.stage.pairs[0].domain() })
}

#[test]
fn settle_refused_for_another_chain() {
    let mut ready = Ready::new();
    let (keeper, vault, message) = (ready.stage.keeper.clone(), ready.stage.vault(0), ready.message.clone());
    for chain in [0, 1, CHAIN_ID + 1, CHAIN_ID | 1 << 32] {
        let signatures = ready.stage.signed_by(&[0, 1], elsewhere(&ready, chain));
        let call = calls::settle_on(chain, &message, signatures);
        ready.stage.assert_refused::<vault::WrongChain>(&keeper, vault, call);
    }
    ready.accepts();
}

#[test]
fn settle_refused_when_signed_for_another_chain_and_claiming_ours() {
    let mut ready = Ready::new();
    let message = ready.message.clone();
    for chain in [0, 1, CHAIN_ID + 1, CHAIN_ID | 1 << 32] {
        let signatures = ready.stage.signed_by(&[0, 1], elsewhere(&ready, chain));
        ready.refuses_signed::<vault::UnknownSigner>(&message, signatures);
    }
    ready.accepts();
}

#[test]
fn settle_refused_for_other_terms() {
    let mut ready = Ready::new();
    for terms_hash in [ready.stage.pairs[1].terms_hash, Digest::zero()] {
        ready.refuses::<vault::TermsMismatch>(&MarginInstruction { terms_hash, ..ready.message.clone() });
    }
    ready.accepts();
}

#[test]
fn settle_refused_for_another_portfolio() {
    let mut ready = Ready::new();
    let portfolio_root = Digest::repeat_byte(0x51);
    ready.refuses::<vault::PortfolioMismatch>(&MarginInstruction { portfolio_root, ..ready.message.clone() });
    ready.accepts();
}

#[test]
fn settle_refused_for_a_portfolio_that_was_replaced() {
    let mut ready = Ready::new();
    let message = ready.message.clone();
    let replacement = ready.stage.agreement(0, 2, Digest::repeat_byte(0x51));
    ready.stage.submit_agreement(0, &replacement);
    ready.refuses::<vault::PortfolioMismatch>(&message);
}

#[test]
fn settle_refused_before_a_portfolio_is_agreed() {
    let mut ready = Ready { stage: Stage::empty(), message: Ready::new().message };
    ready.stage.propose_pair();
    ready.refuses::<vault::NotActive>(&ready.message.clone());
    ready.stage.accept(0);
    ready.refuses::<vault::NoPortfolio>(&ready.message.clone());
}

#[test]
fn settle_refused_with_amounts_above_the_largest() {
    let mut ready = Ready::new();
    let over = Amount::new(Amount::MAX.get() + 1);
    let base = ready.message.clone();
    let large = i128::try_from(over.get()).expect("2^96 fits");
    let changed = [
        MarginInstruction { initial_margin_a: over, ..base.clone() },
        MarginInstruction { initial_margin_b: over, ..base.clone() },
        MarginInstruction { tail_requirement: over, ..base.clone() },
        MarginInstruction { entitlement_a: SignedAmount::new(large), ..base.clone() },
        MarginInstruction { entitlement_a: SignedAmount::new(-large), ..base.clone() },
        MarginInstruction { entitlement_a: SignedAmount::new(i128::MIN), ..base.clone() },
    ];
    for message in changed {
        ready.refuses::<vault::AmountOutOfBounds>(&message);
    }
    ready.accepts();
}

/// Every field that no other check looks at is held by the signature alone.
#[test]
fn settle_refused_when_any_field_is_changed_after_signing() {
    let mut ready = Ready::new();
    let base = ready.message.clone();
    let one = Amount::new(1);
    let changed = [
        MarginInstruction { valuation_time: Timestamp::new(base.valuation_time.get() - 1), ..base.clone() },
        MarginInstruction { expiry: Timestamp::new(base.expiry.get() + 1), ..base.clone() },
        MarginInstruction { entitlement_a: SignedAmount::new(base.entitlement_a.get() + 1), ..base.clone() },
        MarginInstruction { entitlement_a: SignedAmount::new(-base.entitlement_a.get()), ..base.clone() },
        MarginInstruction { initial_margin_a: one, ..base.clone() },
        MarginInstruction { initial_margin_b: one, ..base.clone() },
        MarginInstruction { tail_requirement: one, ..base.clone() },
        MarginInstruction { market_data_root: Digest::zero(), ..base.clone() },
        MarginInstruction { model_version: 2, ..base.clone() },
    ];
    let signatures = ready.stage.signed_by(&[0, 1], ready.stage.pairs[0].digest(&base));
    for message in changed {
        ready.refuses_signed::<vault::UnknownSigner>(&message, signatures.clone());
    }
    ready.accepts();
}
