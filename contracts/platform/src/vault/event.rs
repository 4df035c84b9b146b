use crate::abi::Writer;
use ink::prelude::{vec, vec::Vec};
use ringfence_protocol::{
    eip712::{address_word, signed_word, uint_word},
    keccak::hash_of,
    terms::Terms,
    units::Timestamp,
    vault::VaultEvent,
    Address, Digest, Party,
};
use scale::{Decode, Encode};

/// An event as the chain takes it.
#[derive(Clone, Debug, Encode, Decode)]
pub struct RawEvent {
    /// The hash of its signature, then its indexed fields.
    pub topics: Vec<[u8; 32]>,
    /// Its other fields.
    pub data: Vec<u8>,
}

impl RawEvent {
    #[inline(never)]
    fn new(signature_hash: Digest) -> Self {
        Self { topics: vec![signature_hash.0], data: Vec::new() }
    }

    #[inline(never)]
    fn about(mut self, account: Address) -> Self {
        self.topics.push(address_word(account));
        self
    }

    #[inline(never)]
    fn with(mut self, data: Writer) -> Self {
        self.data = data.finish();
        self
    }
}

const SETTLED: &str =
    "Settled(uint64,int128,int128,int128,uint128,uint128,uint128,uint128,uint128,uint128,uint128,uint128)";

fn time(writer: Writer, moment: Timestamp) -> Writer {
    writer.uint(moment.get())
}

/// Emits an event of settlement, deposit or withdrawal; false if it is another. Parties are shown as addresses. Topics and
/// data are put together in place, because a settlement pays for every copy of them.
#[inline(never)]
pub fn hot_event(event: &VaultEvent, terms: &Terms, mut emit: impl FnMut(&[[u8; 32]], &[u8])) -> bool {
    let about = |party: Party| address_word(*terms.parties.of(party));
    match *event {
        VaultEvent::Settled {
            sequence,
            entitlement,
            interest,
            transferred,
            ref fees,
            ref deficit,
            ref required,
            ref credit,
        } => {
            let words = [
                uint_word(sequence.into()),
                signed_word(entitlement.get()),
                signed_word(interest.get()),
                signed_word(transferred.get()),
                uint_word(fees.a.get()),
                uint_word(fees.b.get()),
                uint_word(deficit.a.get()),
                uint_word(deficit.b.get()),
                uint_word(required.a.get()),
                uint_word(required.b.get()),
                uint_word(credit.a.get()),
                uint_word(credit.b.get()),
            ];
            emit(&[const { hash_of(SETTLED) }.0], words.as_flattened());
        }
        VaultEvent::Deposited { party, amount, paid_to_counterparty } => {
            let words = [uint_word(amount.get()), uint_word(paid_to_counterparty.get())];
            emit(&[const { hash_of("Deposited(address,uint128,uint128)") }.0, about(party)], words.as_flattened());
        }
        VaultEvent::Withdrawn { party, amount } => {
            emit(&[const { hash_of("Withdrawn(address,uint128)") }.0, about(party)], &uint_word(amount.get()));
        }
        VaultEvent::CallOpened { party, amount, deadline } => {
            let words = [uint_word(amount.get()), uint_word(deadline.get().into())];
            emit(&[const { hash_of("CallOpened(address,uint128,uint64)") }.0, about(party)], words.as_flattened());
        }
        VaultEvent::CallMet { party } => emit(&[const { hash_of("CallMet(address)") }.0, about(party)], &[]),
        _ => return false,
    }
    true
}

/// Every event; parties are shown as addresses. `terms` are those before the command, but for a replacement, which names
/// both parties of its side itself.
#[inline(never)]
pub(super) fn raw_event(event: &VaultEvent, terms: &Terms) -> RawEvent {
    let mut hot = RawEvent { topics: Vec::new(), data: Vec::new() };
    let taken = hot_event(event, terms, |topics, data| {
        hot.topics.extend_from_slice(topics);
        hot.data.extend_from_slice(data);
    });
    if taken {
        return hot;
    }
    let address = |party: Party| *terms.parties.of(party);
    let data = Writer::new();
    match *event {
        VaultEvent::TermsAccepted { party } => {
            RawEvent::new(const { hash_of("TermsAccepted(address)") }).about(address(party))
        }
        VaultEvent::PortfolioAgreed { version, root } => {
            RawEvent::new(const { hash_of("PortfolioAgreed(uint64,bytes32)") }).with(data.uint(version).digest(root))
        }
        VaultEvent::TermsAmended { terms_hash } => {
            RawEvent::new(const { hash_of("TermsAmended(bytes32)") }).with(data.digest(terms_hash))
        }
        VaultEvent::SignersRotated { epoch, signers_hash } => {
            RawEvent::new(const { hash_of("SignersRotated(uint64,bytes32)") })
                .with(data.uint(epoch).digest(signers_hash))
        }
        VaultEvent::RotationNoticed { signers_hash, leave_from, due } => {
            let data = time(time(data.digest(signers_hash), leave_from), due);
            RawEvent::new(const { hash_of("RotationNoticed(bytes32,uint64,uint64)") }).with(data)
        }
        VaultEvent::RotationWithdrawn { at } => {
            RawEvent::new(const { hash_of("RotationWithdrawn(uint64)") }).with(time(data, at))
        }
        VaultEvent::OwnersAttested { until } => {
            RawEvent::new(const { hash_of("OwnersAttested(uint64)") }).with(time(data, until))
        }
        VaultEvent::ClaimTransferred { estate, from, to } => {
            let event = RawEvent::new(const { hash_of("ClaimTransferred(address,address,uint8)") });
            event.about(from).about(to).with(data.uint(u8::try_from(estate).unwrap_or(u8::MAX)))
        }
        VaultEvent::CollateralPosted { party, asset, quantity } => {
            let event =
                RawEvent::new(const { hash_of("CollateralPosted(address,address,uint128)") }).about(address(party));
            event.about(asset).with(data.amount(quantity))
        }
        VaultEvent::CollateralReturned { party, asset, quantity } => {
            let event =
                RawEvent::new(const { hash_of("CollateralReturned(address,address,uint128)") }).about(address(party));
            event.about(asset).with(data.amount(quantity))
        }
        VaultEvent::Disputed { party, number, stated, escrowed, suspended, deadline } => {
            let data = data.uint(number).int(stated.get()).amount(escrowed).amount(suspended);
            let event = RawEvent::new(const { hash_of("Disputed(address,uint64,int128,uint128,uint128,uint64)") });
            event.about(address(party)).with(time(data, deadline))
        }
        VaultEvent::DisputeEnded { party, number, found, returned, confirmed } => {
            let data = data.uint(number).int(found.get()).amount(returned).uint(u128::from(confirmed));
            let event = RawEvent::new(const { hash_of("DisputeEnded(address,uint64,int128,uint128,bool)") });
            event.about(address(party)).with(data)
        }
        VaultEvent::Defaulted { party, replacement_deadline, close_out_deadline } => {
            let data = time(time(data, replacement_deadline), close_out_deadline);
            RawEvent::new(const { hash_of("Defaulted(address,uint64,uint64)") }).about(address(party)).with(data)
        }
        VaultEvent::SuccessorApproved { by, successor } => {
            RawEvent::new(const { hash_of("SuccessorApproved(address,address)") }).about(address(by)).about(successor)
        }
        VaultEvent::SuccessorRevoked { by, successor } => {
            RawEvent::new(const { hash_of("SuccessorRevoked(address,address)") }).about(address(by)).about(successor)
        }
        VaultEvent::BidPlaced { bidder, price, posted } => {
            let data = data.int(price.get()).amount(posted);
            RawEvent::new(const { hash_of("BidPlaced(address,int128,uint128)") }).about(bidder).with(data)
        }
        VaultEvent::Replaced {
            party: _,
            former,
            successor,
            price,
            arrears,
            from_margin,
            from_first_loss,
            terms_hash,
        } => {
            let data = data.int(price.get()).amount(arrears).amount(from_margin).amount(from_first_loss);
            let event =
                RawEvent::new(const { hash_of("Replaced(address,address,int128,uint128,uint128,uint128,bytes32)") });
            event.about(former).about(successor).with(data.digest(terms_hash))
        }
        VaultEvent::CloseOutDetermined { party, amount } => {
            RawEvent::new(const { hash_of("CloseOutDetermined(address,int128)") })
                .about(address(party))
                .with(data.int(amount.get()))
        }
        VaultEvent::AuctionBegun { deadline } => {
            RawEvent::new(const { hash_of("AuctionBegun(uint64)") }).with(time(data, deadline))
        }
        VaultEvent::CollateralSold { asset, quantity, cost, buyer } => {
            let data = data.amount(quantity).amount(cost);
            RawEvent::new(const { hash_of("CollateralSold(address,address,uint128,uint128)") })
                .about(asset)
                .about(buyer)
                .with(data)
        }
        VaultEvent::ClosedOut { amount, from_margin, from_first_loss, from_cover, residual } => {
            let data = data.int(amount.get()).amount(from_margin).amount(from_first_loss);
            let data = data.amount(from_cover).amount(residual);
            RawEvent::new(const { hash_of("ClosedOut(int128,uint128,uint128,uint128,uint128)") }).with(data)
        }
        VaultEvent::CoverPaid { bond, amount } => {
            RawEvent::new(const { hash_of("CoverPaid(address,uint128)") }).about(bond).with(data.amount(amount))
        }
        VaultEvent::Recovered { debtor, to_creditor, to_bonds, to_first_loss, to_debtor } => {
            let data = data.amount(to_creditor).amount(to_bonds).amount(to_first_loss).amount(to_debtor);
            RawEvent::new(const { hash_of("Recovered(address,uint128,uint128,uint128,uint128)") })
                .about(debtor)
                .with(data)
        }
        VaultEvent::RecoveryPassed { bond, amount } => {
            RawEvent::new(const { hash_of("RecoveryPassed(address,uint128)") }).about(bond).with(data.amount(amount))
        }
        VaultEvent::Collected { account, asset, amount } => {
            RawEvent::new(const { hash_of("Collected(address,address,uint128)") })
                .about(account)
                .about(asset)
                .with(data.amount(amount))
        }
        VaultEvent::CoverRegistered { bond, limit } => {
            RawEvent::new(const { hash_of("CoverRegistered(address,uint128)") }).about(bond).with(data.amount(limit))
        }
        VaultEvent::FirstLossChanged { first_loss } => {
            RawEvent::new(const { hash_of("FirstLossChanged(uint128)") }).with(data.amount(first_loss))
        }
        VaultEvent::ReserveChanged { reserve } => {
            RawEvent::new(const { hash_of("ReserveChanged(uint128)") }).with(data.amount(reserve))
        }
        VaultEvent::FeesCollected { amount } => {
            RawEvent::new(const { hash_of("FeesCollected(uint128)") }).with(data.amount(amount))
        }
        VaultEvent::RunOffBegun { by } => RawEvent::new(const { hash_of("RunOffBegun(address)") }).about(by),
        VaultEvent::Paused { until } => RawEvent::new(const { hash_of("Paused(uint64)") }).with(time(data, until)),
        VaultEvent::Terminated { entitlement } => {
            RawEvent::new(const { hash_of("Terminated(int128)") }).with(data.int(entitlement.get()))
        }
        // Said above.
        VaultEvent::Settled { .. }
        | VaultEvent::Deposited { .. }
        | VaultEvent::Withdrawn { .. }
        | VaultEvent::CallOpened { .. }
        | VaultEvent::CallMet { .. } => RawEvent { topics: Vec::new(), data: Vec::new() },
    }
}
