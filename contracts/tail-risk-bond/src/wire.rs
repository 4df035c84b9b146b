//! Arguments and answers as the ABI shows them. ink! derives much code to read and write them and a contract's bytes are
//! charged in every call, so arguments are read from the calldata and answers are written by `ringfence_platform::abi`.

/// Declares arguments, which hold nothing: each only stands for its type in the ABI.
macro_rules! arguments {
    ($( $(#[$meta:meta])* $name:ident: $sol:literal; )+) => { $(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[cfg_attr(feature = "std", derive(ink::scale_info::TypeInfo), scale_info(crate = ink::scale_info))]
        pub struct $name;

        impl ink::SolDecode for $name {
            type SolType = ();
            const SOL_NAME: &'static str = $sol;

            fn decode(_: &[u8]) -> Result<Self, ink::sol::Error> {
                Ok(Self)
            }

            fn from_sol_type((): Self::SolType) -> Result<Self, ink::sol::Error> {
                Ok(Self)
            }
        }

        impl ink::SolEncode<'_> for $name {
            type SolType = ();
            const SOL_NAME: &'static str = $sol;

            fn to_sol_type(&self) -> Self::SolType {}
        }
    )+ };
}

arguments! {
    /// The number of a bid, or a recovery id.
    U8: "uint8";
    /// A spread in basis points, or a number of ticks.
    U16: "uint16";
    /// An amount.
    U128: "uint128";
    /// An amount or a time of a token standard.
    U256: "uint256";
    /// Somebody.
    Account: "address";
    /// A hash, or half a signature.
    Bytes32: "bytes32";
    /// A way to a root.
    Proof: "bytes32[]";
}

ringfence_platform::raw! {
    /// An amount.
    Quantity: "uint128" as u128;
    /// A deposit and a bid's amount.
    Escrow: "(uint128,uint128)" as (u128, u128);
    /// An amount of a token standard.
    Wide: "uint256" as ink::U256;
    /// A number of decimals.
    Decimals: "uint8" as u8;
    /// Done.
    Done: "bool" as bool;
    /// A name.
    Text: "string" as ink::prelude::string::String;
    /// A hash.
    Separator: "bytes32" as ink::sol::FixedBytes<32>;
    /// A series, as a wallet shows it.
    Status: "(uint8,uint128,uint128,uint128,uint128,uint128,uint64,uint64,uint16,uint128,uint128,uint128)"
        as (u8, u128, u128, u128, u128, u128, u64, u64, u16, u128, u128, u128);
    /// The terms of a series.
    Terms: "(address,address,address,uint128,uint128,uint128,bytes32,(uint128,uint16,uint16,uint16,uint64,uint64,uint64),\
        (uint64,uint64,uint64,uint64))"
        as <ringfence_platform::abi::SeriesTerms as ink::SolDecode>::SolType;
    /// What is behind one note.
    Note: "(uint128,uint128,uint128,uint128,uint128)" as (u128, u128, u128, u128, u128);
    /// What one holder has.
    Position: "(uint128,uint128,uint128,uint128)" as (u128, u128, u128, u128);
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::*;

    #[test]
    fn answers_have_the_type_that_the_abi_shows() {
        ringfence_platform::assert_raw_answers!(
            Quantity, Escrow, Wide, Decimals, Done, Text, Separator, Status, Terms, Note, Position
        );
    }
}
