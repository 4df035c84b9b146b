use crate::{
    eip712::{Encoder, TypedMessage},
    keccak::hash_of,
    units::Timestamp,
    Digest, Keccak256,
};

/// Both parties replace the terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TermsAmendment {
    /// Exactly one more than the vault's last.
    pub nonce: u64,
    /// The terms in force.
    pub from: Digest,
    /// The terms that replace them.
    pub to: Digest,
    /// After this moment the vault refuses it.
    pub expiry: Timestamp,
}

impl TermsAmendment {
    /// The EIP-712 type.
    pub const TYPE: &'static str = "TermsAmendment(uint64 nonce,bytes32 from,bytes32 to,uint64 expiry)";
}

impl TypedMessage for TermsAmendment {
    fn struct_hash<H: Keccak256>(&self) -> Digest {
        Encoder::new(const { hash_of(Self::TYPE) })
            .uint(u128::from(self.nonce))
            .word(self.from.0)
            .word(self.to.0)
            .time(self.expiry)
            .hash::<H>()
    }
}
