//! A storage value is at most 416 bytes; ours stay at 400.

use ringfence_protocol::bond::{Bid, BondState, BondTerms, Holder};
use scale::MaxEncodedLen;

#[test]
fn every_stored_value_fits() {
    let sizes =
        [BondTerms::max_encoded_len(), BondState::max_encoded_len(), Holder::max_encoded_len(), Bid::max_encoded_len()];
    assert!(sizes.iter().all(|size| *size <= 400), "{sizes:?}");
    assert_eq!(sizes, [218, 323, 109, 66], "each byte more is paid for by every command");
}
