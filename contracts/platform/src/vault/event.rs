use crate::abi::Writer;
use ink::prelude::{vec, vec::Vec};
use ringfence_protocol::{
    terms::Terms,
    units::{Amount, Timestamp},
    vault::VaultEvent,
    Address, Digest, Keccak256, Pair, Party,
};
use scale::{Decode, Encode};

/// An event as the chain takes it.
#[derive(Clone, Debug, Encode, Decode)]
pub struct RawEvent {
    /// The hash of its signature, then its indexed fields.
    pub topics: Vec<Digest>,
    /// Its other fields.
    pub data: Vec<u8>,
}

impl RawEvent {
    #[inline(never)]
    fn new(signature: &str) -> Self {
        Self { topics: vec![crate::Host::keccak256(signature.as_bytes())], data: Vec::new() }
    }

    #[inline(never)]
    fn about(mut self, account: Address) -> Self {
        let mut topic = Digest::zero();
        topic.0[12..].copy_from_slice(account.as_bytes());
        self.topics.push(topic);
        self
    }

    #[inline(never)]
    fn with(mut self, data: Writer) -> Self {
        self.data = data.finish();
        self
    }
}

fn time(writer: Writer, moment: Timestamp) -> Writer {
    writer.uint(moment.get())
}

fn both(writer: Writer, pair: &Pair<Amount>) -> Writer {
    writer.amount(pair.a).amount(pair.b)
}

/// The events of settlement, deposit and withdrawal; parties are shown as addresses.
#[inline(never)]
pub fn hot_event(event: &VaultEvent, terms: &Terms) -> Option<RawEvent> {
    let address = |party: Party| *terms.parties.of(party);
    let data = Writer::new();
    Some(match *event {
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
            let data = data.uint(sequence).int(entitlement.get()).int(interest.get()).int(transferred.get());
            let data = [fees, deficit, required, credit].into_iter().fold(data, both);
            let signature = "Settled(uint64,int128,int128,int128,uint128,uint128,uint128,uint128,uint128,uint128,\
                             uint128,uint128)";
            RawEvent::new(signature).with(data)
        }
        VaultEvent::Deposited { party, amount, paid_to_counterparty } => {
            let data = data.amount(amount).amount(paid_to_counterparty);
            RawEvent::new("Deposited(address,uint128,uint128)").about(address(party)).with(data)
        }
        VaultEvent::Withdrawn { party, amount } => {
            RawEvent::new("Withdrawn(address,uint128)").about(address(party)).with(data.amount(amount))
        }
        VaultEvent::CallOpened { party, amount, deadline } => {
            let data = time(data.amount(amount), deadline);
            RawEvent::new("CallOpened(address,uint128,uint64)").about(address(party)).with(data)
        }
        VaultEvent::CallMet { party } => RawEvent::new("CallMet(address)").about(address(party)),
        _ => return None,
    })
}

/// Every event; parties are shown as addresses. `terms` are those before the command, but for a replacement, which names
/// both parties of its side itself.
#[inline(never)]
pub(super) fn raw_event(event: &VaultEvent, terms: &Terms) -> RawEvent {
    if let Some(hot) = hot_event(event, terms) {
        return hot;
    }
    let address = |party: Party| *terms.parties.of(party);
    let data = Writer::new();
    match *event {
        VaultEvent::TermsAccepted { party } => RawEvent::new("TermsAccepted(address)").about(address(party)),
        VaultEvent::PortfolioAgreed { version, root } => {
            RawEvent::new("PortfolioAgreed(uint64,bytes32)").with(data.uint(version).digest(root))
        }
        VaultEvent::TermsAmended { terms_hash } => RawEvent::new("TermsAmended(bytes32)").with(data.digest(terms_hash)),
        VaultEvent::SignersRotated { epoch, signers_hash } => {
            RawEvent::new("SignersRotated(uint64,bytes32)").with(data.uint(epoch).digest(signers_hash))
        }
        VaultEvent::CollateralPosted { party, asset, quantity } => {
            let event = RawEvent::new("CollateralPosted(address,address,uint128)").about(address(party));
            event.about(asset).with(data.amount(quantity))
        }
        VaultEvent::CollateralReturned { party, asset, quantity } => {
            let event = RawEvent::new("CollateralReturned(address,address,uint128)").about(address(party));
            event.about(asset).with(data.amount(quantity))
        }
        VaultEvent::Disputed { party, number, stated, escrowed, suspended, deadline } => {
            let data = data.uint(number).int(stated.get()).amount(escrowed).amount(suspended);
            let event = RawEvent::new("Disputed(address,uint64,int128,uint128,uint128,uint64)");
            event.about(address(party)).with(time(data, deadline))
        }
        VaultEvent::DisputeEnded { party, number, found, returned, confirmed } => {
            let data = data.uint(number).int(found.get()).amount(returned).uint(u128::from(confirmed));
            let event = RawEvent::new("DisputeEnded(address,uint64,int128,uint128,bool)");
            event.about(address(party)).with(data)
        }
        VaultEvent::Defaulted { party, replacement_deadline, close_out_deadline } => {
            let data = time(time(data, replacement_deadline), close_out_deadline);
            RawEvent::new("Defaulted(address,uint64,uint64)").about(address(party)).with(data)
        }
        VaultEvent::SuccessorApproved { by, successor } => {
            RawEvent::new("SuccessorApproved(address,address)").about(address(by)).about(successor)
        }
        VaultEvent::SuccessorRevoked { by, successor } => {
            RawEvent::new("SuccessorRevoked(address,address)").about(address(by)).about(successor)
        }
        VaultEvent::BidPlaced { bidder, price, posted } => {
            let data = data.int(price.get()).amount(posted);
            RawEvent::new("BidPlaced(address,int128,uint128)").about(bidder).with(data)
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
            let event = RawEvent::new("Replaced(address,address,int128,uint128,uint128,uint128,bytes32)");
            event.about(former).about(successor).with(data.digest(terms_hash))
        }
        VaultEvent::CloseOutDetermined { party, amount } => {
            RawEvent::new("CloseOutDetermined(address,int128)").about(address(party)).with(data.int(amount.get()))
        }
        VaultEvent::AuctionBegun { deadline } => RawEvent::new("AuctionBegun(uint64)").with(time(data, deadline)),
        VaultEvent::CollateralSold { asset, quantity, cost, buyer } => {
            let data = data.amount(quantity).amount(cost);
            RawEvent::new("CollateralSold(address,address,uint128,uint128)").about(asset).about(buyer).with(data)
        }
        VaultEvent::ClosedOut { amount, from_margin, from_first_loss, from_cover, residual } => {
            let data = data.int(amount.get()).amount(from_margin).amount(from_first_loss);
            let data = data.amount(from_cover).amount(residual);
            RawEvent::new("ClosedOut(int128,uint128,uint128,uint128,uint128)").with(data)
        }
        VaultEvent::CoverPaid { bond, amount } => {
            RawEvent::new("CoverPaid(address,uint128)").about(bond).with(data.amount(amount))
        }
        VaultEvent::Recovered { debtor, to_creditor, to_bonds, to_first_loss, to_debtor } => {
            let data = data.amount(to_creditor).amount(to_bonds).amount(to_first_loss).amount(to_debtor);
            RawEvent::new("Recovered(address,uint128,uint128,uint128,uint128)").about(debtor).with(data)
        }
        VaultEvent::RecoveryPassed { bond, amount } => {
            RawEvent::new("RecoveryPassed(address,uint128)").about(bond).with(data.amount(amount))
        }
        VaultEvent::Collected { account, asset, amount } => {
            RawEvent::new("Collected(address,address,uint128)").about(account).about(asset).with(data.amount(amount))
        }
        VaultEvent::CoverRegistered { bond, limit } => {
            RawEvent::new("CoverRegistered(address,uint128)").about(bond).with(data.amount(limit))
        }
        VaultEvent::FirstLossChanged { first_loss } => {
            RawEvent::new("FirstLossChanged(uint128)").with(data.amount(first_loss))
        }
        VaultEvent::ReserveChanged { reserve } => RawEvent::new("ReserveChanged(uint128)").with(data.amount(reserve)),
        VaultEvent::FeesCollected { amount } => RawEvent::new("FeesCollected(uint128)").with(data.amount(amount)),
        VaultEvent::RunOffBegun { by } => RawEvent::new("RunOffBegun(address)").about(by),
        VaultEvent::Paused { until } => RawEvent::new("Paused(uint64)").with(time(data, until)),
        VaultEvent::Terminated { entitlement } => RawEvent::new("Terminated(int128)").with(data.int(entitlement.get())),
        // Said above.
        VaultEvent::Settled { .. }
        | VaultEvent::Deposited { .. }
        | VaultEvent::Withdrawn { .. }
        | VaultEvent::CallOpened { .. }
        | VaultEvent::CallMet { .. } => RawEvent { topics: Vec::new(), data: Vec::new() },
    }
}
