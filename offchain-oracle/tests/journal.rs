//! What the journal refuses, and what it survives; crashes and failing disks are in `journal_crash.rs`.

use k256::ecdsa::signature::hazmat::RandomizedPrehashSigner;
use k256::ecdsa::Signature;
use ringfence_oracle::journal::{Behind, Export, Journal, JournalError, Record, MAX_REFUSALS};
use ringfence_oracle::protocol::eip712::Domain;
use ringfence_oracle::protocol::message::{
    CloseOutDetermination, MutualTermination, PortfolioAgreement, SignerRotation,
};
use ringfence_oracle::protocol::units::{SignedAmount, Timestamp};
use ringfence_oracle::protocol::{Address, Digest};
use ringfence_oracle::sign::{
    Alarm, Alert, Counter, DeviceKey, DeviceSignature, Guarded, KeyDevice, KeyError, LocalKey, MessageKind, SignError,
    Signer, SigningKey, SigningRequest, Slot,
};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

const VAULT: Address = Address([1; 20]);
const EXPIRY: Timestamp = Timestamp::new(1_760_000_000);

fn key() -> LocalKey {
    LocalKey::from_secret(&[7; 32]).unwrap()
}

fn counter(kind: MessageKind) -> Counter {
    Counter { chain_id: 420, vault: VAULT, kind }
}

const PORTFOLIO: MessageKind = MessageKind::Portfolio;

fn slot(sequence: u64) -> Slot {
    counter(PORTFOLIO).slot(sequence)
}

fn digest(byte: u8) -> Digest {
    Digest([byte; 32])
}

struct Desk {
    dir: TempDir,
}

impl Desk {
    fn new() -> Self {
        let desk = Self { dir: TempDir::new().unwrap() };
        drop(Journal::create(&desk.path("j"), key().address()).unwrap());
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn open(&self) -> Journal {
        Journal::open(&self.path("j"), key().address()).unwrap()
    }

    fn error(&self) -> JournalError {
        Journal::open(&self.path("j"), key().address()).unwrap_err()
    }

    /// Signs numbers 1 to `last`, as the chain takes them.
    fn signed(&self, last: u64) {
        let mut journal = self.open();
        for sequence in 1..=last {
            journal.anchor(&counter(PORTFOLIO), sequence - 1, Behind::Refuse).unwrap();
            journal.record(&slot(sequence), &digest(1)).unwrap();
        }
    }

    fn exported(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.open().export(&mut bytes).unwrap();
        bytes
    }
}

fn read(bytes: &[u8]) -> Export {
    Export::read("x.export", &mut &bytes[..]).unwrap()
}

fn read_error(bytes: &[u8]) -> String {
    Export::read("x.export", &mut &bytes[..]).unwrap_err().to_string()
}

#[test]
fn a_slot_keeps_its_digest_across_restarts() {
    let desk = Desk::new();
    desk.signed(3);
    let mut journal = desk.open();
    assert_eq!(journal.len(), 3);
    assert_eq!(journal.record(&slot(2), &digest(1)), Ok(()), "the same again, even before the chain is known");
    let conflict = journal.record(&slot(2), &digest(2)).unwrap_err();
    assert_eq!(conflict, JournalError::Conflict { slot: slot(2), signed: digest(1) });
}

#[test]
fn a_group_is_one_transaction_with_an_answer_for_each() {
    let desk = Desk::new();
    let mut journal = desk.open();
    let of = |vault: u8| Counter { chain_id: 420, vault: Address([vault; 20]), kind: PORTFOLIO };
    for vault in 1..=4 {
        journal.anchor(&of(vault), 0, Behind::Refuse).unwrap();
    }
    let entries = [
        (of(2).slot(1), digest(2)),
        (of(1).slot(1), digest(1)),
        (of(3).slot(2), digest(3)),
        (of(1).slot(1), digest(1)),
        (of(1).slot(1), digest(9)),
        (of(9).slot(1), digest(9)),
        (of(4).slot(1), digest(4)),
    ];
    let answers = journal.record_many(&entries);
    assert_eq!((&answers[0], &answers[1], &answers[3], &answers[6]), (&Ok(()), &Ok(()), &Ok(()), &Ok(())));
    assert!(matches!(answers[2], Err(JournalError::NotNext { .. })), "{answers:?}");
    assert_eq!(answers[4], Err(JournalError::Conflict { slot: of(1).slot(1), signed: digest(1) }));
    assert!(matches!(answers[5], Err(JournalError::NotAnchored(_))), "{answers:?}");
    assert_eq!((journal.len(), journal.record_many(&[])), (3, Vec::new()));
    let head = journal.head();
    drop(journal);
    // What was written together is found one by one, in a chain that holds.
    let journal = desk.open();
    assert_eq!((journal.len(), journal.head()), (3, head));
    for vault in [1, 2, 4] {
        assert_eq!(journal.lookup(&of(vault).slot(1)), Ok(Some(digest(vault))));
    }
    assert_eq!(journal.lookup(&of(3).slot(2)), Ok(None));
}

#[test]
fn every_kind_of_message_has_slots_of_its_own() {
    let desk = Desk::new();
    let mut signer = Guarded::new(key(), desk.open());
    let domain = Domain { chain_id: 420, verifying_contract: VAULT };
    let (root, amount) = (digest(3), SignedAmount::new(5));
    let requests = |root: Digest| {
        let signers_hash = root;
        let evidence_root = root;
        [
            SigningRequest::close_out(
                &CloseOutDetermination { sequence: 1, defaulter: VAULT, amount, evidence_root, expiry: EXPIRY },
                &domain,
            ),
            SigningRequest::portfolio(
                &PortfolioAgreement { version: 1, portfolio_root: root, terms_hash: root, expiry: EXPIRY },
                &domain,
            ),
            SigningRequest::termination(
                &MutualTermination {
                    terms_hash: root,
                    nonce: 1,
                    entitlement_a: SignedAmount::new(i128::from(root.0[0])),
                    expiry: EXPIRY,
                },
                &domain,
            ),
            SigningRequest::rotation(
                &SignerRotation { terms_hash: root, epoch: 1, signers_hash, threshold: 2, expiry: EXPIRY },
                &domain,
            ),
        ]
    };
    for request in requests(root) {
        signer.record_mut().anchor(&request.slot().counter(), 0, Behind::Refuse).unwrap();
        let first = signer.sign(&request).unwrap();
        assert_eq!(signer.sign(&request), Ok(first));
    }
    for request in requests(digest(4)) {
        assert!(matches!(signer.sign(&request), Err(SignError::Conflict { .. })), "{}", request.slot());
    }
    assert_eq!(signer.record().len(), 4);
    assert_eq!(signer.record().refusals().unwrap().len(), 4);
}

#[test]
fn only_the_number_after_the_chains_is_signed() {
    let desk = Desk::new();
    let mut journal = desk.open();
    assert_eq!(journal.record(&slot(1), &digest(1)), Err(JournalError::NotAnchored(counter(PORTFOLIO))));
    journal.anchor(&counter(PORTFOLIO), 0, Behind::Refuse).unwrap();
    assert!(matches!(journal.record(&slot(2), &digest(1)), Err(JournalError::NotNext { seen: 0, next: 1, .. })));
    assert!(matches!(journal.record(&slot(0), &digest(1)), Err(JournalError::Passed { first: 1, .. })));
    journal.record(&slot(1), &digest(1)).unwrap();
    // While it runs the chain may move on by the work of others; what it passed is never signed anew.
    journal.anchor(&counter(PORTFOLIO), 5, Behind::Refuse).unwrap();
    assert!(matches!(journal.record(&slot(5), &digest(1)), Err(JournalError::Passed { first: 6, .. })));
    journal.record(&slot(6), &digest(1)).unwrap();
    let back = journal.anchor(&counter(PORTFOLIO), 4, Behind::Refuse).unwrap_err();
    assert_eq!(back, JournalError::ChainWentBack { counter: counter(PORTFOLIO), found: 4, seen: 5 });
    drop(journal);
    assert_eq!(desk.open().anchor(&counter(PORTFOLIO), 4, Behind::Refuse), Err(back), "nor after a restart");
}

#[test]
fn the_largest_numbers_do_not_overflow() {
    let desk = Desk::new();
    let mut journal = desk.open();
    journal.anchor(&counter(PORTFOLIO), u64::MAX, Behind::CatchUp).unwrap();
    assert!(matches!(journal.record(&slot(u64::MAX), &digest(1)), Err(JournalError::Passed { .. })));
    drop(journal);
    drop(desk.open());
}

#[test]
fn two_processes_on_one_journal_are_refused() {
    let desk = Desk::new();
    let held = desk.open();
    assert_eq!(desk.error(), JournalError::InUse(desk.path("j").display().to_string()));
    // By another name of the same file, too: the lock file differs for a hard link, SQLite's own lock does not.
    std::os::unix::fs::symlink(desk.path("j"), desk.path("soft")).unwrap();
    assert!(matches!(Journal::open_any(&desk.path("soft")), Err(JournalError::InUse(_))));
    drop(held);
    drop(desk.open());
    std::fs::hard_link(desk.path("j"), desk.path("hard")).unwrap();
    for name in ["j", "hard"] {
        let error = Journal::open_any(&desk.path(name)).unwrap_err();
        assert!(matches!(error, JournalError::NotAJournal { reason, .. } if reason.contains("several names")));
    }
}

#[test]
fn a_copy_of_a_journal_in_use_without_its_log_is_refused() {
    let desk = Desk::new();
    desk.signed(2);
    let mut journal = desk.open();
    journal.anchor(&counter(PORTFOLIO), 2, Behind::Refuse).unwrap();
    journal.record(&slot(3), &digest(1)).unwrap();
    // By another process: closing a file that SQLite has locked would release the lock of this one.
    let copied = std::process::Command::new("cp").args([desk.path("j"), desk.path("copy")]).status().unwrap();
    assert!(copied.success());
    let error = Journal::open_any(&desk.path("copy")).unwrap_err();
    assert!(matches!(error, JournalError::Damaged { what, .. } if what.contains("-wal")));
    drop(journal);
    std::fs::copy(desk.path("j"), desk.path("whole")).unwrap();
    assert_eq!(Journal::open_any(&desk.path("whole")).unwrap().len(), 3, "after a clean end it is whole");
}

#[test]
fn the_database_itself_is_locked_not_only_the_lock_file() {
    let desk = Desk::new();
    let _held = desk.open();
    let path = desk.path("j");
    // Another process, because locks of one process don't exclude each other.
    let script = "import sqlite3,sys\ntry:\n sqlite3.connect(sys.argv[1],timeout=0).execute('select * from header').fetchall()\n print('read')\nexcept sqlite3.OperationalError as e: print(e)";
    let Ok(output) = std::process::Command::new("python3").args(["-c", script]).arg(&path).output() else { return };
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "database is locked");
}

#[test]
fn an_old_backup_is_refused_by_the_chain() {
    let desk = Desk::new();
    desk.signed(3);
    let old = desk.exported();
    desk.signed_on(4..=6);
    // A plain copy in a place without a lock file: only the chain can tell.
    let copy = Desk { dir: TempDir::new().unwrap() };
    let plain = TempDir::new().unwrap();
    restore(&old, &copy.path("j"), plain.path());
    let mut journal = copy.open();
    let refused = journal.anchor(&counter(PORTFOLIO), 6, Behind::Refuse).unwrap_err();
    assert_eq!(refused, JournalError::Behind { counter: counter(PORTFOLIO), journal: 3, chain: 6, next: 7 });
    assert!(refused.to_string().contains("journal catch-up"));
    assert!(matches!(journal.record(&slot(7), &digest(2)), Err(JournalError::NotAnchored(_))));
    // After catching up, the number that may have been signed and forgotten is left out, for good.
    journal.anchor(&counter(PORTFOLIO), 6, Behind::CatchUp).unwrap();
    assert!(matches!(journal.record(&slot(7), &digest(2)), Err(JournalError::Passed { first: 8, .. })));
    drop(journal);
    let mut journal = copy.open();
    journal.anchor(&counter(PORTFOLIO), 6, Behind::Refuse).unwrap();
    assert!(matches!(journal.record(&slot(7), &digest(2)), Err(JournalError::Passed { first: 8, .. })));
    journal.anchor(&counter(PORTFOLIO), 7, Behind::Refuse).unwrap();
    journal.record(&slot(8), &digest(2)).unwrap();
}

impl Desk {
    fn signed_on(&self, numbers: std::ops::RangeInclusive<u64>) {
        let mut journal = self.open();
        for sequence in numbers {
            journal.anchor(&counter(PORTFOLIO), sequence - 1, Behind::Refuse).unwrap();
            journal.record(&slot(sequence), &digest(1)).unwrap();
        }
    }
}

/// A database as a backup would have it: made by replaying the records, without the caution of an import.
fn restore(export: &[u8], to: &Path, scratch: &Path) {
    let export = read(export);
    let path = scratch.join("plain");
    let mut journal = Journal::create(&path, export.signer).unwrap();
    for (slot, digest) in &export.records {
        journal.anchor(&slot.counter(), slot.sequence - 1, Behind::Refuse).unwrap();
        journal.record(slot, digest).unwrap();
    }
    drop(journal);
    std::fs::copy(&path, to).unwrap();
}

#[test]
fn an_old_copy_beside_its_lock_file_is_refused_without_the_chain() {
    let desk = Desk::new();
    desk.signed(3);
    std::fs::copy(desk.path("j"), desk.path("backup")).unwrap();
    desk.signed_on(4..=4);
    std::fs::copy(desk.path("backup"), desk.path("j")).unwrap();
    assert_eq!(
        desk.error(),
        JournalError::OlderCopy { file: desk.path("j").display().to_string(), found: 3, known: 4 }
    );
}

#[test]
fn another_history_beside_the_lock_file_is_refused() {
    let (desk, other) = (Desk::new(), Desk::new());
    desk.signed(3);
    let mut journal = other.open();
    for sequence in 1..=4 {
        journal.anchor(&counter(PORTFOLIO), sequence - 1, Behind::Refuse).unwrap();
        journal.record(&slot(sequence), &digest(9)).unwrap();
    }
    drop(journal);
    std::fs::copy(other.path("j"), desk.path("j")).unwrap();
    assert!(matches!(desk.error(), JournalError::Damaged { what, .. } if what.contains("lock file")));
}

#[test]
fn journals_of_other_keys_other_programs_and_missing_ones_are_named() {
    let desk = Desk::new();
    let other = LocalKey::from_secret(&[8; 32]).unwrap().address();
    assert!(matches!(Journal::open(&desk.path("j"), other), Err(JournalError::WrongSigner { .. })));
    assert!(matches!(Journal::create(&desk.path("j"), other), Err(JournalError::Exists(_))));
    assert!(matches!(Journal::open(&desk.path("none"), other), Err(JournalError::Missing(_))));
    std::fs::write(desk.path("text"), "not a database, but long enough to look at".repeat(40)).unwrap();
    assert!(matches!(Journal::open_any(&desk.path("text")), Err(JournalError::NotAJournal { .. })));
    std::fs::write(desk.path("empty"), "").unwrap();
    assert!(matches!(Journal::open_any(&desk.path("empty")), Err(JournalError::NotAJournal { .. })));
    assert!(Journal::open_any(desk.dir.path()).is_err());
}

#[test]
fn nothing_is_made_where_a_journal_was() {
    for left in ["j.lock", "j-wal"] {
        let desk = Desk::new();
        desk.signed(1);
        let files = ["j", "j.lock", "j-wal"].into_iter().filter(|file| *file != left);
        files.for_each(|file| std::fs::remove_file(desk.path(file)).unwrap());
        let error = Journal::create(&desk.path("j"), key().address()).unwrap_err();
        assert_eq!(error, JournalError::Exists(desk.path(left).display().to_string()));
        assert!(!desk.path("j").exists());
    }
}

#[test]
fn a_changed_byte_never_goes_unnoticed_as_another_digest() {
    let desk = Desk::new();
    desk.signed(40);
    let good = std::fs::read(desk.path("j")).unwrap();
    let lock = desk.path("j.lock");
    std::fs::remove_file(&lock).unwrap();
    let (mut refused, mut position) = (0, 0);
    while position < good.len() {
        let mut bad = good.clone();
        bad[position] ^= 0x41;
        std::fs::write(desk.path("j"), &bad).unwrap();
        match Journal::open(&desk.path("j"), key().address()) {
            Err(_) => refused += 1,
            // Bytes that no record uses: free space, versions of libraries. Every digest must still be the right one.
            Ok(journal) => {
                for sequence in 1..=40 {
                    assert_eq!(journal.lookup(&slot(sequence)), Ok(Some(digest(1))), "byte {position}");
                }
                // Nor does a floor or what was seen of the chain get lost.
                let mut journal = journal;
                let back = journal.anchor(&counter(PORTFOLIO), 38, Behind::Refuse);
                assert!(matches!(back, Err(JournalError::ChainWentBack { seen: 39, .. })), "byte {position}: {back:?}");
            }
        }
        let _ = std::fs::remove_file(&lock);
        position += 97;
    }
    assert!(refused > 30, "{refused}");
}

#[test]
fn export_and_import_round_trip_and_import_abstains_from_the_next_number() {
    let desk = Desk::new();
    desk.signed(3);
    let bytes = desk.exported();
    let export = read(&bytes);
    assert_eq!(export.records.len(), 3);
    let mut journal = Journal::create(&desk.path("new"), export.signer).unwrap();
    let imported = journal.import(&export).unwrap();
    assert_eq!((imported.added, imported.known), (3, 0));
    assert_eq!(journal.head(), desk.open().head());
    assert_eq!(journal.record(&slot(3), &digest(1)), Ok(()));
    assert!(matches!(journal.record(&slot(3), &digest(2)), Err(JournalError::Conflict { .. })));
    // The chain is at 3, so the old journal may have signed 4 after the export.
    journal.anchor(&counter(PORTFOLIO), 3, Behind::Refuse).unwrap();
    assert!(matches!(journal.record(&slot(4), &digest(2)), Err(JournalError::Passed { first: 5, .. })));
    // A counter that the export does not name is held back as well, after a restart, too.
    drop(journal);
    let mut journal = Journal::open(&desk.path("new"), export.signer).unwrap();
    let other = counter(MessageKind::CloseOut);
    journal.anchor(&other, 0, Behind::Refuse).unwrap();
    assert!(matches!(journal.record(&other.slot(1), &digest(2)), Err(JournalError::Passed { first: 2, .. })));
    assert!(journal.import(&export).is_ok_and(|again| again.added == 0 && again.known == 3));
    assert!(journal.contains(&export).is_ok());
}

#[test]
fn an_import_with_a_stale_chain_abstains_beyond_what_it_brings() {
    let desk = Desk::new();
    desk.signed(3);
    let export = read(&desk.exported());
    let mut journal = Journal::create(&desk.path("new"), export.signer).unwrap();
    journal.import(&export).unwrap();
    journal.anchor(&counter(PORTFOLIO), 2, Behind::Refuse).unwrap();
    journal.anchor(&counter(PORTFOLIO), 3, Behind::Refuse).unwrap();
    assert!(matches!(journal.record(&slot(4), &digest(2)), Err(JournalError::Passed { first: 5, .. })));
}

#[test]
fn an_import_that_contradicts_the_journal_changes_nothing_and_is_noted() {
    let (desk, other) = (Desk::new(), Desk::new());
    desk.signed(2);
    let mut journal = other.open();
    journal.anchor(&counter(PORTFOLIO), 0, Behind::Refuse).unwrap();
    journal.record(&slot(1), &digest(9)).unwrap();
    let refused = journal.import(&read(&desk.exported())).unwrap_err();
    assert_eq!(refused, JournalError::Contradiction { slot: slot(1), ours: digest(9), theirs: digest(1) });
    assert_eq!((journal.len(), journal.refusals().unwrap().len()), (1, 1));
    assert!(matches!(journal.contains(&read(&desk.exported())), Err(JournalError::Contradiction { .. })));
}

#[test]
fn every_damage_to_an_export_is_named_by_its_line() {
    let desk = Desk::new();
    desk.signed(3);
    let text = String::from_utf8(desk.exported()).unwrap();
    let changed = |from: &str, to: &str| read_error(text.replacen(from, to, 1).as_bytes());
    for (from, to, message) in [
        ("\"ringfence_journal\":1", "\"ringfence_journal\":2", "x.export: row 1: ringfence_journal must be 1"),
        ("\"records\":3", "\"records\":2", "x.export: row 3: head does not fit the records"),
        ("\"records\":3", "\"records\":5000000", "x.export: row 1: records must be at most 4000000"),
        ("\"records\":3", "\"records\":4", "x.export: row 5: \"unknown field `seen`"),
        ("\"marks\":1", "\"marks\":0", "x.export: row 5: line is more than the first line announces"),
        ("\"marks\":1", "\"marks\":2", "x.export: row 6: line is missing: the export is not complete"),
        ("\"sequence\":\"2\"", "\"sequence\":\"02\"", "x.export: row 3: sequence must be a plain number"),
        ("\"kind\":\"portfolio\"", "\"kind\":\"folio\"", "x.export: row 2: kind must be instruction"),
        ("0101", "01", "x.export: row 2: vault must be 0x"),
    ] {
        let error = changed(from, to);
        assert!(error.starts_with(message), "{error}\nexpected {message}");
    }
    let lines: Vec<_> = text.lines().collect();
    let swapped = [lines[0], lines[2], lines[1], lines[3], lines[4]].map(|line| format!("{line}\n")).concat();
    assert!(read_error(swapped.as_bytes()).contains("head does not fit"));
    assert!(read_error(&text.as_bytes()[..text.len() - 1]).contains("is the file complete?"));
    assert!(read_error(b"").contains("row 1: line is missing"));
    assert!(read_error(&vec![b'['; 100_000]).contains("must end within 512 bytes"));
}

#[derive(Clone, Debug, Default)]
struct Bell(Arc<Mutex<Vec<Alert>>>);

impl Alarm for Bell {
    fn raise(&mut self, alert: &Alert) {
        self.0.lock().unwrap().push(*alert);
    }
}

fn portfolio(version: u64, root: u8) -> SigningRequest {
    let message = PortfolioAgreement { version, portfolio_root: digest(root), terms_hash: digest(0), expiry: EXPIRY };
    SigningRequest::portfolio(&message, &Domain { chain_id: 420, verifying_contract: VAULT })
}

#[test]
fn a_second_digest_is_refused_alarmed_and_kept_as_evidence() {
    let (desk, bell) = (Desk::new(), Bell::default());
    let mut signer = Guarded::with_alarm(key(), desk.open(), Box::new(bell.clone()));
    signer.record_mut().anchor(&counter(PORTFOLIO), 0, Behind::Refuse).unwrap();
    let first = signer.sign(&portfolio(1, 1)).unwrap();
    assert!(matches!(signer.sign(&portfolio(1, 2)), Err(SignError::Conflict { .. })));
    assert_eq!(signer.sign(&portfolio(1, 1)), Ok(first));
    let alerts = bell.0.lock().unwrap().clone();
    assert_eq!(alerts.len(), 1);
    assert_eq!((alerts[0].signed, alerts[0].refused), (portfolio(1, 1).digest(), portfolio(1, 2).digest()));
    drop(signer);
    let kept = desk.open().refusals().unwrap();
    assert_eq!(kept.iter().map(|refusal| refusal.digest).collect::<Vec<_>>(), [portfolio(1, 2).digest()]);
}

#[test]
fn a_flood_of_conflicts_does_not_fill_the_disk() {
    let desk = Desk::new();
    desk.signed(1);
    let mut journal = desk.open();
    for index in 0..MAX_REFUSALS + 5 {
        let mut other = digest(2);
        other.0[..8].copy_from_slice(&index.to_be_bytes());
        journal.note_refusal(&slot(1), &other).unwrap();
    }
    assert_eq!(journal.refusals().unwrap().len() as u64, MAX_REFUSALS);
}

/// A device as hardware modules are: random nonces, `s` high or low, raw or DER, no recovery id.
#[derive(Debug)]
struct Module {
    key: k256::ecdsa::SigningKey,
    der: bool,
    high: bool,
}

fn module(secret: u8, der: bool, high: bool) -> Module {
    Module { key: k256::ecdsa::SigningKey::from_slice(&[secret; 32]).unwrap(), der, high }
}

impl KeyDevice for Module {
    fn public_key(&mut self) -> Result<Vec<u8>, KeyError> {
        Ok(self.key.verifying_key().to_encoded_point(!self.der).as_bytes().to_vec())
    }

    fn sign_digest(&mut self, digest: &[u8; 32]) -> Result<DeviceSignature, KeyError> {
        let mut random = k256::elliptic_curve::rand_core::OsRng;
        let signature: Signature = self.key.sign_prehash_with_rng(&mut random, digest).unwrap();
        let low = signature.normalize_s().unwrap_or(signature);
        let s = if self.high { -*low.s() } else { *low.s() };
        let signature = Signature::from_scalars(low.r().to_bytes(), s.to_bytes()).unwrap();
        Ok(match self.der {
            true => DeviceSignature::Der(signature.to_der().as_bytes().to_vec()),
            false => DeviceSignature::Raw(signature.to_bytes().into()),
        })
    }
}

#[test]
fn a_devices_signature_is_made_canonical_whatever_its_form() {
    for (der, high) in [(false, false), (false, true), (true, false), (true, true)] {
        let desk = Desk::new();
        let mut signer = Guarded::new(DeviceKey::new(module(7, der, high)).unwrap(), desk.open());
        assert_eq!(signer.address(), key().address());
        for version in 1..=8 {
            signer.record_mut().anchor(&counter(PORTFOLIO), version - 1, Behind::Refuse).unwrap();
            // The guard itself checks that it recovers to the address, low s and v.
            signer.sign(&portfolio(version, 1)).unwrap();
        }
    }
}

/// A device that tells one key and signs with another.
#[derive(Debug)]
struct Impostor(Module, Module);

impl KeyDevice for Impostor {
    fn public_key(&mut self) -> Result<Vec<u8>, KeyError> {
        self.0.public_key()
    }

    fn sign_digest(&mut self, digest: &[u8; 32]) -> Result<DeviceSignature, KeyError> {
        self.1.sign_digest(digest)
    }
}

#[test]
fn a_device_that_signs_with_another_key_is_refused() {
    let desk = Desk::new();
    let device = DeviceKey::new(Impostor(module(7, false, false), module(8, false, false))).unwrap();
    let mut signer = Guarded::new(device, desk.open());
    signer.record_mut().anchor(&counter(PORTFOLIO), 0, Behind::Refuse).unwrap();
    let error = signer.sign(&portfolio(1, 1)).unwrap_err();
    assert!(matches!(error, SignError::Key { error: KeyError::NotOurs(_), .. }), "{error}");
}

#[test]
fn a_key_with_random_nonces_gives_its_first_signature_again_after_a_restart() {
    let desk = Desk::new();
    let device = || DeviceKey::new(module(7, true, true)).unwrap();
    let mut signer = Guarded::new(device(), desk.open());
    signer.record_mut().anchor(&counter(PORTFOLIO), 0, Behind::Refuse).unwrap();
    let first = signer.sign(&portfolio(1, 1)).unwrap();
    assert_eq!(signer.sign(&portfolio(1, 1)), Ok(first));
    drop(signer);
    assert_eq!(Guarded::new(device(), desk.open()).sign(&portfolio(1, 1)), Ok(first));
}

#[test]
fn a_crash_between_record_and_signature_leaves_the_slot_to_its_digest() {
    let desk = Desk::new();
    let mut journal = desk.open();
    journal.anchor(&counter(PORTFOLIO), 0, Behind::Refuse).unwrap();
    journal.record(&slot(1), &portfolio(1, 1).digest()).unwrap();
    drop(journal);
    let mut signer = Guarded::new(key(), desk.open());
    assert!(matches!(signer.sign(&portfolio(1, 2)), Err(SignError::Conflict { .. })));
    signer.sign(&portfolio(1, 1)).unwrap();
}
