//! The committed corpus of the fuzz targets, and mutations of each file: no decoder panics. `fuzz/README.md` has the rest.

#[path = "../fuzz/entry.rs"]
mod entry;

use std::path::Path;

const MUTATIONS: u64 = 3_000;

/// xorshift64*: the same mutations on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32;
        usize::try_from(number).unwrap() % bound.max(1)
    }
}

/// One to four changes: a bit, a byte, a cut, a piece twice, a piece of another file.
fn mutate(random: &mut Random, seed: &[u8], other: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8] = b"0123456789abcdefx\"{}[],:-.\n\\ \0\xff";
    let mut bytes = seed.to_vec();
    for _ in 0..=random.below(4) {
        let place = random.below(bytes.len() + 1).min(bytes.len());
        let end = (place + random.below(40)).min(bytes.len());
        match random.below(6) {
            0 if place < bytes.len() => bytes[place] ^= 1 << random.below(8),
            1 if place < bytes.len() => bytes[place] = DIGITS[random.below(DIGITS.len())],
            2 => bytes.truncate(place),
            3 => {
                let piece = bytes[place..end].to_vec();
                bytes.splice(place..place, piece);
            }
            4 => drop(bytes.drain(place..end)),
            _ => {
                let from = random.below(other.len() + 1).min(other.len());
                let to = (from + random.below(80)).min(other.len());
                bytes.splice(place..end, other[from..to].iter().copied());
            }
        }
    }
    bytes
}

fn run(target: &str, entry: fn(&[u8])) {
    run_with(target, entry, MUTATIONS);
}

fn run_with(target: &str, entry: fn(&[u8]), mutations: u64) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut paths: Vec<_> = std::fs::read_dir(directory).unwrap().map(|file| file.unwrap().path()).collect();
    paths.sort();
    let seeds: Vec<Vec<u8>> = paths.iter().map(|path| std::fs::read(path).unwrap()).collect();
    assert!(seeds.len() >= 5, "{target}: the corpus is missing");
    let mut random = Random(0x5eed);
    for (index, seed) in seeds.iter().enumerate() {
        entry(seed);
        for _ in 0..mutations.min(300_000 / seeds.len() as u64) {
            let other = &seeds[(index + 1 + random.below(seeds.len())) % seeds.len()];
            entry(&mutate(&mut random, seed, other));
        }
    }
}

#[test]
fn journal_exports_never_panic() {
    run("journal_export", entry::journal_export);
}

#[test]
fn keystores_never_panic() {
    run("keystore", entry::keystore);
}

#[test]
fn http_bodies_never_panic() {
    run("http_bodies", entry::http_bodies);
}

#[test]
fn documents_never_panic() {
    run("documents", entry::documents);
}

#[test]
fn tables_never_panic() {
    run("tables", entry::tables);
}

#[test]
fn frames_never_panic() {
    run("frames", entry::frames);
}

#[test]
fn answers_never_panic() {
    run("answers", entry::answers);
}

#[test]
fn quotes_never_panic() {
    run("quotes", entry::quotes);
}

#[test]
fn archives_never_panic() {
    run("archives", entry::archives);
}

#[test]
fn configurations_never_panic() {
    run("config", entry::config);
}

#[test]
fn service_bodies_never_panic() {
    run("service_bodies", entry::service_bodies);
}

#[test]
fn journal_pages_never_panic() {
    // Each opens a journal on a disk, if one in memory.
    run_with("journal_pages", entry::journal_pages, 40);
}
