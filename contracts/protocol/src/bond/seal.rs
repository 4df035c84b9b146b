use crate::{
    eip712::Encoder,
    keccak::hash_of,
    units::{Amount, Bps},
    Address, Digest, Keccak256,
};

/// What a sealed bid commits to.
///
/// The commitment is the EIP-712 `hashStruct` of
/// `SealedBid(address series,address bidder,uint128 amount,uint16 spread,bytes32 salt)`. It names series and bidder, so
/// nobody can copy another's. The salt must be secret and random: amounts and spreads are few enough to be tried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealedBid {
    /// Notes asked for; at most the deposit.
    pub amount: Amount,
    /// Least annual spread.
    pub spread: Bps,
    /// 32 random bytes.
    pub salt: Digest,
}

impl SealedBid {
    /// The EIP-712 type.
    pub const TYPE: &'static str = "SealedBid(address series,address bidder,uint128 amount,uint16 spread,bytes32 salt)";

    /// The commitment of `bidder` in `series`.
    pub fn seal<H: Keccak256>(&self, series: Address, bidder: Address) -> Digest {
        Encoder::new(const { hash_of(Self::TYPE) })
            .address(series)
            .address(bidder)
            .amount(self.amount)
            .share(self.spread)
            .word(self.salt.0)
            .hash::<H>()
    }
}
