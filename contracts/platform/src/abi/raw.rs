//! Arguments and answers that stay bytes, with the Solidity type that the ABI shows for them.
//!
//! As an argument such a type only stands for what the ABI shows: ink! hands its decoders a buffer that is longer than what
//! was sent, so a shell takes the bytes from [`crate::message_arguments`]. As an answer it holds the bytes.

use ink::{prelude::vec::Vec, sol::FixedBytes};
use ringfence_protocol::Address;

/// Declares types that are bytes in Rust and something else in the ABI: what follows `as` is the type that ink! would go
/// through, and is needed for answers, whose ABI type ink! takes from it.
#[macro_export]
macro_rules! raw {
    ($( $(#[$meta:meta])* $name:ident: $sol:literal $(as $ty:ty)?; )+) => { $(
        $(#[$meta])*
        ///
        #[doc = concat!("In the ABI: `", $sol, "`.")]
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        #[cfg_attr(feature = "std", derive(ink::scale_info::TypeInfo), scale_info(crate = ink::scale_info))]
        pub struct $name(pub ink::prelude::vec::Vec<u8>);

        impl From<$crate::abi::Writer> for $name {
            fn from(writer: $crate::abi::Writer) -> Self {
                Self(writer.finish())
            }
        }

        impl ink::SolDecode for $name {
            type SolType = ();
            const SOL_NAME: &'static str = $sol;

            fn decode(_: &[u8]) -> Result<Self, ink::sol::Error> {
                Ok(Self::default())
            }

            fn from_sol_type(_: Self::SolType) -> Result<Self, ink::sol::Error> {
                Err(ink::sol::Error)
            }
        }

        impl ink::SolEncode<'_> for $name {
            type SolType = $crate::raw!(@type $($ty)?);
            const SOL_NAME: &'static str = $sol;

            fn encode(&self) -> ink::prelude::vec::Vec<u8> {
                self.0.clone()
            }

            fn to_sol_type(&self) -> Self::SolType {
                unreachable!("`encode` has the bytes already")
            }
        }
    )+ };
    (@type) => { () };
    (@type $ty:ty) => { $ty };
}

/// Asserts of answers that the ABI type which ink! takes from the type behind `as` is the literal that clients are told.
#[macro_export]
macro_rules! assert_raw_answers {
    ($( $name:ident ),+ $(,)?) => { $(
        assert_eq!(<Result<$name, ()> as ink::sol::SolResultEncode>::SOL_NAME, <$name as ink::SolDecode>::SOL_NAME);
        assert_eq!(<$name as ink::SolEncode>::SOL_NAME, <$name as ink::SolDecode>::SOL_NAME);
    )+ };
}

type PartyTerms = (u128, u128, u128, u128);
type Periods = (u64, u64, u64, u64, u64, u64, u64, u64);
type Limits = (u128, u128, u128, u16, u16);
type Side = (u128, u128, u128, u128, u128, u128, u128, FixedBytes<4>, u128, u64);
type PreviewSide = (u128, u128, u128, u128, u128, u128, u64);
type Terms = (
    Address,
    Address,
    Address,
    Address,
    Address,
    [PartyTerms; 2],
    Periods,
    Limits,
    Vec<(Address, u16, u128)>,
    Vec<Address>,
    u8,
);
type Status = (
    u8,
    Address,
    [Side; 2],
    (u128, u128, u128, u128, u64, u128),
    (i128, i128, u64, u64, u64, u64),
    (u128, u64, bool, u64),
);

crate::raw! {
    /// Bytes.
    Opaque: "bytes" as ink::sol::DynBytes;
    /// A terms hash.
    Hash: "bytes32" as FixedBytes<32>;
    /// An amount.
    Quantity: "uint128" as u128;
    /// A signed amount.
    Value: "int128";
    /// A span of time.
    Span: "uint64";
    /// An account, a party or an asset.
    Account: "address";
    /// An index.
    Index: "uint8";
    /// The terms of a pair.
    CsaTerms: "(address,address,address,address,address,(uint128,uint128,uint128,uint128)[2],(uint64,uint64,uint64,\
        uint64,uint64,uint64,uint64,uint64),(uint128,uint128,uint128,uint16,uint16),(address,uint16,uint128)[],\
        address[],uint8)" as Terms;
    /// A chain id, an instruction for that chain, and its signatures.
    SignedInstruction: "(uint64,(address,bytes32,uint64,uint64,uint64,bytes32,int128,uint128,uint128,uint128,\
        uint128,uint16,(uint128,uint16)[],bytes32,uint32),bytes)";
    /// A portfolio and both parties' signatures.
    SignedPortfolio: "((uint64,bytes32,bytes32,uint64),bytes,bytes)";
    /// An amendment, the new terms, and both parties' signatures.
    SignedAmendment: "((uint64,bytes32,bytes32,uint64),(address,address,address,address,address,(uint128,uint128,\
        uint128,uint128)[2],(uint64,uint64,uint64,uint64,uint64,uint64,uint64,uint64),(uint128,uint128,uint128,\
        uint16,uint16),(address,uint16,uint128)[],address[],uint8),bytes,bytes)";
    /// A rotation, the new signers, and both parties' signatures.
    SignedRotation: "((bytes32,uint64,bytes32,uint8,uint64),address[],bytes,bytes)";
    /// Index and quantity of a collateral asset.
    CollateralMove: "(uint8,uint128)";
    /// Index and quantity of what comes in, and of what goes out.
    Substitution: "(uint8,uint128,uint8,uint128)";
    /// An extension of a call and the other party's signature.
    SignedExtension: "((address,uint64,uint64,uint64),bytes)";
    /// Whose dispute, the value the agent determined, and every signer's signature.
    DeterminedDispute: "(address,(uint64,int128,uint64),bytes)";
    /// Whose dispute, the value the parties agreed on, and both parties' signatures.
    ResolvedDispute: "(address,(uint64,int128,uint64),bytes,bytes)";
    /// A price and the hash of the terms with the bidder in the defaulter's place.
    SideBid: "(int128,bytes32)";
    /// A close-out determination and its signatures.
    SignedDetermination: "((uint64,address,int128,bytes32,uint64),bytes)";
    /// Index and quantity of a collateral asset, and the most to pay.
    Purchase: "(uint8,uint128,uint128)";
    /// An estate and a layer.
    EstateLayer: "(uint8,uint8)";
    /// An estate and an amount.
    Recovery: "(uint8,uint128)";
    /// A termination and both parties' signatures.
    SignedTermination: "((bytes32,uint64,int128,uint64),bytes,bytes)";
    /// Bond, attachment, limit, start and end of its risk period, its waiting period, until when it takes claims, and until
    /// when the parties are attested.
    CoverTerms: "(address,uint128,uint128,uint64,uint64,uint64,uint64,uint64)";
    /// Other signers and their threshold.
    NoticedSigners: "(address[],uint8)";
    /// From when on either party may leave, after when the signers can be taken up and until when, their threshold, and who
    /// they are; zeros if no notice stands.
    RotationNotice: "(uint64,uint64,uint64,uint8,address[])" as (u64, u64, u64, u8, Vec<Address>);
    /// An estate and who takes its claim.
    ClaimTransfer: "(uint8,address)";
    /// An account and an asset.
    Holding: "(address,address)";
    /// A pair, as a wallet shows it.
    VaultStatus: "(uint8,address,(uint128,uint128,uint128,uint128,uint128,uint128,uint128,bytes4,uint128,uint64)[2],\
        (uint128,uint128,uint128,uint128,uint64,uint128),(int128,int128,uint64,uint64,uint64,uint64),(uint128,uint64,\
        bool,uint64))" as Status;
    /// A ledger after an instruction: what moves to A, interest, and each side's fee, deficit, requirement, collateral value,
    /// margin, call and deadline.
    Preview: "(int128,int128,(uint128,uint128,uint128,uint128,uint128,uint128,uint64)[2])"
        as (i128, i128, [PreviewSide; 2]);
    /// Version and commitment of the agreed portfolio, and epoch of the signers.
    Mandate: "(uint64,bytes32,uint64)" as (u64, FixedBytes<32>, u64);
    /// Bond, limit, claimed, start and end of a layer, and its waiting period.
    Layer: "(address,uint128,uint128,uint64,uint64,uint64)" as (Address, u128, u128, u64, u64, u64);
    /// Asset, haircut and limit of the terms, price and haircut of the last instruction, and what A and B have posted.
    Collateral: "(address,uint16,uint128,uint128,uint16,uint128,uint128)"
        as (Address, u16, u128, u128, u16, u128, u128);
    /// Number, instruction, value as instructed and as stated, escrowed, suspended, deposit, deadline; zeros if none is open.
    Dispute: "(uint64,uint64,int128,int128,uint128,uint128,uint128,uint64)"
        as (u64, u64, i128, i128, u128, u128, u128, u64);
    /// Determined or not and the amount, since when, best bidder, price and posted, and begin of the auction.
    DefaultCase: "(bool,int128,uint64,address,int128,uint128,uint64)" as (bool, i128, u64, Address, i128, u128, u64);
    /// Debtor, creditor, residual, first loss, and for each layer what was paid, is due and was recovered.
    Estate: "(address,address,uint128,uint128,(uint128,uint128,uint128)[4])"
        as (Address, Address, u128, u128, [(u128, u128, u128); 4]);
    /// Accounts.
    Accounts: "address[]" as Vec<Address>;
    /// What can be withdrawn, or the selector of the error that stands against it.
    Withdrawable: "(uint128,bytes4)" as (u128, FixedBytes<4>);
}

impl Opaque {
    /// The bytes as an argument or an answer.
    pub fn containing(bytes: &[u8]) -> Self {
        Self(super::Writer::new().last_bytes(0, bytes).finish())
    }

    /// The bytes in an argument or an answer.
    pub fn content(encoded: &[u8]) -> Result<&[u8], super::Malformed> {
        super::Reader::new(encoded).bytes()
    }
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::*;

    #[test]
    fn answers_have_the_type_that_the_abi_shows() {
        crate::assert_raw_answers!(
            Opaque,
            Hash,
            Quantity,
            CsaTerms,
            VaultStatus,
            Preview,
            Mandate,
            RotationNotice,
            Layer,
            Collateral,
            Dispute,
            DefaultCase,
            Estate,
            Accounts,
            Withdrawable
        );
    }
}
