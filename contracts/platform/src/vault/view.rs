//! The layout of the vault's answers.

use super::{evaluate::side_of, Request, VaultCall};
use crate::{
    abi::{Reader, Writer},
    Selector,
};
use ink::prelude::vec::Vec;
use ringfence_protocol::{
    signature::SignerSet,
    terms::{PartyTerms, Terms},
    units::{Amount, SignedAmount, Timestamp},
    vault::{Auction, Dispute, Env, Phase, Status, Vault, VaultError, VaultEvent, VaultStep},
    Address, Pair, Party,
};

/// The answer to a view; nothing if the message is not one.
#[inline(never)]
pub(super) fn answer(
    request: &Request,
    arguments: &mut Reader<'_>,
    vault: &Vault,
    env: &Env,
) -> Result<Option<Vec<u8>>, VaultError> {
    let writer = Writer::new();
    let written = match request.call {
        VaultCall::Status => status(writer, vault, &vault.status(env)?),
        VaultCall::Terms => terms(writer, &vault.agreement.terms, vault),
        VaultCall::TermsHash => writer.digest(vault.agreement.hash),
        VaultCall::Liabilities => writer.amount(vault.liabilities()?),
        VaultCall::Mandate => {
            let mandate = &vault.mandate;
            writer.uint(mandate.portfolio_version).digest(mandate.portfolio_root).uint(mandate.epoch)
        }
        VaultCall::Signers => accounts(writer, vault.mandate.signers.signers()),
        VaultCall::RotationNotice => rotation_notice(writer, vault),
        VaultCall::Layer => layer(writer, vault, arguments.index()?)?,
        VaultCall::Collateral => collateral(writer, vault, arguments.index()?)?,
        VaultCall::OpenDispute => dispute(writer, vault.disputes.open.of(side_of(vault, arguments)?)),
        VaultCall::DefaultCase => default_case(writer, vault),
        VaultCall::Successors => accounts(writer, vault.successors.accepted_by.of(side_of(vault, arguments)?)),
        VaultCall::Estate => estate(writer, vault, arguments.index()?)?,
        VaultCall::Claimable => writer.amount(vault.claimable(arguments.address()?)?),
        VaultCall::Withdrawable => {
            let party = side_of(vault, arguments)?;
            withdrawable(writer, vault.state.withdrawable(env, &vault.agreement, party))
        }
        VaultCall::AuctionPrice => {
            writer.amount(vault.auction_price_up(env, arguments.index()?, arguments.amount()?)?)
        }
        _ => return Ok(None),
    };
    Ok(Some(written.finish()))
}

fn time(writer: Writer, moment: Timestamp) -> Writer {
    writer.uint(moment.get())
}

fn signed(writer: Writer, amount: SignedAmount) -> Writer {
    writer.int(amount.get())
}

fn flag(writer: Writer, flag: bool) -> Writer {
    writer.uint(u128::from(flag))
}

#[inline(never)]
fn status(writer: Writer, vault: &Vault, status: &Status) -> Writer {
    let (phase, defaulter) = match status.phase {
        Phase::Proposed => (0u8, None),
        Phase::Active => (1, None),
        Phase::Defaulted { party, .. } => (2, Some(party)),
        Phase::Closed { defaulter } => (3, defaulter),
    };
    let parties = vault.agreement.terms.parties;
    let writer = writer.uint(phase).address(defaulter.map_or(Address::zero(), |party| *parties.of(party)));
    let writer = Party::BOTH.into_iter().fold(writer, |writer, party| side(writer, status, party));
    let writer = writer.amount(status.first_loss).amount(status.live_cover);
    let writer = writer.amount(status.tail_requirement).amount(status.tail_gap);
    let writer = time(writer, status.cover_lapses.unwrap_or_default()).amount(status.gap_after_lapse);
    let writer = signed(signed(writer, status.entitlement), status.settled);
    let (sequence, valued) = status.last_instruction;
    let writer = time(time(time(writer.uint(sequence), valued), status.fresh_until), status.oracle_times_out);
    let writer = time(writer.amount(vault.state.fees_due), vault.standing.paused_until);
    time(flag(writer, vault.standing.run_off.is_some()), status.attested_until)
}

#[inline(never)]
fn side(writer: Writer, status: &Status, party: Party) -> Writer {
    let amounts =
        [&status.margin, &status.required, &status.credit, &status.deficit, &status.suspended, &status.excess];
    let writer = amounts.into_iter().fold(writer, |writer, pair| writer.amount(*pair.of(party)));
    let writer = withdrawable(writer, *status.withdrawable.of(party));
    let call = status.call.of(party);
    let writer = writer.amount(call.map_or(Amount::ZERO, |call| call.amount));
    time(writer, call.map_or(Timestamp::default(), |call| call.deadline))
}

/// An amount, or zero and the selector of the error that stands against it.
#[inline(never)]
fn withdrawable(writer: Writer, outcome: Result<Amount, VaultError>) -> Writer {
    let mut reason = [0; 32];
    if let Err(error) = outcome {
        reason.iter_mut().zip(error.selector()).for_each(|(to, from)| *to = from);
    }
    writer.amount(outcome.unwrap_or(Amount::ZERO)).word(&reason)
}

/// What an instruction would do, as `previewSettle` answers it.
pub fn preview(step: &VaultStep) -> Vec<u8> {
    let settled = step.events.iter().find_map(|event| match event {
        VaultEvent::Settled { transferred, interest, fees, .. } => Some((*transferred, *interest, *fees)),
        _ => None,
    });
    let (transferred, interest, fees) = settled.unwrap_or_default();
    let state = step.state;
    let writer = signed(signed(Writer::new(), transferred), interest);
    let sides = Party::BOTH.into_iter().fold(writer, |writer, party| {
        let amounts: [&Pair<Amount>; 5] = [&fees, &state.deficit, &state.required, &state.credit, &state.margin];
        let writer = amounts.into_iter().fold(writer, |writer, pair| writer.amount(*pair.of(party)));
        let call = state.call.of(party);
        let writer = writer.amount(call.map_or(Amount::ZERO, |call| call.amount));
        time(writer, call.map_or(Timestamp::default(), |call| call.deadline))
    });
    sides.finish()
}

/// Words before the tails of the terms' two arrays.
const TERMS_HEAD: u64 = 29;

#[inline(never)]
fn terms(writer: Writer, terms: &Terms, vault: &Vault) -> Writer {
    let schedule = &vault.collateral.schedule.0;
    let signers: &SignerSet = &vault.mandate.signers;
    let writer = writer.uint(32u8).address(terms.asset).address(terms.entity).address(terms.rules);
    let writer = writer.address(terms.parties.a).address(terms.parties.b);
    let writer = party_terms(party_terms(writer, &terms.csa.a), &terms.csa.b);
    let periods = terms.periods;
    let spans = [
        periods.cure,
        periods.notification,
        periods.max_staleness,
        periods.dispute,
        periods.replacement,
        periods.close_out,
        periods.auction,
        periods.oracle_timeout,
    ];
    let writer = spans.into_iter().fold(writer, |writer, span| writer.uint(span.get()));
    let writer = writer.amount(terms.max_move).amount(terms.dispute_deposit).amount(terms.dispute_tolerance);
    let writer = writer.uint(terms.fee_cap.get()).uint(terms.tail_share_a.get());
    let count = u64::try_from(schedule.len()).unwrap_or(u64::MAX);
    let tail = TERMS_HEAD.saturating_mul(32);
    let after_schedule = tail.saturating_add(count.saturating_mul(3).saturating_add(1).saturating_mul(32));
    let writer = writer.uint(tail).uint(after_schedule).uint(signers.threshold()).uint(count);
    let writer = schedule.iter().fold(writer, |writer, eligible| {
        writer.address(eligible.asset).uint(eligible.haircut.get()).amount(eligible.limit)
    });
    list(writer, signers.signers())
}

#[inline(never)]
fn party_terms(writer: Writer, terms: &PartyTerms) -> Writer {
    let writer = writer.amount(terms.threshold).amount(terms.minimum_transfer_amount);
    writer.amount(terms.rounding_amount).amount(terms.independent_amount)
}

fn accounts(writer: Writer, accounts: &[Address]) -> Writer {
    list(writer.uint(32u8), accounts)
}

#[inline(never)]
fn list(writer: Writer, accounts: &[Address]) -> Writer {
    let writer = writer.uint(u64::try_from(accounts.len()).unwrap_or(u64::MAX));
    accounts.iter().fold(writer, |writer, account| writer.address(*account))
}

/// Zeros and no accounts if none stands.
#[inline(never)]
fn rotation_notice(writer: Writer, vault: &Vault) -> Writer {
    let notice = vault.standing.rotation.as_ref();
    let moments = notice.map(|notice| [notice.leave_from, notice.due, notice.expires]).unwrap_or_default();
    let writer = moments.into_iter().fold(writer.uint(32u8), time);
    let writer = writer.uint(notice.map_or(0, |notice| notice.signers.threshold())).uint(5u8 * 32);
    list(writer, notice.map_or(&[], |notice| notice.signers.signers()))
}

#[inline(never)]
fn layer(writer: Writer, vault: &Vault, index: usize) -> Result<Writer, VaultError> {
    let layer = vault.cover.layers().get(index).ok_or(VaultError::NothingDue)?;
    let writer = writer.address(layer.bond).amount(layer.limit).amount(layer.claimed);
    Ok(time(time(writer, layer.starts), layer.ends).uint(layer.waiting.get()))
}

#[inline(never)]
fn collateral(writer: Writer, vault: &Vault, index: usize) -> Result<Writer, VaultError> {
    let book = &vault.collateral;
    let eligible = book.schedule.0.get(index).ok_or(VaultError::NotEligible)?;
    let mark = book.marks.get(index).copied().unwrap_or_default();
    let writer = writer.address(eligible.asset).uint(eligible.haircut.get()).amount(eligible.limit);
    let writer = writer.amount(mark.price).uint(mark.haircut.get());
    Ok(writer.amount(book.posted(Party::A, index)?).amount(book.posted(Party::B, index)?))
}

#[inline(never)]
fn dispute(writer: Writer, open: &Option<Dispute>) -> Writer {
    let Some(dispute) = open else {
        return (0..8).fold(writer, |writer, _| writer.uint(0u8));
    };
    let writer = signed(writer.uint(dispute.number).uint(dispute.sequence), dispute.valued);
    let writer = signed(writer, dispute.stated).amount(dispute.escrowed).amount(dispute.suspended);
    time(writer.amount(dispute.deposit), dispute.deadline)
}

#[inline(never)]
fn default_case(writer: Writer, vault: &Vault) -> Writer {
    let since = match vault.state.phase {
        Phase::Defaulted { since, .. } => since,
        _ => Timestamp::default(),
    };
    let case = &vault.case;
    let writer = flag(writer, case.determined.is_some());
    let writer = time(signed(writer, case.determined.unwrap_or_default()), since);
    let writer = match case.bid {
        Some(bid) => signed(writer.address(bid.bidder), bid.price).amount(bid.posted),
        None => writer.address(Address::zero()).int(0).uint(0u8),
    };
    time(writer, case.auction.map_or(Timestamp::default(), |Auction { since }| since))
}

#[inline(never)]
fn estate(writer: Writer, vault: &Vault, index: usize) -> Result<Writer, VaultError> {
    let estate = vault.estates.0.get(index).ok_or(VaultError::NoEstate)?;
    let writer = writer.address(estate.debtor).address(estate.creditor);
    let writer = writer.amount(estate.residual).amount(estate.first_loss);
    Ok(estate
        .layers
        .iter()
        .fold(writer, |writer, layer| writer.amount(layer.paid).amount(layer.due).amount(layer.recovered)))
}
