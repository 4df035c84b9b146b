use crate::{
    eip712::{Encoder, TypedMessage},
    keccak::hash_of,
    units::Timestamp,
    Digest, Keccak256,
};

/// A version of the portfolio that both parties sign; the vault accepts valuations of no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PortfolioAgreement {
    /// Exactly one more than the vault's last.
    pub version: u64,
    /// Commitment to the trades.
    pub portfolio_root: Digest,
    /// Hash of the terms they fall under.
    pub terms_hash: Digest,
    /// After this moment the vault refuses it.
    pub expiry: Timestamp,
}

impl PortfolioAgreement {
    /// The EIP-712 type.
    pub const TYPE: &'static str =
        "PortfolioAgreement(uint64 version,bytes32 portfolioRoot,bytes32 termsHash,uint64 expiry)";
}

impl TypedMessage for PortfolioAgreement {
    fn struct_hash<H: Keccak256>(&self) -> Digest {
        Encoder::new(const { hash_of(Self::TYPE) })
            .uint(u128::from(self.version))
            .word(self.portfolio_root.0)
            .word(self.terms_hash.0)
            .time(self.expiry)
            .hash::<H>()
    }
}
