//! The hash chain over the records, and tags of the rows outside of it: SQLite's pages carry no checksum.

use super::schema::Header;
use super::Mark;
use crate::keccak::keccak256;
use crate::sign::{Counter, Slot};
use ringfence_protocol::{Address, Digest};

/// Where the chain starts, before the signer's address.
const SEED: &[u8] = b"ringfence.journal.v1";

/// How many records there are, and the hash over all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) count: u64,
    pub(super) link: Digest,
}

impl Head {
    /// Of an empty journal.
    pub(super) fn empty(signer: Address) -> Self {
        Self { count: 0, link: keccak256(&[SEED, signer.as_bytes()].concat()) }
    }

    /// With one more record.
    pub(super) fn after(self, slot: &Slot, digest: &Digest) -> Self {
        let parts: [&[u8]; 6] = [
            self.link.as_bytes(),
            &slot.chain_id.to_be_bytes(),
            slot.vault.as_bytes(),
            &[slot.kind.code()],
            &slot.sequence.to_be_bytes(),
            digest.as_bytes(),
        ];
        Self { count: self.count.saturating_add(1), link: keccak256(&parts.concat()) }
    }
}

/// Tag of a row: the first half of a hash over all of it.
pub(super) type Tag = [u8; 16];

pub(super) fn mark_tag(counter: &Counter, mark: &Mark, epoch: u64) -> Tag {
    let parts: [&[u8]; 7] = [
        b"mark",
        &counter.chain_id.to_be_bytes(),
        counter.vault.as_bytes(),
        &[counter.kind.code()],
        &mark.seen.to_be_bytes(),
        &mark.floor.to_be_bytes(),
        &epoch.to_be_bytes(),
    ];
    tag(&parts.concat())
}

pub(super) fn header_tag(header: &Header) -> Tag {
    let parts: [&[u8]; 4] =
        [b"header", header.signer.as_bytes(), &header.epoch.to_be_bytes(), &[u8::from(header.in_use)]];
    tag(&parts.concat())
}

fn tag(bytes: &[u8]) -> Tag {
    let hash = keccak256(bytes);
    let mut tag = [0; 16];
    for (slot, byte) in tag.iter_mut().zip(hash.as_bytes()) {
        *slot = *byte;
    }
    tag
}
