use crate::{
    eip712::{Encoder, TypedMessage},
    keccak::hash_of,
    units::Timestamp,
    Digest, Keccak256,
};

/// Both parties replace the valuation agent's signers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignerRotation {
    /// Hash of the pair's terms: a successor can't countersign what was signed for its predecessor.
    pub terms_hash: Digest,
    /// Exactly one more than the vault's last epoch.
    pub epoch: u64,
    /// `keccak256` of the new signers' addresses, each padded to 32 bytes, ascending.
    pub signers_hash: Digest,
    /// How many of them must sign.
    pub threshold: u8,
    /// After this moment the vault refuses it.
    pub expiry: Timestamp,
}

impl SignerRotation {
    /// The EIP-712 type.
    pub const TYPE: &'static str =
        "SignerRotation(bytes32 termsHash,uint64 epoch,bytes32 signersHash,uint8 threshold,uint64 expiry)";
}

impl TypedMessage for SignerRotation {
    fn struct_hash<H: Keccak256>(&self) -> Digest {
        Encoder::new(const { hash_of(Self::TYPE) })
            .word(self.terms_hash.0)
            .uint(u128::from(self.epoch))
            .word(self.signers_hash.0)
            .uint(u128::from(self.threshold))
            .time(self.expiry)
            .hash::<H>()
    }
}
