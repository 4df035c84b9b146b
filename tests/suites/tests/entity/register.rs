//! The register: what its pages show, and that its events alone say the same.

use alloy_primitives::{Address, B256};
use alloy_sol_types::{SolCall, SolEventInterface};
use ringfence_bindings::IEntity::{self as entity, IEntityEvents};
use ringfence_devchain::{Actor, Located};
use ringfence_oracle::keccak::Keccak;
use ringfence_protocol::{entity::MIN_DELAY, signature::SignerSet};
use ringfence_suites::{Stage, DAY, USD};
use std::collections::BTreeMap;

fn incorporation(lei: &str) -> entity::Incorporation {
    entity::Incorporation {
        name: "Société d'exemple, société anonyme de droit suisse".to_string(),
        lei: lei.to_string(),
        jurisdiction: "CH-ZH".to_string(),
        agreement: B256::repeat_byte(0x41),
        plan: B256::repeat_byte(0x40),
    }
}

/// What a reader of events knows.
#[derive(Debug, Default)]
struct Read {
    identity: [String; 3],
    documents: BTreeMap<u8, B256>,
    roles: BTreeMap<u8, Address>,
    values: BTreeMap<u8, B256>,
    pending: BTreeMap<u32, (u8, B256, u64, u64)>,
    pairs: Vec<(Address, Address, Address, B256, B256, B256, u64)>,
    series: Vec<(Address, Address, B256, B256)>,
    attested: Vec<(Address, B256, u64)>,
    claims: Vec<(u8, Address, u128, u128)>,
}

impl Read {
    fn note(&mut self, event: IEntityEvents) {
        match event {
            IEntityEvents::IdentityChanged(new) => self.identity = [new.name, new.lei, new.jurisdiction],
            IEntityEvents::DocumentChanged(new) => drop(self.documents.insert(new.place, new.hash)),
            IEntityEvents::RoleTaken(new) => drop(self.roles.insert(new.role, new.holder)),
            IEntityEvents::ValueChanged(new) => drop(self.values.insert(new.subject, new.value)),
            IEntityEvents::ChangeScheduled(new) => {
                self.pending.insert(new.number, (new.subject, new.value, new.due, new.expires));
            }
            IEntityEvents::ChangeReplaced(gone) => drop(self.pending.remove(&gone.number)),
            IEntityEvents::ChangeCancelled(gone) => drop(self.pending.remove(&gone.number)),
            IEntityEvents::ChangeExecuted(gone) => drop(self.pending.remove(&gone.number)),
            IEntityEvents::PairOpened(new) => self.pairs.push((
                new.vault,
                new.party_a,
                new.party_b,
                new.terms_hash,
                new.code_hash,
                new.signers_hash,
                0,
            )),
            IEntityEvents::PairUpdated(new) => {
                let known = self.pairs.iter_mut().find(|known| known.0 == new.vault).expect("it was opened");
                (known.1, known.2, known.3) = (new.party_a, new.party_b, new.terms_hash);
                (known.5, known.6) = (new.signers_hash, new.signer_epoch);
            }
            IEntityEvents::SeriesIssued(new) => {
                self.series.push((new.bond, new.vault, new.terms_hash, new.code_hash));
            }
            IEntityEvents::OwnerAttested(new) => {
                self.attested.retain(|known| known.0 != new.party);
                self.attested.push((new.party, new.owner, new.until));
            }
            IEntityEvents::AttestationRevoked(gone) => {
                self.attested.iter_mut().find(|known| known.0 == gone.party).expect("it was attested").2 = 0;
            }
            IEntityEvents::ClaimAdmitted(new) => self.claims.push((new.class, new.holder, new.amount, 0)),
            IEntityEvents::ClaimReduced(new) => self.claims[usize::try_from(new.number).expect("small")].2 = new.amount,
            IEntityEvents::ClaimTransferred(new) => self.claims[usize::try_from(new.number).expect("small")].1 = new.to,
            _ => {}
        }
    }
}

/// Sends a call and reads its events.
fn act<C: SolCall>(stage: &mut Stage, read: &mut Read, caller: &Actor, call: C) -> C::Return {
    let target = stage.entity;
    let report = stage.must(caller, target, call);
    for event in report.events.iter().filter(|event| ringfence_devchain::address_of(event.emitter) == target) {
        let known = IEntityEvents::decode_raw_log(&event.topics, &event.data);
        read.note(known.expect("an event that clients know"));
    }
    report.returned
}

#[test]
fn the_pages_show_what_the_events_say() {
    let mut stage = Stage::empty();
    let mut read = Read::default();
    let (admin, keeper, target) = (stage.admin.clone(), stage.keeper.clone(), stage.entity);
    let incorporation = incorporation("506700GE1G29325QX363");
    act(&mut stage, &mut read, &admin, entity::incorporateCall { incorporation });
    let signers = stage.signers();
    for _ in 0..2 {
        let (contract, a, b) = stage.next_contract(ringfence_devchain::h160_of(target));
        let terms = contract.encoded(&signers);
        let vault = act(&mut stage, &mut read, &admin, entity::openPairCall { terms });
        stage.pairs.push(live(&a, &b, vault, contract, &signers));
    }
    let parties = [&stage.pairs[0].a, &stage.pairs[0].b, &stage.pairs[1].a].map(|party| party.address());
    for (index, party) in parties.into_iter().enumerate() {
        let owner = B256::repeat_byte(u8::try_from(index + 1).expect("small"));
        let until = stage.session.now() + 100 * DAY;
        act(&mut stage, &mut read, &admin, entity::attestOwnerCall { party, owner, until });
    }
    act(&mut stage, &mut read, &admin, entity::revokeAttestationCall { party: parties[2] });
    let vault = stage.vault(0);
    let terms = stage.series_terms(vault, target);
    act(&mut stage, &mut read, &admin, entity::issueSeriesCall { terms });

    // Signers are replaced by both parties, and anyone has the record read again.
    for index in [0, 1] {
        stage.accept(index);
    }
    let fewer = SignerSet::new(signers.signers()[..2].to_vec(), 2).expect("a valid set");
    stage.rotate(0, &fewer);
    act(&mut stage, &mut read, &keeper, entity::refreshPairCall { vault });

    let holder = keeper.address();
    let number = act(
        &mut stage,
        &mut read,
        &admin,
        entity::admitClaimCall { class: 2, holder, amount: 5 * USD, evidence: B256::repeat_byte(5) },
    );
    act(&mut stage, &mut read, &keeper, entity::reduceClaimCall { number, to: 3 * USD });
    act(&mut stage, &mut read, &keeper, entity::transferClaimCall { number, to: admin.address() });

    let nominee = keeper.address().into_word();
    let first = act(&mut stage, &mut read, &admin, entity::scheduleCall { subject: 1, value: nominee });
    let second =
        act(&mut stage, &mut read, &admin, entity::scheduleCall { subject: 8, value: B256::with_last_byte(90) });
    act(&mut stage, &mut read, &admin, entity::scheduleCall { subject: 17, value: B256::repeat_byte(0x11) });
    let dropped = act(&mut stage, &mut read, &admin, entity::scheduleCall { subject: 5, value: nominee });
    act(&mut stage, &mut read, &admin, entity::cancelChangeCall { subject: 5, number: dropped });
    let identity = entity::IdentityText {
        name: "Other plc".to_string(),
        lei: "HWUPKR0MPOU8FGXBT394".to_string(),
        jurisdiction: "GB".to_string(),
    };
    let third = act(&mut stage, &mut read, &admin, entity::scheduleIdentityCall { identity });
    stage.session.advance(MIN_DELAY.get());
    for (subject, number) in [(1, first), (8, second), (9, third)] {
        act(&mut stage, &mut read, &keeper, entity::executeChangeCall { subject, number });
    }
    act(&mut stage, &mut read, &keeper, entity::acceptRoleCall { role: 1 });

    compare(&mut stage, &read);
    assert_eq!(read.pairs[0].5, B256::from(fewer.hash::<Keccak>().0), "the signers of now");
    assert_eq!(read.pairs[1].5, B256::from(signers.hash::<Keccak>().0));
    assert_eq!(read.identity[0], "Other plc");
}

fn live(
    a: &Actor,
    b: &Actor,
    vault: Address,
    contract: ringfence_suites::Contract,
    signers: &SignerSet,
) -> ringfence_suites::LivePair {
    ringfence_suites::LivePair::new(a.clone(), b.clone(), vault, contract, signers)
}

/// Every page against what was read.
fn compare(stage: &mut Stage, read: &Read) {
    let target = stage.entity;
    let identity = stage.read(target, entity::identityCall {});
    assert_eq!([identity.name, identity.lei, identity.jurisdiction], read.identity);
    let documents = stage.read(target, entity::documentsCall {});
    for (place, hash) in documents.into_iter().enumerate() {
        let place = u8::try_from(place).expect("16 places");
        assert_eq!(hash, read.documents.get(&place).copied().unwrap_or_default());
    }
    let charter = stage.read(target, entity::charterCall {});
    assert_eq!(charter.seats[1].holder, read.roles[&1]);
    assert_eq!(B256::with_last_byte(u8::try_from(charter.feeCap).expect("90")), read.values[&8]);
    assert!(charter.incorporated);
    let pairs = stage.read(target, entity::pairsCall { from: 0 });
    let shown = pairs.iter().map(|pair| {
        let parties = (pair.vault, pair.partyA, pair.partyB);
        (parties.0, parties.1, parties.2, pair.termsHash, pair.codeHash, pair.signersHash, pair.signerEpoch)
    });
    assert_eq!(shown.collect::<Vec<_>>(), read.pairs);
    assert_eq!(stage.read(target, entity::pairsCall { from: 1 }), pairs[1..]);
    assert!(stage.read(target, entity::pairsCall { from: 2 }).is_empty());
    let series = stage.read(target, entity::seriesCall { from: 0 });
    let shown = series.iter().map(|series| (series.bond, series.vault, series.termsHash, series.codeHash));
    assert_eq!(shown.collect::<Vec<_>>(), read.series);
    let attested = stage.read(target, entity::attestationsCall { from: 0 });
    let shown = attested.iter().map(|known| (known.party, known.owner, known.until));
    assert_eq!(shown.collect::<Vec<_>>(), read.attested);
    let pending = stage.read(target, entity::changesCall {});
    let shown =
        pending.iter().map(|change| (change.number, (change.subject, change.value, change.due, change.expires)));
    assert_eq!(shown.collect::<BTreeMap<_, _>>(), read.pending);
    let claims = stage.read(target, entity::claimsCall { from: 0 });
    let shown = claims.iter().map(|claim| (claim.class, claim.holder, claim.amount, claim.paid));
    assert_eq!(shown.collect::<Vec<_>>(), read.claims);
}

#[test]
fn an_identity_is_said_once_and_verified() {
    let mut stage = Stage::empty();
    let (admin, keeper, target) = (stage.admin.clone(), stage.keeper.clone(), stage.entity);
    let with = |lei: &str| entity::incorporateCall { incorporation: incorporation(lei) };
    stage.assert_refused::<entity::LeiChecksum>(&admin, target, with("506700GE1G29325QX364"));
    stage.assert_refused::<entity::LeiMalformed>(&admin, target, with("506700GE1G29325QX36"));
    stage.assert_refused::<entity::NotTheAdmin>(&keeper, target, with("506700GE1G29325QX363"));
    stage.must(&admin, target, with("506700GE1G29325QX363"));
    stage.assert_refused::<entity::AlreadyIncorporated>(&admin, target, with("506700GE1G29325QX363"));
    let mut nameless = with("506700GE1G29325QX363");
    nameless.incorporation.name = String::new();
    stage.assert_refused::<entity::NameMalformed>(&admin, target, nameless);
}

#[test]
fn a_page_has_eight_records_at_most_wherever_it_begins() {
    let mut stage = Stage::empty();
    for number in 0..10 {
        crate::creditor(&mut stage, &format!("creditor {number}"), 2, USD);
    }
    let target = stage.entity;
    let mut page = |from| stage.read(target, entity::claimsCall { from }).len();
    assert_eq!([page(0), page(3), page(9), page(10), page(u32::MAX)], [8, 7, 1, 0, 0]);
}

#[test]
fn the_capital_statement_shows_what_is_the_entitys_and_where() {
    let mut stage = Stage::insured(2);
    let (target, bond, vault) = (stage.entity, stage.bond(), stage.vault(1));
    let statement = stage.read(target, entity::statementCall {});
    let capital = stage.read(target, entity::capitalCall {});
    assert_eq!((statement.free, statement.reserve), (capital._1, capital._2));
    let inside = stage.read(target, entity::capitalInCall { vault });
    assert_eq!((inside._0, inside._1, inside._2), (ringfence_suites::FIRST_LOSS, 0, 0));
    let keeper = stage.keeper.clone();
    stage.assert_refused::<entity::UnknownVault>(&keeper, target, entity::capitalInCall { vault: bond });
}
