//! The register out of events alone.

use crate::office::{hash, identity, vault, Office, ALICE, BOB, CAROL, DAY, FOUNDER, RESERVE, STRANGER};
use ringfence_protocol::{
    entity::{Change, Claim, Class, EntityEvent, Identity, PairRecord, Role, Scheduled, SeriesRecord},
    units::{Amount, Bps, Seconds, Timestamp},
    Address, Digest,
};
use std::collections::BTreeMap;

/// What a reader of events knows.
#[derive(Debug, Default, PartialEq)]
struct Register {
    identity: Option<Identity>,
    documents: BTreeMap<u8, Digest>,
    holders: BTreeMap<u8, Address>,
    nominees: BTreeMap<u8, Address>,
    values: BTreeMap<u8, Digest>,
    pending: BTreeMap<u32, Scheduled>,
    pairs: Vec<PairRecord>,
    series: Vec<SeriesRecord>,
    attested: BTreeMap<Address, (Digest, Timestamp)>,
    claims: Vec<Claim>,
}

impl Register {
    fn of(events: &[EntityEvent]) -> Self {
        events.iter().fold(Self::default(), Self::with)
    }

    fn with(mut self, event: &EntityEvent) -> Self {
        let claim_at = |number: &u32| usize::try_from(*number).expect("small");
        match event.clone() {
            EntityEvent::Founded { founder, founding } => {
                self.holders.extend(Role::ALL.map(|role| (role.number(), founder)));
                self.values.insert(3, founding.vault_code);
                self.values.insert(4, founding.bond_code);
                self.values.insert(5, Digest::from(founding.rules));
            }
            EntityEvent::IdentityChanged { identity } => self.identity = Some(identity),
            EntityEvent::DocumentChanged { place, hash } => drop(self.documents.insert(place, hash)),
            EntityEvent::RoleNominated { role, nominee } => drop(self.nominees.insert(role.number(), nominee)),
            EntityEvent::RoleTaken { role, holder } => {
                self.nominees.remove(&role.number());
                self.holders.insert(role.number(), holder);
            }
            EntityEvent::ChangeScheduled { scheduled } => drop(self.pending.insert(scheduled.number, scheduled)),
            EntityEvent::ChangeReplaced { number }
            | EntityEvent::ChangeCancelled { number }
            | EntityEvent::ChangeExecuted { number } => drop(self.pending.remove(&number)),
            EntityEvent::ValueChanged { subject, value } => drop(self.values.insert(subject, value)),
            EntityEvent::PairOpened { record } => self.pairs.push(record),
            EntityEvent::PairUpdated { record } => {
                let known = self.pairs.iter_mut().find(|known| known.vault == record.vault).expect("it was opened");
                *known = record;
            }
            EntityEvent::PairSettled { vault } => {
                self.pairs.iter_mut().find(|known| known.vault == vault).expect("it was opened").settled = true;
            }
            EntityEvent::SeriesIssued { record, .. } => self.series.push(record),
            EntityEvent::OwnerAttested { party, owner, until } => drop(self.attested.insert(party, (owner, until))),
            EntityEvent::AttestationRevoked { party } => {
                self.attested.get_mut(&party).expect("it was attested").1 = Timestamp::default();
            }
            EntityEvent::ClaimAdmitted { claim, .. } => self.claims.push(claim),
            EntityEvent::ClaimReduced { number, amount } => self.claims[claim_at(&number)].amount = amount,
            EntityEvent::ClaimTransferred { number, to, .. } => self.claims[claim_at(&number)].holder = to,
            EntityEvent::ClaimPaid { number, amount, .. } => {
                let paid = &mut self.claims[claim_at(&number)].paid;
                *paid = paid.add(amount).expect("in range");
            }
            _ => {}
        }
        self
    }
}

#[test]
fn the_register_is_what_its_events_say() {
    let mut office = Office::with_free(1_000);
    office.incorporate(FOUNDER).expect("accepted");
    office.change(Change::Document(7, hash(0x77)));
    office.change(Change::VaultCode(hash(0x21)));
    office.change(Change::FeeCap(Bps::new(200)));
    office.change(Change::Requirement(Amount::new(10)));
    office.change(Change::Delay(Seconds::new(3 * DAY)));
    for number in 0..3 {
        office.open(FOUNDER, number).expect("accepted");
    }
    let (step, record) = office.state.pair_read(&office.pairs[1], (STRANGER, BOB), hash(0x71), (hash(0x72), 3));
    office.pairs[1] = record;
    office.apply(step);
    office.issue(FOUNDER, 0, 20).expect("accepted");
    office.attest(FOUNDER, ALICE, 1, office.now + DAY).expect("accepted");
    office.attest(FOUNDER, BOB, 2, office.now + DAY).expect("accepted");
    office.revoke(FOUNDER, ALICE).expect("accepted");
    office.change(Change::Nominee(Role::Guardian, CAROL));
    office.hand_over(Role::Agent, BOB);
    for change in [Change::BondCode(hash(5)), Change::BondCode(hash(6)), Change::Identity(identity())] {
        office.schedule(FOUNDER, change).expect("accepted");
    }
    let cancelled = office.schedule(FOUNDER, Change::Rules(ALICE)).expect("accepted");
    office.cancel(FOUNDER, cancelled).expect("accepted");
    office.admit(FOUNDER, Class::Ordinary, ALICE, 400).expect("accepted");
    office.declare(FOUNDER).expect("accepted");
    office.admit(BOB, Class::Preferential, CAROL, 50).expect("accepted");
    office.reduce(ALICE, 0, 300).expect("accepted");
    office.settle(2, true).expect("at rest");
    office.now += 31 * DAY;
    office.distribute().expect("accepted");
    office.collect(CAROL, 1).expect("accepted");
    office.transfer(ALICE, 0, STRANGER).expect("accepted");

    let read = Register::of(&office.events);
    let charter = &office.state.charter;
    let seat = |of: fn(&ringfence_protocol::entity::Seat) -> Address| {
        let seats = Role::ALL.map(|role| (role.number(), of(charter.seat(role))));
        seats.into_iter().filter(|(_, who)| !who.is_zero()).collect::<BTreeMap<_, _>>()
    };
    let word = |value: u128| Digest(ringfence_protocol::U256::from(value).to_big_endian());
    let expected = Register {
        identity: office.identity.clone(),
        documents: office.documents.clone(),
        holders: seat(|seat| seat.holder),
        nominees: seat(|seat| seat.nominee),
        values: BTreeMap::from([
            (3, charter.vault_code),
            (4, charter.bond_code),
            (5, Digest::from(charter.rules)),
            (6, word(charter.delay.get().into())),
            (7, word(office.state.ledger.requirement.get())),
            (8, word(charter.fee_cap.get().into())),
        ]),
        pending: office.pending.values().map(|scheduled| (scheduled.number, scheduled.clone())).collect(),
        pairs: office.pairs.clone(),
        series: office.series.clone(),
        attested: office.attestations.iter().map(|(party, known)| (*party, (known.owner, known.until))).collect(),
        claims: office.claims.clone(),
    };
    assert_eq!(read, expected);
    assert_eq!((read.pairs.len(), read.pending.len(), read.claims.len()), (3, 2, 2));
}

/// Free capital, reserve, classes and surplus out of events.
#[test]
fn the_account_is_what_its_events_say() {
    let mut office = Office::resolving(500, 2);
    office.admit(FOUNDER, Class::Ordinary, ALICE, 300).expect("accepted");
    office.give_back(vault(0), 40).expect("accepted");
    office.now += 31 * DAY;
    office.distribute().expect("accepted");
    office.collect(ALICE, 0).expect("accepted");
    office.take_surplus(FOUNDER, 100).expect("accepted");
    let mut held = 0_i128;
    for event in &office.events {
        let signed = |amount: &Amount| i128::try_from(amount.get()).expect("small");
        held += match event {
            EntityEvent::CapitalDeposited { amount, .. } | EntityEvent::CapitalReturned { amount, .. } => {
                signed(amount)
            }
            EntityEvent::CapitalWithdrawn { amount, .. }
            | EntityEvent::CapitalAllocated { amount, .. }
            | EntityEvent::ClaimPaid { amount, .. }
            | EntityEvent::SurplusWithdrawn { amount, .. } => -signed(amount),
            _ => 0,
        };
    }
    assert_eq!(held, i128::try_from(office.balance).expect("small"));
    assert_eq!(held, i128::try_from(500 + 40 - 300 - 100 + RESERVE).expect("small"));
}
