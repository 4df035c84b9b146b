//! An entity with its records, its account and its clock: what the shell keeps, and nothing of what it decides.

use ringfence_protocol::{
    entity::{
        Applied, Attestation, Change, Claim, Class, EntityEnv, EntityError, EntityEvent, EntityState, EntityStep,
        Founding, Identity, PairOffer, PairRecord, Role, Scheduled, SeriesRecord,
    },
    units::{Amount, Bps, Seconds, Timestamp},
    Address, Digest, Transfer,
};
use std::collections::BTreeMap;

pub(crate) const FOUNDER: Address = Address::repeat_byte(0x0f);
pub(crate) const STRANGER: Address = Address::repeat_byte(0x77);
pub(crate) const ALICE: Address = Address::repeat_byte(0xa1);
pub(crate) const BOB: Address = Address::repeat_byte(0xb2);
pub(crate) const CAROL: Address = Address::repeat_byte(0xc3);
pub(crate) const ENTITY: Address = Address::repeat_byte(0xe0);
pub(crate) const ASSET: Address = Address::repeat_byte(0xe1);
pub(crate) const RULES: Address = Address::repeat_byte(0xe4);
pub(crate) const START: u64 = 1_760_000_000;
pub(crate) const DAY: u64 = 86_400;
pub(crate) const RESERVE: u128 = 7;

pub(crate) type Outcome<T = ()> = Result<T, EntityError>;

pub(crate) fn hash(byte: u8) -> Digest {
    Digest::repeat_byte(byte)
}

pub(crate) fn vault(number: u32) -> Address {
    Address::from_low_u64_be(0x1000 + u64::from(number))
}

pub(crate) fn offer() -> PairOffer {
    PairOffer { entity: ENTITY, asset: ASSET, rules: RULES, fee_cap: Bps::new(100) }
}

/// Name, LEI and jurisdiction of the body that keeps the register of LEIs.
pub(crate) fn identity() -> Identity {
    Identity::parse("Global Legal Entity Identifier Foundation".as_bytes(), b"506700GE1G29325QX363", b"CH")
        .expect("well formed")
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Office {
    pub(crate) state: EntityState,
    pub(crate) now: u64,
    pub(crate) identity: Option<Identity>,
    pub(crate) documents: BTreeMap<u8, Digest>,
    pub(crate) pairs: Vec<PairRecord>,
    pub(crate) series: Vec<SeriesRecord>,
    pub(crate) attestations: BTreeMap<Address, Attestation>,
    pub(crate) pending: BTreeMap<u8, Scheduled>,
    pub(crate) claims: Vec<Claim>,
    /// The account at the asset.
    pub(crate) balance: u128,
    /// What each account got less what it paid.
    pub(crate) cash: BTreeMap<Address, i128>,
    pub(crate) events: Vec<EntityEvent>,
}

impl Office {
    pub(crate) fn founded() -> Self {
        let founding = Founding {
            asset: ASSET,
            rules: RULES,
            vault_code: hash(1),
            bond_code: hash(2),
            asset_reserve: Amount::new(RESERVE),
        };
        let env = EntityEnv { now: Timestamp::new(START), caller: FOUNDER };
        let step = EntityState::found(&env, &founding).expect("founded");
        Self {
            state: step.state,
            now: START,
            identity: None,
            documents: BTreeMap::new(),
            pairs: Vec::new(),
            series: Vec::new(),
            attestations: BTreeMap::new(),
            pending: BTreeMap::new(),
            claims: Vec::new(),
            balance: 0,
            cash: BTreeMap::new(),
            events: step.events,
        }
    }

    /// With this much free capital.
    pub(crate) fn with_free(free: u128) -> Self {
        let mut office = Self::founded();
        office.deposit(CAROL, free + RESERVE).expect("accepted");
        office
    }

    /// In a resolution that the admin declared, with free capital and with pairs.
    pub(crate) fn resolving(free: u128, pairs: u32) -> Self {
        let mut office = Self::with_free(free + u128::from(pairs) * RESERVE);
        for number in 0..pairs {
            office.open(FOUNDER, number).expect("accepted");
        }
        office.declare(FOUNDER).expect("accepted");
        office
    }

    pub(crate) fn env(&self, caller: Address) -> EntityEnv {
        EntityEnv { now: Timestamp::new(self.now), caller }
    }

    pub(crate) fn wait(&mut self, span: Seconds) {
        self.now += span.get();
    }

    /// Stores, emits and transfers; the account is what is owed.
    pub(crate) fn apply(&mut self, step: EntityStep) {
        self.state = step.state;
        self.events.extend(step.events);
        for transfer in step.transfers {
            let (who, signed) = match transfer {
                Transfer::In { from, amount } => (from, -i128::try_from(amount.get()).expect("small")),
                Transfer::Out { to, amount } => (to, i128::try_from(amount.get()).expect("small")),
            };
            *self.cash.entry(who).or_default() += signed;
            self.balance = self.balance.checked_add_signed(-signed).expect("it pays only what it has");
        }
        self.check();
    }

    /// CONSERVE, and what always holds beside it.
    pub(crate) fn check(&self) {
        assert_eq!(self.state.liabilities().map(Amount::get), Ok(self.balance), "CONSERVE");
        for class in Class::ALL {
            let account = self.state.class(class);
            assert!(account.paid <= account.assigned && account.assigned <= account.claims, "{class:?}");
            let claims = self.claims.iter().filter(|claim| claim.class == class);
            let sums = claims.fold((0, 0, 0), |(amount, paid, payable), claim| {
                let due = self.state.payable(claim).expect("never more paid than due").get();
                (amount + claim.amount.get(), paid + claim.paid.get(), payable + due)
            });
            assert_eq!((sums.0, sums.1), (account.claims.get(), account.paid.get()), "{class:?}");
            assert!(sums.2 <= account.assigned.get() - account.paid.get(), "more is payable than there is");
        }
    }

    pub(crate) fn deposit(&mut self, from: Address, amount: u128) -> Outcome {
        let step = self.state.deposit(&self.env(from), Amount::new(amount))?;
        self.apply(step);
        Ok(())
    }

    pub(crate) fn withdraw(&mut self, caller: Address, amount: u128) -> Outcome {
        let step = self.state.withdraw(&self.env(caller), Amount::new(amount))?;
        self.apply(step);
        Ok(())
    }

    pub(crate) fn allocate(&mut self, caller: Address, to: Address, amount: u128) -> Outcome {
        let step = self.state.allocate(&self.env(caller), to, Amount::new(amount))?;
        self.apply(step);
        Ok(())
    }

    /// A child sends back.
    pub(crate) fn give_back(&mut self, from: Address, amount: u128) -> Outcome {
        let step = self.state.returned(&self.env(STRANGER), from, Amount::new(amount))?;
        self.balance += amount;
        *self.cash.entry(from).or_default() -= i128::try_from(amount).expect("small");
        self.apply(step);
        Ok(())
    }

    pub(crate) fn open(&mut self, caller: Address, number: u32) -> Outcome {
        self.open_under(caller, number, &offer())
    }

    pub(crate) fn open_under(&mut self, caller: Address, number: u32, offer: &PairOffer) -> Outcome {
        self.state.check_pair(&self.env(caller), ENTITY, offer)?;
        let record = PairRecord {
            vault: vault(number),
            party_a: ALICE,
            party_b: BOB,
            terms_hash: hash(0x30),
            code_hash: self.state.charter.vault_code,
            signers_hash: hash(0x31),
            signer_epoch: 0,
            opened: Timestamp::new(self.now),
            settled: false,
        };
        let step = self.state.pair_opened(&self.env(caller), &record)?;
        self.pairs.push(record);
        self.apply(step);
        Ok(())
    }

    pub(crate) fn issue(&mut self, caller: Address, number: u32, premium: u128) -> Outcome {
        let payment = Amount::new(premium + RESERVE);
        self.state.check_series(&self.env(caller), payment)?;
        let bond = Address::from_low_u64_be(0x2000 + u64::from(number));
        let code_hash = self.state.charter.bond_code;
        let record = SeriesRecord { bond, vault: vault(0), terms_hash: hash(0x32), code_hash };
        let step = self.state.series_issued(&self.env(caller), &record, Amount::new(50), Amount::new(premium))?;
        self.series.push(record);
        self.apply(step);
        Ok(())
    }

    pub(crate) fn attest(&mut self, caller: Address, party: Address, owner: u8, until: u64) -> Outcome {
        let before = self.attestations.get(&party).copied();
        let (step, after) = self.state.attest(&self.env(caller), before, party, hash(owner), Timestamp::new(until))?;
        self.attestations.insert(party, after);
        self.apply(step);
        Ok(())
    }

    pub(crate) fn revoke(&mut self, caller: Address, party: Address) -> Outcome {
        let before = self.attestations.get(&party).copied();
        let (step, after) = self.state.revoke_attestation(&self.env(caller), before, party)?;
        self.attestations.insert(party, after);
        self.apply(step);
        Ok(())
    }

    pub(crate) fn schedule(&mut self, caller: Address, change: Change) -> Outcome<u32> {
        let subject = change.subject();
        let (step, scheduled) = self.state.schedule(&self.env(caller), self.pending.get(&subject).cloned(), change)?;
        let number = scheduled.number;
        self.pending.insert(subject, scheduled);
        self.apply(step);
        Ok(number)
    }

    fn pending(&self, number: u32) -> Option<Scheduled> {
        self.pending.values().find(|scheduled| scheduled.number == number).cloned()
    }

    pub(crate) fn cancel(&mut self, caller: Address, number: u32) -> Outcome {
        let pending = self.pending(number);
        let subject = pending.as_ref().map(|scheduled| scheduled.change.subject());
        let step = self.state.cancel(&self.env(caller), pending, number)?;
        self.pending.remove(&subject.expect("it was pending"));
        self.apply(step);
        Ok(())
    }

    pub(crate) fn execute(&mut self, number: u32) -> Outcome {
        let pending = self.pending(number);
        let subject = pending.as_ref().map(|scheduled| scheduled.change.subject());
        let (step, applied) = self.state.execute(&self.env(STRANGER), pending, number)?;
        self.pending.remove(&subject.expect("it was pending"));
        match applied {
            Applied::State => {}
            Applied::Identity(identity) => self.identity = Some(identity),
            Applied::Document(place, hash) => drop(self.documents.insert(place, hash)),
        }
        self.apply(step);
        Ok(())
    }

    /// Schedules a change and executes it when it is due.
    pub(crate) fn change(&mut self, change: Change) {
        let number = self.schedule(FOUNDER, change).expect("accepted");
        self.wait(self.state.charter.delay);
        self.execute(number).expect("due");
    }

    pub(crate) fn accept(&mut self, caller: Address, role: Role) -> Outcome {
        let step = self.state.accept_role(&self.env(caller), role)?;
        self.apply(step);
        Ok(())
    }

    /// Hands a role over, by schedule and acceptance.
    pub(crate) fn hand_over(&mut self, role: Role, to: Address) {
        self.change(Change::Nominee(role, to));
        self.accept(to, role).expect("nominated");
    }

    pub(crate) fn incorporate(&mut self, caller: Address) -> Outcome {
        let step = self.state.incorporate(&self.env(caller), &identity(), hash(0x41), hash(0x40))?;
        self.identity = Some(identity());
        self.documents.extend([(0, hash(0x40)), (1, hash(0x41))]);
        self.apply(step);
        Ok(())
    }

    pub(crate) fn pause(&mut self, caller: Address, span: u64) -> Outcome {
        let step = self.state.pause(&self.env(caller), Seconds::new(span))?;
        self.apply(step);
        Ok(())
    }

    pub(crate) fn give_notice(&mut self, caller: Address) -> Outcome {
        let step = self.state.give_notice(&self.env(caller))?;
        self.apply(step);
        Ok(())
    }

    pub(crate) fn withdraw_notice(&mut self, caller: Address) -> Outcome {
        let step = self.state.withdraw_notice(&self.env(caller))?;
        self.apply(step);
        Ok(())
    }

    pub(crate) fn declare(&mut self, caller: Address) -> Outcome {
        let step = self.state.declare_resolution(&self.env(caller))?;
        self.apply(step);
        Ok(())
    }

    pub(crate) fn start(&mut self) -> Outcome {
        let step = self.state.start_resolution(&self.env(STRANGER))?;
        self.apply(step);
        Ok(())
    }

    pub(crate) fn tell_next(&mut self, most: u32) -> Outcome<std::ops::Range<u32>> {
        let (step, told) = self.state.tell_next(most)?;
        self.apply(step);
        Ok(told)
    }

    pub(crate) fn settle(&mut self, index: usize, at_rest: bool) -> Outcome {
        let (step, record) = self.state.settle_pair(self.pairs[index], at_rest)?;
        self.pairs[index] = record;
        self.apply(step);
        Ok(())
    }

    pub(crate) fn admit(&mut self, caller: Address, class: Class, holder: Address, amount: u128) -> Outcome<u32> {
        let env = self.env(caller);
        let (step, number, claim) = self.state.admit_claim(&env, class, holder, Amount::new(amount), hash(0x50))?;
        assert_eq!(usize::try_from(number), Ok(self.claims.len()));
        self.claims.push(claim);
        self.apply(step);
        Ok(number)
    }

    fn claim(&self, number: u32) -> Claim {
        self.claims[usize::try_from(number).expect("small")]
    }

    fn keep_claim(&mut self, number: u32, claim: Claim, step: EntityStep) {
        self.claims[usize::try_from(number).expect("small")] = claim;
        self.apply(step);
    }

    pub(crate) fn reduce(&mut self, caller: Address, number: u32, to: u128) -> Outcome {
        let (step, claim) = self.state.reduce_claim(&self.env(caller), number, self.claim(number), Amount::new(to))?;
        self.keep_claim(number, claim, step);
        Ok(())
    }

    pub(crate) fn transfer(&mut self, caller: Address, number: u32, to: Address) -> Outcome {
        let (step, claim) = self.state.transfer_claim(&self.env(caller), number, self.claim(number), to)?;
        self.keep_claim(number, claim, step);
        Ok(())
    }

    /// Takes out what is payable and returns how much came.
    pub(crate) fn collect(&mut self, caller: Address, number: u32) -> Outcome<u128> {
        let before = self.claim(number).paid.get();
        let (step, claim) = self.state.collect_claim(&self.env(caller), number, self.claim(number))?;
        self.keep_claim(number, claim, step);
        Ok(claim.paid.get() - before)
    }

    pub(crate) fn distribute(&mut self) -> Outcome {
        let step = self.state.distribute(&self.env(STRANGER))?;
        self.apply(step);
        Ok(())
    }

    pub(crate) fn report(&mut self) -> Outcome {
        let step = self.state.report(&self.env(STRANGER))?;
        self.apply(step);
        Ok(())
    }

    pub(crate) fn take_surplus(&mut self, caller: Address, amount: u128) -> Outcome {
        let step = self.state.withdraw_surplus(&self.env(caller), Amount::new(amount))?;
        self.apply(step);
        Ok(())
    }

    pub(crate) fn cash(&self, who: Address) -> i128 {
        self.cash.get(&who).copied().unwrap_or(0)
    }

    pub(crate) fn free(&self) -> u128 {
        self.state.ledger.free.get()
    }
}

/// The error of a command that must be refused; nothing may have changed.
#[track_caller]
pub(crate) fn refused<T: std::fmt::Debug>(
    office: &mut Office,
    command: impl FnOnce(&mut Office) -> Outcome<T>,
) -> EntityError {
    let before = office.clone();
    let error = command(office).expect_err("refused");
    assert_eq!(*office, before, "something changed");
    error
}

macro_rules! guards {
    ($( $variant:ident: $name:ident $body:block )+) => {
        $( #[test] fn $name() { assert_eq!($body, ringfence_protocol::entity::EntityError::$variant); } )+

        /// What the tests above prove.
        pub(crate) const PROVED: &[ringfence_protocol::entity::EntityError] =
            &[ $( ringfence_protocol::entity::EntityError::$variant ),+ ];
    };
}
pub(crate) use guards;
