use crate::{
    eip712::{Encoder, TypedMessage},
    keccak::hash_of,
    units::{SignedAmount, Timestamp},
    Digest, Keccak256,
};

/// Both parties end the pair at a value they agree on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MutualTermination {
    /// Hash of the terms of the pair that ends: a successor can't countersign what was signed for its predecessor.
    pub terms_hash: Digest,
    /// Exactly one more than the vault's last settled sequence, so that it dies with the next instruction.
    pub nonce: u64,
    /// The agreed final cumulative entitlement of A.
    pub entitlement_a: SignedAmount,
    /// After this moment the vault refuses it.
    pub expiry: Timestamp,
}

impl MutualTermination {
    /// The EIP-712 type.
    pub const TYPE: &'static str =
        "MutualTermination(bytes32 termsHash,uint64 nonce,int128 entitlementA,uint64 expiry)";
}

impl TypedMessage for MutualTermination {
    fn struct_hash<H: Keccak256>(&self) -> Digest {
        Encoder::new(const { hash_of(Self::TYPE) })
            .word(self.terms_hash.0)
            .uint(u128::from(self.nonce))
            .int(self.entitlement_a.get())
            .time(self.expiry)
            .hash::<H>()
    }
}
