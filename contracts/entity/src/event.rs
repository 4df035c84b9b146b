//! The entity's events as the ABI shows them, and how they are written: words in a row, because what ink! derives for each
//! is many times the size.
// ink! writes a unit where an event has no data.
#![allow(clippy::unused_unit)]

use crate::abi::{reason, texts};
use ink::{
    prelude::{string::String, vec},
    primitives::{H160 as Address, H256 as Digest},
};
use ringfence_platform::{abi::Writer, deposit_event};
use ringfence_protocol::{
    eip712::address_word,
    entity::{Change, EntityEvent, PairRecord, Scheduled},
    keccak::hash_of,
};

macro_rules! events {
    ($( $(#[$meta:meta])* $name:ident { $( $(#[$field_meta:meta])* $field:ident: $ty:ty ),* $(,)? } )+) => {
        $( $(#[$meta])* #[ink::event] #[derive(Debug)] pub struct $name { $( $(#[$field_meta])* pub $field: $ty ),* } )+
    };
}

events! {
    /// The entity was founded.
    Founded {
        #[ink(topic)] founder: Address, asset: Address, rules: Address, vault_code: Digest, bond_code: Digest,
        asset_reserve: u128,
    }
    /// Name, LEI and jurisdiction are these now.
    IdentityChanged { name: String, lei: String, jurisdiction: String }
    /// A scheduled change is of name, LEI and jurisdiction, to these.
    IdentityScheduled { name: String, lei: String, jurisdiction: String }
    /// The hash of a document is this now; zero: it was taken out. Place 0 is the resolution plan.
    DocumentChanged { place: u8, hash: Digest }
    /// Somebody may take over a role: 0 admin, 1 guardian, 2 resolution agent.
    RoleNominated { #[ink(topic)] nominee: Address, role: u8 }
    /// The nominee took over.
    RoleTaken { #[ink(topic)] holder: Address, role: u8 }
    /// A change was scheduled.
    ChangeScheduled { number: u32, subject: u8, value: Digest, due: u64, expires: u64 }
    /// A pending change gave way to another one of its subject.
    ChangeReplaced { number: u32 }
    /// A pending change was taken back.
    ChangeCancelled { number: u32 }
    /// A change was executed.
    ChangeExecuted { number: u32 }
    /// A value of the charter or the capital requirement is this now.
    ValueChanged { subject: u8, value: Digest }
    /// No new pairs and series until then.
    NewRiskPaused { until: u64 }
    /// The owner of a party was attested.
    OwnerAttested { #[ink(topic)] party: Address, owner: Digest, until: u64 }
    /// An attestation was taken back.
    AttestationRevoked { #[ink(topic)] party: Address }
    /// A pair was opened.
    PairOpened {
        #[ink(topic)] vault: Address, #[ink(topic)] party_a: Address, #[ink(topic)] party_b: Address,
        terms_hash: Digest, code_hash: Digest, signers_hash: Digest,
    }
    /// A pair's record was read again from its vault.
    PairUpdated {
        #[ink(topic)] vault: Address, #[ink(topic)] party_a: Address, #[ink(topic)] party_b: Address,
        terms_hash: Digest, signers_hash: Digest, signer_epoch: u64,
    }
    /// A series was issued on a vault's tail.
    SeriesIssued {
        #[ink(topic)] bond: Address, #[ink(topic)] vault: Address, limit: u128, premium: u128, terms_hash: Digest,
        code_hash: Digest,
    }
    /// A series is on risk and the vault counts on it.
    SeriesActivated { #[ink(topic)] bond: Address, #[ink(topic)] vault: Address, principal: u128 }
    /// Somebody paid capital in.
    CapitalDeposited { #[ink(topic)] from: Address, amount: u128 }
    /// The admin took free capital out.
    CapitalWithdrawn { #[ink(topic)] to: Address, amount: u128 }
    /// Free capital was ring-fenced to a vault, or paid to a bond.
    CapitalAllocated { #[ink(topic)] vault: Address, amount: u128 }
    /// A vault or a bond gave capital back.
    CapitalReturned { #[ink(topic)] from: Address, amount: u128 }
    /// Free capital is below its requirement; after the moment anyone can start a resolution, unless it is restored.
    CapitalFellShort { startable_after: u64 }
    /// Free capital is at its requirement again.
    CapitalRestored {}
    /// The resolution agent gave notice.
    NoticeGiven { until: u64 }
    /// The resolution agent took its notice back.
    NoticeWithdrawn {}
    /// The resolution began. Reasons: 0 declared, 1 notice, 2 capital.
    ResolutionStarted { reason: u8, claims_until: u64 }
    /// As many pairs were told to run off.
    PairsTold { told: u32 }
    /// A pair was ticked off.
    PairSettled { #[ink(topic)] vault: Address }
    /// A claim was admitted.
    ClaimAdmitted { #[ink(topic)] holder: Address, number: u32, class: u8, amount: u128, evidence: Digest }
    /// A claim was lowered.
    ClaimReduced { number: u32, amount: u128 }
    /// A claim was passed on.
    ClaimTransferred { #[ink(topic)] from: Address, #[ink(topic)] to: Address, number: u32 }
    /// A holder took out what was distributed to its claim.
    ClaimPaid { #[ink(topic)] holder: Address, number: u32, amount: u128 }
    /// Free capital was distributed to the classes.
    Distributed { assigned: [u128; 4], surplus: u128 }
    /// The admin took out surplus.
    SurplusWithdrawn { #[ink(topic)] to: Address, amount: u128 }
    /// The final report.
    ResolutionReported { reason: u8, since: u64, claims: [u128; 4], assigned: [u128; 4], surplus: u128 }
}

/// Emits an event by the hash of its signature, indexed accounts and other fields.
#[inline(never)]
pub fn deposit(signature_hash: Digest, accounts: &[Address], data: Writer) {
    let mut topics = vec![signature_hash.0];
    topics.extend(accounts.iter().map(|account| address_word(*account)));
    deposit_event(&topics, &data.finish());
}

/// Emits a protocol event.
#[inline(never)]
pub fn emit(event: &EntityEvent) {
    let data = Writer::new();
    match event {
        EntityEvent::Founded { founder, founding } => {
            let data = data.address(founding.asset).address(founding.rules);
            let data = data.digest(founding.vault_code).digest(founding.bond_code).amount(founding.asset_reserve);
            deposit(const { hash_of("Founded(address,address,address,bytes32,bytes32,uint128)") }, &[*founder], data);
        }
        EntityEvent::IdentityChanged { identity } => {
            deposit(const { hash_of("IdentityChanged(string,string,string)") }, &[], texts(identity));
        }
        EntityEvent::DocumentChanged { place, hash } => {
            deposit(const { hash_of("DocumentChanged(uint8,bytes32)") }, &[], data.uint(*place).digest(*hash));
        }
        EntityEvent::RoleNominated { role, nominee } => {
            deposit(const { hash_of("RoleNominated(address,uint8)") }, &[*nominee], data.uint(role.number()));
        }
        EntityEvent::RoleTaken { role, holder } => {
            deposit(const { hash_of("RoleTaken(address,uint8)") }, &[*holder], data.uint(role.number()));
        }
        EntityEvent::ChangeScheduled { scheduled } => emit_scheduled(scheduled),
        EntityEvent::ChangeReplaced { number } => {
            deposit(const { hash_of("ChangeReplaced(uint32)") }, &[], data.uint(*number))
        }
        EntityEvent::ChangeCancelled { number } => {
            deposit(const { hash_of("ChangeCancelled(uint32)") }, &[], data.uint(*number))
        }
        EntityEvent::ChangeExecuted { number } => {
            deposit(const { hash_of("ChangeExecuted(uint32)") }, &[], data.uint(*number))
        }
        EntityEvent::ValueChanged { subject, value } => {
            deposit(const { hash_of("ValueChanged(uint8,bytes32)") }, &[], data.uint(*subject).digest(*value));
        }
        EntityEvent::NewRiskPaused { until } => {
            deposit(const { hash_of("NewRiskPaused(uint64)") }, &[], data.uint(until.get()))
        }
        EntityEvent::OwnerAttested { party, owner, until } => {
            let data = data.digest(*owner).uint(until.get());
            deposit(const { hash_of("OwnerAttested(address,bytes32,uint64)") }, &[*party], data);
        }
        EntityEvent::AttestationRevoked { party } => {
            deposit(const { hash_of("AttestationRevoked(address)") }, &[*party], data)
        }
        EntityEvent::PairOpened { record } => {
            let data = data.digest(record.terms_hash).digest(record.code_hash).digest(record.signers_hash);
            deposit(
                const { hash_of("PairOpened(address,address,address,bytes32,bytes32,bytes32)") },
                &accounts(record),
                data,
            );
        }
        EntityEvent::PairUpdated { record } => {
            let data = data.digest(record.terms_hash).digest(record.signers_hash).uint(record.signer_epoch);
            deposit(
                const { hash_of("PairUpdated(address,address,address,bytes32,bytes32,uint64)") },
                &accounts(record),
                data,
            );
        }
        EntityEvent::SeriesIssued { record, limit, premium } => {
            let data = data.amount(*limit).amount(*premium).digest(record.terms_hash).digest(record.code_hash);
            let signature = const { hash_of("SeriesIssued(address,address,uint128,uint128,bytes32,bytes32)") };
            deposit(signature, &[record.bond, record.vault], data);
        }
        _ => emit_money(event),
    }
}

fn accounts(record: &PairRecord) -> [Address; 3] {
    [record.vault, record.party_a, record.party_b]
}

#[inline(never)]
fn emit_scheduled(scheduled: &Scheduled) {
    let Scheduled { number, change, due, expires, .. } = scheduled;
    let data = Writer::new().uint(*number).uint(change.subject()).digest(change.word());
    deposit(
        const { hash_of("ChangeScheduled(uint32,uint8,bytes32,uint64,uint64)") },
        &[],
        data.uint(due.get()).uint(expires.get()),
    );
    if let Change::Identity(identity) = change {
        deposit(const { hash_of("IdentityScheduled(string,string,string)") }, &[], texts(identity));
    }
}

/// The events of capital and resolution.
#[inline(never)]
fn emit_money(event: &EntityEvent) {
    let data = Writer::new();
    match event {
        EntityEvent::CapitalDeposited { from, amount } => {
            deposit(const { hash_of("CapitalDeposited(address,uint128)") }, &[*from], data.amount(*amount));
        }
        EntityEvent::CapitalWithdrawn { to, amount } => {
            deposit(const { hash_of("CapitalWithdrawn(address,uint128)") }, &[*to], data.amount(*amount));
        }
        EntityEvent::CapitalAllocated { vault, amount } => {
            deposit(const { hash_of("CapitalAllocated(address,uint128)") }, &[*vault], data.amount(*amount));
        }
        EntityEvent::CapitalReturned { from, amount } => {
            deposit(const { hash_of("CapitalReturned(address,uint128)") }, &[*from], data.amount(*amount));
        }
        EntityEvent::CapitalFellShort { startable_after } => {
            deposit(const { hash_of("CapitalFellShort(uint64)") }, &[], data.uint(startable_after.get()));
        }
        EntityEvent::CapitalRestored => deposit(const { hash_of("CapitalRestored()") }, &[], data),
        EntityEvent::NoticeGiven { until } => {
            deposit(const { hash_of("NoticeGiven(uint64)") }, &[], data.uint(until.get()))
        }
        EntityEvent::NoticeWithdrawn => deposit(const { hash_of("NoticeWithdrawn()") }, &[], data),
        EntityEvent::ResolutionStarted { reason: why, claims_until } => {
            deposit(
                const { hash_of("ResolutionStarted(uint8,uint64)") },
                &[],
                data.uint(reason(*why)).uint(claims_until.get()),
            );
        }
        EntityEvent::PairsTold { told } => deposit(const { hash_of("PairsTold(uint32)") }, &[], data.uint(*told)),
        EntityEvent::PairSettled { vault } => deposit(const { hash_of("PairSettled(address)") }, &[*vault], data),
        EntityEvent::ClaimAdmitted { number, claim } => {
            let data = data.uint(*number).uint(claim.class.number()).amount(claim.amount).digest(claim.evidence);
            deposit(const { hash_of("ClaimAdmitted(address,uint32,uint8,uint128,bytes32)") }, &[claim.holder], data);
        }
        EntityEvent::ClaimReduced { number, amount } => {
            deposit(const { hash_of("ClaimReduced(uint32,uint128)") }, &[], data.uint(*number).amount(*amount));
        }
        EntityEvent::ClaimTransferred { number, from, to } => {
            deposit(const { hash_of("ClaimTransferred(address,address,uint32)") }, &[*from, *to], data.uint(*number));
        }
        EntityEvent::ClaimPaid { number, holder, amount } => {
            deposit(
                const { hash_of("ClaimPaid(address,uint32,uint128)") },
                &[*holder],
                data.uint(*number).amount(*amount),
            );
        }
        EntityEvent::Distributed { assigned, surplus } => {
            let data = assigned.iter().fold(data, |data, amount| data.amount(*amount)).amount(*surplus);
            deposit(const { hash_of("Distributed(uint128[4],uint128)") }, &[], data);
        }
        EntityEvent::SurplusWithdrawn { to, amount } => {
            deposit(const { hash_of("SurplusWithdrawn(address,uint128)") }, &[*to], data.amount(*amount));
        }
        EntityEvent::Reported { reason: why, since, classes, surplus } => {
            let data = data.uint(reason(*why)).uint(since.get());
            let data = classes.iter().fold(data, |data, class| data.amount(class.claims));
            let data = classes.iter().fold(data, |data, class| data.amount(class.assigned)).amount(*surplus);
            deposit(const { hash_of("ResolutionReported(uint8,uint64,uint128[4],uint128[4],uint128)") }, &[], data);
        }
        _ => {}
    }
}
