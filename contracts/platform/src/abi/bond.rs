//! The bond's terms and answers in the Ethereum ABI: words in a row, read and written here because what ink! derives for
//! it is many times the size and every call pays for the blob's bytes.
//!
//! Source: Solidity contract ABI specification, "Formal Specification of the Encoding": static members are in place, those
//! of a static tuple too.

use super::{Malformed, Reader, Writer};
use ink::prelude::vec::Vec;
use ringfence_protocol::{
    bond::{BondPhase, BondState, BondTerms},
    units::{Amount, Bps, Index, Seconds, Timestamp},
    Address, Digest,
};

/// A static type of the ABI.
trait Static: Sized {
    fn read(words: &mut Reader<'_>) -> Result<Self, Malformed>;
    fn write(&self, writer: Writer) -> Writer;
}

macro_rules! uints {
    ($($ty:ty),+) => { $(
        impl Static for $ty {
            fn read(words: &mut Reader<'_>) -> Result<Self, Malformed> { words.uint() }

            fn write(&self, writer: Writer) -> Writer { writer.uint(*self) }
        }
    )+ };
}
uints!(u8, u16, u64, u128);

impl Static for Address {
    fn read(words: &mut Reader<'_>) -> Result<Self, Malformed> {
        words.address()
    }

    fn write(&self, writer: Writer) -> Writer {
        writer.address(*self)
    }
}

impl Static for Digest {
    fn read(words: &mut Reader<'_>) -> Result<Self, Malformed> {
        words.digest()
    }

    fn write(&self, writer: Writer) -> Writer {
        writer.digest(*self)
    }
}

macro_rules! words {
    ($( $(#[$meta:meta])* $name:ident { $( $(#[$field_meta:meta])* $field:ident: $ty:ty ),+ $(,)? } )+) => { $(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
        pub struct $name { $( $(#[$field_meta])* pub $field: $ty ),+ }

        impl Static for $name {
            fn read(words: &mut Reader<'_>) -> Result<Self, Malformed> {
                Ok(Self { $( $field: Static::read(words)? ),+ })
            }

            fn write(&self, writer: Writer) -> Writer {
                $( let writer = Static::write(&self.$field, writer); )+
                writer
            }
        }

        impl $name {
            /// Its words, in order.
            pub fn write(&self, writer: Writer) -> Writer {
                Static::write(self, writer)
            }
        }

        impl ink::SolDecode for $name {
            type SolType = ( $( <$ty as ink::SolDecode>::SolType, )+ );

            fn decode(data: &[u8]) -> Result<Self, ink::sol::Error> {
                Self::read(&mut Reader::new(data)).map_err(|_| ink::sol::Error)
            }

            fn from_sol_type(($( $field, )+): Self::SolType) -> Result<Self, ink::sol::Error> {
                Ok(Self { $( $field: ink::SolDecode::from_sol_type($field)? ),+ })
            }
        }

        impl<'a> ink::SolEncode<'a> for $name {
            type SolType = ( $( <$ty as ink::SolEncode<'a>>::SolType, )+ );

            fn encode(&'a self) -> Vec<u8> {
                Static::write(self, Writer::new()).finish()
            }

            fn to_sol_type(&'a self) -> Self::SolType {
                ( $( ink::SolEncode::to_sol_type(&self.$field), )+ )
            }
        }
    )+ };
}

words! {
    /// How the book is built.
    BookTerms {
        /// Least amount of a bid.
        minimum_bid: u128,
        /// Highest spread, bps a year.
        max_spread: u16,
        /// Bids are at multiples of it, bps.
        tick: u16,
        /// Share of an unrevealed deposit that is lost, bps.
        forfeit: u16,
        /// Last moment to take a bid back.
        cancel_until: u64,
        /// Last moment to bid or commit.
        bids_until: u64,
        /// Last moment to reveal; equal to the last: the book is open.
        reveal_until: u64,
    }

    /// How long the risk runs, seconds.
    RiskTerms {
        /// On risk for.
        risk_period: u64,
        /// From its end to redemption.
        notice: u64,
        /// From its end to the latest date.
        extension: u64,
        /// How long it has to run, and a portfolio to be valued, before a default for the loss to be eligible.
        waiting: u64,
    }

    /// The terms of a bond series.
    SeriesTerms {
        /// The covered vault.
        vault: Address,
        /// The entity.
        sponsor: Address,
        /// Settlement asset.
        asset: Address,
        /// Sum of the limits of the layers below.
        attachment: u128,
        /// Most principal.
        limit: u128,
        /// Least principal to go on risk with.
        minimum: u128,
        /// Root of the allow-list; zero: none.
        allow_list: Digest,
        /// The book.
        book: BookTerms,
        /// The risk.
        risk: RiskTerms,
    }

    /// A series, as a wallet shows it.
    SeriesStatus {
        /// 0 book, 1 on risk, 2 failed, 3 cleared, 4 commuted.
        phase: u8,
        /// All notes, those not allotted yet included.
        face: u128,
        /// What is behind them and can still be claimed.
        principal: u128,
        /// Premium in escrow that is not booked to a holder.
        premium: u128,
        /// What goes back to the sponsor.
        sponsor_due: u128,
        /// Reserve.
        reserve: u128,
        /// When risk and premium stop; zero before the risk period.
        maturity: u64,
        /// Last moment of a claim; zero before the risk period.
        claims_until: u64,
        /// What every note earns, bps a year; zero before the clearing.
        spread: u16,
        /// What a reported open default could still claim.
        locked: u128,
        /// Written down and not recovered.
        lost: u128,
        /// Recovered and not paid out.
        recovered: u128,
    }

    /// What is behind one note, in 10^-18 of a base unit.
    NoteValue {
        /// Principal outstanding, recovered principal included.
        principal: u128,
        /// Premium earned since inception, taken out or not.
        accrued: u128,
        /// Principal paid out since redemption.
        released: u128,
        /// Written down and not recovered.
        written_down: u128,
        /// What of the principal an open default locks.
        in_extension: u128,
    }

    /// What one holder has.
    Position {
        /// Notes.
        notes: u128,
        /// Premium that could be taken out now.
        premium: u128,
        /// Principal that could be taken out now.
        redeemable: u128,
        /// Principal outstanding behind the notes.
        principal: u128,
    }
}

impl From<SeriesTerms> for BondTerms {
    fn from(abi: SeriesTerms) -> Self {
        Self {
            vault: abi.vault,
            sponsor: abi.sponsor,
            asset: abi.asset,
            attachment: Amount::new(abi.attachment),
            limit: Amount::new(abi.limit),
            minimum: Amount::new(abi.minimum),
            minimum_bid: Amount::new(abi.book.minimum_bid),
            max_spread: Bps::new(abi.book.max_spread),
            tick: Bps::new(abi.book.tick),
            forfeit: Bps::new(abi.book.forfeit),
            cancel_until: Timestamp::new(abi.book.cancel_until),
            bids_until: Timestamp::new(abi.book.bids_until),
            reveal_until: Timestamp::new(abi.book.reveal_until),
            risk_period: Seconds::new(abi.risk.risk_period),
            notice: Seconds::new(abi.risk.notice),
            extension: Seconds::new(abi.risk.extension),
            waiting: Seconds::new(abi.risk.waiting),
            allow_list: abi.allow_list,
        }
    }
}

impl From<BondTerms> for SeriesTerms {
    fn from(terms: BondTerms) -> Self {
        Self {
            vault: terms.vault,
            sponsor: terms.sponsor,
            asset: terms.asset,
            attachment: terms.attachment.get(),
            limit: terms.limit.get(),
            minimum: terms.minimum.get(),
            allow_list: terms.allow_list,
            book: BookTerms {
                minimum_bid: terms.minimum_bid.get(),
                max_spread: terms.max_spread.get(),
                tick: terms.tick.get(),
                forfeit: terms.forfeit.get(),
                cancel_until: terms.cancel_until.get(),
                bids_until: terms.bids_until.get(),
                reveal_until: terms.reveal_until.get(),
            },
            risk: RiskTerms {
                risk_period: terms.risk_period.get(),
                notice: terms.notice.get(),
                extension: terms.extension.get(),
                waiting: terms.waiting.get(),
            },
        }
    }
}

impl SeriesStatus {
    /// The status of a ledger that was brought to now.
    pub fn new(state: &BondState, terms: &BondTerms) -> Self {
        let (phase, started) = match state.phase {
            BondPhase::Book => (0, false),
            BondPhase::OnRisk => (1, true),
            BondPhase::Failed => (2, false),
            BondPhase::Cleared => (3, false),
            BondPhase::Commuted => (4, true),
        };
        let claims_until = state.claims_until(terms).map_or(0, Timestamp::get);
        Self {
            phase,
            face: state.face.get(),
            principal: state.principal.get(),
            premium: state.premium.get(),
            sponsor_due: state.sponsor_due.get(),
            reserve: state.reserve.get(),
            maturity: state.matures.get(),
            claims_until: if started { claims_until } else { 0 },
            spread: state.spread.get(),
            locked: state.locked.get(),
            lost: state.lost.get(),
            recovered: state.recovered.get(),
        }
    }
}

impl From<ringfence_protocol::bond::NoteValue> for NoteValue {
    fn from(value: ringfence_protocol::bond::NoteValue) -> Self {
        /// From an index' scale to 10^-18.
        const FINER: u128 = Index::SCALE / 1_000_000_000_000_000_000;
        let [principal, accrued, released, written_down, in_extension] =
            [value.principal, value.accrued, value.released, value.written_down, value.locked]
                .map(|index| index.get() / FINER);
        Self { principal, accrued, released, written_down, in_extension }
    }
}

impl From<ringfence_protocol::bond::Position> for Position {
    fn from(position: ringfence_protocol::bond::Position) -> Self {
        Self {
            notes: position.notes.get(),
            premium: position.premium.get(),
            redeemable: position.redeemable.get(),
            principal: position.principal.get(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ink::{SolDecode, SolEncode};

    fn terms() -> SeriesTerms {
        SeriesTerms {
            vault: Address::repeat_byte(1),
            sponsor: Address::repeat_byte(2),
            asset: Address::repeat_byte(3),
            attachment: 4,
            limit: u128::MAX,
            minimum: 6,
            allow_list: Digest::repeat_byte(7),
            book: BookTerms {
                minimum_bid: 8,
                max_spread: u16::MAX,
                tick: 10,
                forfeit: 11,
                cancel_until: 12,
                bids_until: 13,
                reveal_until: u64::MAX,
            },
            risk: RiskTerms { risk_period: 15, notice: 16, extension: 17, waiting: 18 },
        }
    }

    /// What this module writes is what ink!'s own encoder writes, and what it reads is what was written.
    #[test]
    fn words_are_those_of_the_standard_encoder() {
        let standard = ink::sol::encode_sequence(&(terms(),));
        assert_eq!(terms().encode(), standard);
        assert_eq!(SeriesTerms::decode(&standard), Ok(terms()));
        assert_eq!(ink::sol::decode_sequence::<(SeriesTerms,)>(&standard), Ok((terms(),)));
    }

    #[test]
    fn short_calldata_and_values_outside_their_type_are_refused() {
        let good = terms().encode();
        assert_eq!(SeriesTerms::decode(&good[..good.len() - 1]), Err(ink::sol::Error));
        for (word, byte) in [(0, 11), (4, 15), (9, 29), (13, 23)] {
            let mut bad = good.clone();
            bad[word * 32 + byte] = 1;
            assert_eq!(SeriesTerms::decode(&bad), Err(ink::sol::Error), "word {word}");
        }
    }

    #[test]
    fn terms_survive_the_way_to_the_protocol_and_back() {
        assert_eq!(SeriesTerms::from(BondTerms::from(terms())), terms());
    }
}
