use super::{BondEnv, BondError, Holder};
use crate::{
    eip712::{Domain, Encoder, TypedMessage},
    keccak::hash_of,
    signature::{verify_one, Recover},
    Address, Digest, Keccak256, U256,
};

/// An allowance by signature (EIP-2612). Its domain is named like the note, as wallets expect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permit {
    /// Whose notes.
    pub owner: Address,
    /// Who may move them.
    pub spender: Address,
    /// How many.
    pub value: U256,
    /// The owner's next nonce.
    pub nonce: u64,
    /// Last moment, seconds.
    pub deadline: U256,
}

impl Permit {
    /// The ERC-20 name of every series' note, and the name of its signing domain.
    pub const NOTE_NAME: &'static str = "Ringfence Tail-Risk Note";

    /// The EIP-712 type.
    pub const TYPE: &'static str = "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)";

    /// Checks deadline and signature (`r || s || v`, low `s`), and uses up the owner's nonce.
    pub fn accept<H: Keccak256, R: Recover>(
        &self,
        env: &BondEnv,
        domain: &Domain,
        mut owner: Holder,
        signature: &[u8],
    ) -> Result<Holder, BondError> {
        if U256::from(env.now.get()) > self.deadline {
            return Err(BondError::PermitExpired);
        }
        if self.nonce != owner.nonce {
            return Err(BondError::PermitInvalid);
        }
        let digest = self.digest::<H>(domain);
        verify_one::<R>(&digest, signature, self.owner).map_err(|_| BondError::PermitInvalid)?;
        owner.nonce = owner.nonce.checked_add(1).ok_or(BondError::ArithmeticOverflow)?;
        Ok(owner)
    }
}

impl TypedMessage for Permit {
    const DOMAIN_NAME_HASH: Digest = hash_of(Self::NOTE_NAME);

    fn struct_hash<H: Keccak256>(&self) -> Digest {
        Encoder::new(const { hash_of(Self::TYPE) })
            .address(self.owner)
            .address(self.spender)
            .word(self.value.to_big_endian())
            .uint(u128::from(self.nonce))
            .word(self.deadline.to_big_endian())
            .hash::<H>()
    }
}
