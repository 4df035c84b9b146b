//! Arguments and answers that stay bytes, with the Solidity type that the ABI shows for them.

use ink::prelude::vec::Vec;

/// Declares types that are bytes in Rust and something else in the ABI.
macro_rules! raw {
    ($( $(#[$meta:meta])* $name:ident: $($sol:expr),+ ; )+) => { $(
        $(#[$meta])*
        ///
        #[doc = concat!("In the ABI: `", $($sol),+, "`.")]
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        #[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
        pub struct $name(pub Vec<u8>);

        impl ink::SolDecode for $name {
            // The type that ink! would go through; `decode` does not.
            type SolType = ();
            const SOL_NAME: &'static str = concat!($($sol),+);

            fn decode(data: &[u8]) -> Result<Self, ink::sol::Error> {
                Ok(Self(data.to_vec()))
            }

            fn from_sol_type(_: Self::SolType) -> Result<Self, ink::sol::Error> {
                Err(ink::sol::Error)
            }
        }

        impl ink::SolEncode<'_> for $name {
            type SolType = ();
            const SOL_NAME: &'static str = <Self as ink::SolDecode>::SOL_NAME;

            fn encode(&self) -> Vec<u8> {
                self.0.clone()
            }

            fn to_sol_type(&self) -> Self::SolType {}
        }
    )+ };
}

macro_rules! terms {
    () => {
        "(address,address,address,address,address,(uint128,uint128,uint128,uint128),\
         (uint128,uint128,uint128,uint128),(uint64,uint64,uint64,uint64,uint64,uint64,uint64,uint64),\
         uint128,uint128,uint128,uint16,uint16,(address,uint16,uint128)[],address[],uint8)"
    };
}

macro_rules! instruction {
    () => {
        "(address,bytes32,uint64,uint64,uint64,bytes32,int128,uint128,uint128,uint128,uint128,uint16,\
         (uint128,uint16)[],bytes32,uint32)"
    };
}

macro_rules! side {
    () => {
        "(uint128,uint128,uint128,uint128,uint128,uint128,uint128,bytes4,uint128,uint64)"
    };
}

raw! {
    /// A terms hash.
    Hash: "bytes32";
    /// An amount.
    Quantity: "uint128";
    /// A signed amount.
    Value: "int128";
    /// A span of time.
    Span: "uint64";
    /// An account, a party or an asset.
    Account: "address";
    /// An index.
    Index: "uint8";
    /// The terms of a pair.
    CsaTerms: terms!();
    /// A chain id, an instruction for that chain, and its signatures.
    SignedInstruction: "(uint64,", instruction!(), ",bytes)";
    /// A portfolio and both parties' signatures.
    SignedPortfolio: "((uint64,bytes32,bytes32,uint64),bytes,bytes)";
    /// An amendment, the new terms, and both parties' signatures.
    SignedAmendment: "((uint64,bytes32,bytes32,uint64),", terms!(), ",bytes,bytes)";
    /// A rotation, the new signers, and both parties' signatures.
    SignedRotation: "((uint64,bytes32,uint8,uint64),address[],bytes,bytes)";
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
    SignedTermination: "((uint64,int128,uint64),bytes,bytes)";
    /// Bond, attachment, limit, start and end of its risk period, and until when it takes claims.
    CoverTerms: "(address,uint128,uint128,uint64,uint64,uint64)";
    /// An account and an asset.
    Holding: "(address,address)";
    /// A pair, as a wallet shows it.
    VaultStatus: "(uint8,address,", side!(), ",", side!(), ",uint128,uint128,uint128,uint128,int128,int128,uint64,uint64,\
        uint64,uint64,uint128,uint64,bool)";
    /// A ledger after an instruction: what moves to A, interest, and each side's fee, deficit, requirement, collateral value,
    /// margin, call and deadline.
    Preview: "(int128,int128,(uint128,uint128,uint128,uint128,uint128,uint128,uint64),\
        (uint128,uint128,uint128,uint128,uint128,uint128,uint64))";
    /// Version and commitment of the agreed portfolio, and epoch of the signers.
    Mandate: "(uint64,bytes32,uint64)";
    /// Bond, limit, claimed, start and end of a layer.
    Layer: "(address,uint128,uint128,uint64,uint64)";
    /// Asset, haircut and limit of the terms, price and haircut of the last instruction, and what A and B have posted.
    Collateral: "(address,uint16,uint128,uint128,uint16,uint128,uint128)";
    /// Number, instruction, value as instructed and as stated, escrowed, suspended, deposit, deadline; zeros if none is open.
    Dispute: "(uint64,uint64,int128,int128,uint128,uint128,uint128,uint64)";
    /// Determined or not and the amount, since when, best bidder, price and posted, and begin of the auction.
    DefaultCase: "(bool,int128,uint64,address,int128,uint128,uint64)";
    /// Debtor, creditor, residual, first loss, and for each layer what was paid, is due and was recovered.
    Estate: "(address,address,uint128,uint128,(uint128,uint128,uint128)[4])";
    /// Accounts.
    Accounts: "address[]";
    /// What can be withdrawn, or the selector of the error that stands against it.
    Withdrawable: "(uint128,bytes4)";
}

raw! {
    /// Bytes.
    Opaque: "bytes";
}

impl Opaque {
    /// The bytes as an argument or an answer.
    pub fn containing(bytes: &[u8]) -> Self {
        Self(super::Writer::new().last_bytes(0, bytes).finish())
    }

    /// The bytes in an argument or an answer.
    pub fn content(&self) -> Result<&[u8], super::Malformed> {
        super::Reader::new(&self.0).bytes()
    }
}
