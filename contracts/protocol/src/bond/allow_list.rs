use super::{BondError, BondEvent, BondState, BondTerms, Holder, HolderStep};
use crate::{Address, Digest, Keccak256, Step};

/// The longest proof: lists of up to 2^32 holders.
pub const MAX_PROOF: usize = 32;

impl BondState {
    /// Anyone proves that `account` is on the allow-list; then it may bid and receive notes.
    ///
    /// The tree is OpenZeppelin's `StandardMerkleTree` over `address`: a leaf is the hash of the hash of the padded
    /// address, and the two children of a node are hashed in ascending order.
    pub fn admit<H: Keccak256>(
        self,
        terms: &BondTerms,
        (account, mut holder): (Address, Holder),
        proof: &[Digest],
    ) -> Result<HolderStep, BondError> {
        if terms.allow_list.is_zero() || proof.len() > MAX_PROOF {
            return Err(BondError::ProofInvalid);
        }
        let mut root = leaf::<H>(&account);
        for sibling in proof {
            root = parent::<H>(&root, sibling);
        }
        if root != terms.allow_list {
            return Err(BondError::ProofInvalid);
        }
        holder.admitted = true;
        Ok(Step::new((self, holder), BondEvent::Admitted { holder: account }))
    }
}

fn leaf<H: Keccak256>(account: &Address) -> Digest {
    let mut word = [0; 32];
    let (_, low) = word.split_at_mut(12);
    low.copy_from_slice(account.as_bytes());
    H::keccak256(H::keccak256(&word).as_bytes())
}

/// By reference: in a contract each copy of a digest is a lot of code.
fn parent<H: Keccak256>(a: &Digest, b: &Digest) -> Digest {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    let mut pair = [0; 64];
    let (first, second) = pair.split_at_mut(32);
    first.copy_from_slice(low.as_bytes());
    second.copy_from_slice(high.as_bytes());
    H::keccak256(&pair)
}
