use crate::{
    collateral::Mark,
    eip712::{address_word, hash_words, signed_word, uint_word, TypedMessage},
    keccak::hash_of,
    units::{Amount, Bps, SignedAmount, Timestamp, Wad},
    Address, Digest, Keccak256,
};
use alloc::vec::Vec;

/// A valuation of one pair by its valuation agent. It states values; the vault derives the transfer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarginInstruction {
    /// The vault it is for.
    pub vault: Address,
    /// Hash of the terms it was computed under.
    pub terms_hash: Digest,
    /// Exactly one more than the vault's last.
    pub sequence: u64,
    /// When the pair was valued.
    pub valuation_time: Timestamp,
    /// After this moment the vault refuses it.
    pub expiry: Timestamp,
    /// The portfolio that both parties signed.
    pub portfolio_root: Digest,
    /// All that A is owed by B since inception: realised cash flows plus current mid value.
    pub entitlement_a: SignedAmount,
    /// Initial margin that A has to post.
    pub initial_margin_a: Amount,
    /// Initial margin that B has to post.
    pub initial_margin_b: Amount,
    /// Loss beyond initial margin, at the tail level of the terms, to be covered by ring-fenced capital and live bonds.
    pub tail_requirement: Amount,
    /// What one unit of cash posted at inception has grown to, with interest: the growth between two instructions is the
    /// interest on the posted balance.
    pub interest_index: Wad,
    /// Annual fee of the entity on each side's requirement since the last instruction; at most the cap of the terms.
    pub fee_rate: Bps,
    /// One for each eligible asset, in the order of the terms.
    pub collateral: Vec<Mark>,
    /// Commitment to the market data and model parameters used.
    pub market_data_root: Digest,
    /// Version of the margin model.
    pub model_version: u32,
}

impl MarginInstruction {
    /// The EIP-712 type.
    pub const TYPE: &'static str = "MarginInstruction(address vault,bytes32 termsHash,uint64 sequence,\
        uint64 valuationTime,uint64 expiry,bytes32 portfolioRoot,int128 entitlementA,uint128 initialMarginA,\
        uint128 initialMarginB,uint128 tailRequirement,uint128 interestIndex,uint16 feeRate,CollateralMark[] collateral,\
        bytes32 marketDataRoot,uint32 modelVersion)CollateralMark(uint128 price,uint16 haircut)";
}

impl TypedMessage for MarginInstruction {
    fn struct_hash<H: Keccak256>(&self) -> Digest {
        hash_words::<H, 16>(&[
            const { hash_of(Self::TYPE) }.0,
            address_word(self.vault),
            self.terms_hash.0,
            uint_word(u128::from(self.sequence)),
            uint_word(u128::from(self.valuation_time.get())),
            uint_word(u128::from(self.expiry.get())),
            self.portfolio_root.0,
            signed_word(self.entitlement_a.get()),
            uint_word(self.initial_margin_a.get()),
            uint_word(self.initial_margin_b.get()),
            uint_word(self.tail_requirement.get()),
            uint_word(self.interest_index.get()),
            uint_word(u128::from(self.fee_rate.get())),
            Mark::hash_all::<H>(&self.collateral).0,
            self.market_data_root.0,
            uint_word(u128::from(self.model_version)),
        ])
    }
}
