//! The rule that keeps restored journals honest, against a model: whatever is exported, lost, restored from an older
//! export or an older copy, and whatever the chain does meanwhile, no slot is ever signed twice.

use proptest::prelude::*;
use ringfence_oracle::journal::{Behind, Export, Journal, JournalError, Record};
use ringfence_oracle::keccak::keccak256;
use ringfence_oracle::protocol::{Address, Digest};
use ringfence_oracle::sign::{Counter, LocalKey, MessageKind, SigningKey};
use std::collections::BTreeMap;
use std::path::PathBuf;
use tempfile::TempDir;

#[derive(Clone, Debug)]
enum Step {
    /// Sign the number that follows the chain's, with a digest of its own.
    Sign(u8),
    /// Ask for a number that may be anywhere.
    Wild(u8, u8),
    /// The chain takes the next number, ours if it was signed, or else the other signers'.
    Chain(u8),
    /// Several numbers by others, while this signer is not asked.
    Others(u8, u8),
    /// The process ends and starts again.
    Restart,
    /// An export is put away.
    Export,
    /// A clean copy of the file is put away.
    Copy,
    /// The journal is lost and an export, as old as it may be, is imported into a new one.
    Import(u8),
    /// The journal and its lock file are lost, and a copy is put in their place.
    Restore(u8),
    /// An export is imported into the journal as it is.
    Merge(u8),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => any::<u8>().prop_map(Step::Sign),
        2 => (any::<u8>(), 0_u8..6).prop_map(|(counter, distance)| Step::Wild(counter, distance)),
        6 => any::<u8>().prop_map(Step::Chain),
        1 => (any::<u8>(), 1_u8..4).prop_map(|(counter, many)| Step::Others(counter, many)),
        2 => Just(Step::Restart),
        2 => Just(Step::Export),
        1 => Just(Step::Copy),
        2 => any::<u8>().prop_map(Step::Import),
        2 => any::<u8>().prop_map(Step::Restore),
        1 => any::<u8>().prop_map(Step::Merge),
    ]
}

const COUNTERS: usize = 2;

fn counter(index: usize) -> Counter {
    let kind = [MessageKind::Instruction, MessageKind::CloseOut][index];
    Counter { chain_id: 420, vault: Address([1; 20]), kind }
}

/// The chain, the journal of the moment, everything put away, and all that ever was signed.
struct World {
    dir: TempDir,
    files: usize,
    journal: Option<Journal>,
    chain: [u64; COUNTERS],
    exports: Vec<Vec<u8>>,
    copies: Vec<(PathBuf, [u64; COUNTERS])>,
    signed: BTreeMap<(usize, u64), Digest>,
    count: u64,
}

fn signer() -> Address {
    LocalKey::from_secret(&[7; 32]).unwrap().address()
}

impl World {
    fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let journal = Journal::create(&dir.path().join("0"), signer()).unwrap();
        Self {
            dir,
            files: 0,
            journal: Some(journal),
            chain: [0; COUNTERS],
            exports: Vec::new(),
            copies: Vec::new(),
            signed: BTreeMap::new(),
            count: 0,
        }
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join(self.files.to_string())
    }

    fn journal(&mut self) -> &mut Journal {
        self.journal.as_mut().unwrap()
    }

    /// Anchors as an operator would: catching up where that is asked for.
    fn anchor(&mut self, index: usize) {
        let chain = self.chain[index];
        match self.journal().anchor(&counter(index), chain, Behind::Refuse) {
            Err(JournalError::Behind { .. }) => self.journal().anchor(&counter(index), chain, Behind::CatchUp).unwrap(),
            result => result.unwrap(),
        }
    }

    fn sign(&mut self, index: usize, number: u64) {
        self.count += 1;
        let digest = keccak256(&self.count.to_be_bytes());
        self.anchor(index);
        if self.journal().record(&counter(index).slot(number), &digest).is_ok() {
            let first = *self.signed.entry((index, number)).or_insert(digest);
            assert_eq!(first, digest, "number {number} of counter {index} was signed twice");
        }
    }

    fn highest_signed(&self, index: usize) -> u64 {
        self.signed.range((index, 0)..=(index, u64::MAX)).next_back().map_or(0, |((_, number), _)| *number)
    }

    fn take(&mut self, step: &Step) {
        match *step {
            Step::Sign(which) => {
                let index = usize::from(which) % COUNTERS;
                self.sign(index, self.chain[index] + 1);
            }
            Step::Wild(which, distance) => {
                let index = usize::from(which) % COUNTERS;
                self.sign(index, (self.chain[index] + u64::from(distance)).saturating_sub(2));
            }
            Step::Chain(which) => self.chain[usize::from(which) % COUNTERS] += 1,
            Step::Others(which, many) => self.chain[usize::from(which) % COUNTERS] += u64::from(many),
            Step::Restart => {
                self.journal = None;
                self.journal = Some(Journal::open(&self.path(), signer()).unwrap());
            }
            Step::Export => {
                let mut bytes = Vec::new();
                self.journal().export(&mut bytes).unwrap();
                self.exports.push(bytes);
            }
            Step::Copy => self.copy(),
            Step::Import(which) if !self.exports.is_empty() => {
                let export = self.read(which);
                self.journal = None;
                self.files += 1;
                let mut journal = Journal::create(&self.path(), signer()).unwrap();
                journal.import(&export).unwrap();
                self.journal = Some(journal);
            }
            Step::Merge(which) if !self.exports.is_empty() => {
                let export = self.read(which);
                self.journal().import(&export).unwrap();
            }
            Step::Restore(which) if !self.copies.is_empty() => self.restore(which),
            Step::Import(_) | Step::Merge(_) | Step::Restore(_) => {}
        }
    }

    fn read(&self, which: u8) -> Export {
        let bytes = &self.exports[usize::from(which) % self.exports.len()];
        Export::read("export", &mut &bytes[..]).unwrap()
    }

    fn copy(&mut self) {
        self.journal = None;
        let copy = self.dir.path().join(format!("copy-{}", self.copies.len()));
        std::fs::copy(self.path(), &copy).unwrap();
        self.copies.push((copy, [0, 1].map(|index| self.highest_signed(index).max(self.chain[index]))));
        self.journal = Some(Journal::open(&self.path(), signer()).unwrap());
    }

    /// A copy that lacks a signature and is not behind the chain can't be told from the original: that is the stated limit,
    /// and why journals are restored by import. Every other copy is tried.
    fn restore(&mut self, which: u8) {
        let (copy, known) = self.copies[usize::from(which) % self.copies.len()].clone();
        let hidden = |index: usize| self.chain[index] < self.highest_signed(index) && self.chain[index] <= known[index];
        if (0..COUNTERS).any(hidden) {
            return;
        }
        self.journal = None;
        self.files += 1;
        std::fs::copy(copy, self.path()).unwrap();
        self.journal = Some(Journal::open(&self.path(), signer()).unwrap());
    }
}

/// `RINGFENCE_MODEL_CASES` for a long run.
fn cases() -> u32 {
    std::env::var("RINGFENCE_MODEL_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(48)
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 200, ..ProptestConfig::with_cases(cases()) })]

    #[test]
    fn no_slot_is_signed_twice_whatever_is_lost_and_restored(steps in prop::collection::vec(step(), 1..40)) {
        let mut world = World::new();
        for step in &steps {
            world.take(step);
        }
    }
}
