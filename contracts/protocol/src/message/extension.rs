use crate::{
    eip712::{Encoder, TypedMessage},
    keccak::hash_of,
    units::Timestamp,
    Address, Digest, Keccak256,
};

/// A party gives the other more time for its open margin call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallExtension {
    /// The party that was called.
    pub party: Address,
    /// The call's deadline as it stands: the message dies with any change of it.
    pub deadline: Timestamp,
    /// The new deadline, later than that.
    pub extended: Timestamp,
    /// After this moment the vault refuses it.
    pub expiry: Timestamp,
}

impl CallExtension {
    /// The EIP-712 type.
    pub const TYPE: &'static str = "CallExtension(address party,uint64 deadline,uint64 extended,uint64 expiry)";
}

impl TypedMessage for CallExtension {
    fn struct_hash<H: Keccak256>(&self) -> Digest {
        Encoder::new(const { hash_of(Self::TYPE) })
            .address(self.party)
            .time(self.deadline)
            .time(self.extended)
            .time(self.expiry)
            .hash::<H>()
    }
}
