use crate::{
    eip712::{Encoder, TypedMessage},
    keccak::hash_of,
    units::{SignedAmount, Timestamp},
    Address, Digest, Keccak256,
};

/// The valuation agent's close-out amount after a default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CloseOutDetermination {
    /// Exactly one more than the vault's last determination; apart from the instructions' sequence, so that nobody can
    /// block one by moving the other.
    pub sequence: u64,
    /// The party in default.
    pub defaulter: Address,
    /// What the defaulter owes the survivor beyond what has been settled; negative if the survivor owes. It is the
    /// one signed amount that is seen from the survivor, not from A.
    pub amount: SignedAmount,
    /// Commitment to the quotations or model inputs it rests on.
    pub evidence_root: Digest,
    /// After this moment the vault refuses it.
    pub expiry: Timestamp,
}

impl CloseOutDetermination {
    /// The EIP-712 type.
    pub const TYPE: &'static str =
        "CloseOutDetermination(uint64 sequence,address defaulter,int128 amount,bytes32 evidenceRoot,uint64 expiry)";
}

impl TypedMessage for CloseOutDetermination {
    fn struct_hash<H: Keccak256>(&self) -> Digest {
        Encoder::new(const { hash_of(Self::TYPE) })
            .uint(u128::from(self.sequence))
            .address(self.defaulter)
            .int(self.amount.get())
            .word(self.evidence_root.0)
            .time(self.expiry)
            .hash::<H>()
    }
}
