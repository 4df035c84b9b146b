use crate::{
    eip712::{Encoder, TypedMessage},
    keccak::hash_of,
    units::{SignedAmount, Timestamp},
    Digest, Keccak256,
};

/// What both messages that end a dispute say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DisputedValue {
    /// The number of the dispute: one message ends one dispute.
    pub dispute: u64,
    /// What the disputed valuation should have said A's cumulative entitlement is.
    pub entitlement_a: SignedAmount,
    /// After this moment the vault refuses it.
    pub expiry: Timestamp,
}

impl DisputedValue {
    fn struct_hash<H: Keccak256>(&self, type_hash: Digest) -> Digest {
        Encoder::new(type_hash)
            .uint(u128::from(self.dispute))
            .int(self.entitlement_a.get())
            .time(self.expiry)
            .hash::<H>()
    }
}

/// The valuation agent's re-signed value of a disputed instruction; every signer has to sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DisputeDetermination(pub DisputedValue);

impl DisputeDetermination {
    /// The EIP-712 type.
    pub const TYPE: &'static str = "DisputeDetermination(uint64 dispute,int128 entitlementA,uint64 expiry)";
}

impl TypedMessage for DisputeDetermination {
    fn struct_hash<H: Keccak256>(&self) -> Digest {
        self.0.struct_hash::<H>(const { hash_of(Self::TYPE) })
    }
}

/// The value on which both parties end a dispute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DisputeResolution(pub DisputedValue);

impl DisputeResolution {
    /// The EIP-712 type.
    pub const TYPE: &'static str = "DisputeResolution(uint64 dispute,int128 entitlementA,uint64 expiry)";
}

impl TypedMessage for DisputeResolution {
    fn struct_hash<H: Keccak256>(&self) -> Digest {
        self.0.struct_hash::<H>(const { hash_of(Self::TYPE) })
    }
}
