//! Arguments and answers that stay bytes, and their layouts: see `ringfence_platform::abi`.

use ink::{prelude::vec::Vec, sol::FixedBytes};
use ringfence_platform::{
    abi::{selector, Malformed, Reader, Writer},
    vault::roles_of,
    Host, Message,
};
use ringfence_protocol::{
    entity::{
        Attestation, Class, EntityState, Identity, PairOffer, PairRecord, Reason, Role, Scheduled, SeriesRecord, Stage,
    },
    signature::MAX_SIGNERS,
    units::{Bps, Timestamp},
    Address, Digest, Keccak256,
};

type Text = ink::prelude::string::String;
type Seat = (Address, Address);
type Account = (u128, u128, u128);
type Pair = (Address, Address, Address, FixedBytes<32>, FixedBytes<32>, FixedBytes<32>, u64, u64, bool);

ringfence_platform::raw! {
    /// Name, LEI and jurisdiction.
    IdentityText: "(string,string,string)" as (Text, Text, Text);
    /// Name, LEI and jurisdiction, and the hashes of the governing agreement and of the resolution plan.
    Incorporation: "(string,string,string,bytes32,bytes32)" as (Text, Text, Text, FixedBytes<32>, FixedBytes<32>);
    /// A vault, other signers for it and their threshold.
    NoticedRotation: "(address,address[],uint8)";
    /// Hashes of documents, by their places.
    Documents: "bytes32[16]" as [FixedBytes<32>; 16];
    /// Asset and reserve, rules, codes, fee cap, delay, seats (holder, nominee), end of the pause, whether the entity is
    /// incorporated, and how many pairs, series, attested parties and changes there were.
    CharterView: "(address,uint128,address,bytes32,bytes32,uint16,uint64,(address,address)[3],uint64,bool,uint32[4])"
        as (Address, u128, Address, FixedBytes<32>, FixedBytes<32>, u16, u64, [Seat; 3], u64, bool, [u32; 4]);
    /// Free capital, reserve, requirement, since when short, surplus; stage, its moment, reason; the classes (claims,
    /// assigned, paid); how many claims there are, pairs told and pairs ticked off.
    Statement: "(uint128,uint128,uint128,uint64,uint128,uint8,uint64,uint8,(uint128,uint128,uint128)[4],uint32[3])"
        as (u128, u128, u128, u64, u128, u8, u64, u8, [Account; 4], [u32; 3]);
    /// Vault, parties, terms hash, code hash, hash of the signers, their epoch, when opened, whether ticked off.
    Pairs: "(address,address,address,bytes32,bytes32,bytes32,uint64,uint64,bool)[]" as Vec<Pair>;
    /// Bond, vault, terms hash, code hash.
    SeriesPage: "(address,address,bytes32,bytes32)[]" as Vec<(Address, Address, FixedBytes<32>, FixedBytes<32>)>;
    /// Party, owner, until when.
    Attestations: "(address,bytes32,uint64)[]" as Vec<(Address, FixedBytes<32>, u64)>;
    /// Number, subject, value, when it was scheduled, when it is due and when it expires.
    Changes: "(uint32,uint8,bytes32,uint64,uint64,uint64)[]" as Vec<(u32, u8, FixedBytes<32>, u64, u64, u64)>;
    /// Class, holder, amount, paid, payable now, evidence.
    Claims: "(uint8,address,uint128,uint128,uint128,bytes32)[]" as Vec<(u8, Address, u128, u128, u128, FixedBytes<32>)>;
}

/// Words of the terms of a pair before the fee cap: five addresses, two sides of four amounts, eight periods, three amounts.
const BEFORE_FEE_CAP: usize = 5 + 2 * 4 + 8 + 3;

/// What of a pair's terms the register needs.
#[derive(Clone, Copy, Debug)]
pub struct Offered {
    /// What the entity looks at.
    pub offer: PairOffer,
    /// Party A and party B.
    pub parties: (Address, Address),
    /// Hash of the signers, one word each, as `SignerSet::hash` has it.
    pub signers_hash: Digest,
}

/// Reads terms as a vault's constructor takes them and its `terms` answers.
pub fn offered(encoded: &[u8]) -> Result<Offered, Malformed> {
    let roles = roles_of(encoded)?;
    let mut terms = Reader::new(encoded).dynamic()?;
    for _ in 0..BEFORE_FEE_CAP {
        terms.word()?;
    }
    let fee_cap = Bps::new(terms.uint()?);
    // The tail's share and the schedule of collateral.
    terms.word()?;
    terms.word()?;
    let (count, mut signers) = terms.array(MAX_SIGNERS)?;
    let mut words = Vec::with_capacity(MAX_SIGNERS.saturating_mul(32));
    for _ in 0..count {
        words.extend_from_slice(signers.word()?);
    }
    let offer = PairOffer { entity: roles.entity, asset: roles.asset, rules: roles.rules, fee_cap };
    Ok(Offered { offer, parties: (roles.party_a, roles.party_b), signers_hash: Host::keccak256(&words) })
}

/// Reads whom a notice of other signers is for, and writes the message to that vault.
pub fn rotation_notice(encoded: &[u8]) -> Result<(Address, Message), Malformed> {
    let mut tuple = Reader::new(encoded).dynamic()?;
    let vault = tuple.address()?;
    let (count, mut signers) = tuple.array(MAX_SIGNERS)?;
    let threshold: u8 = tuple.uint()?;
    let message = Message::new(const { selector("noticeRotation((address[],uint8))") });
    let message = message.uint(32).uint(64).uint(threshold.into()).uint(wide(count));
    let message = (0..count).try_fold(message, |message, _| Ok(message.address(signers.address()?)))?;
    Ok((vault, message))
}

/// Reads name, LEI and jurisdiction, the first three members of a tuple.
pub fn identity(tuple: &mut Reader<'_>) -> Result<Identity, ringfence_platform::Refusal> {
    let (name, lei, jurisdiction) = (tuple.bytes()?, tuple.bytes()?, tuple.bytes()?);
    Ok(Identity::parse(name, lei, jurisdiction)?)
}

/// Three strings as the members of a tuple, without its offset.
#[inline(never)]
pub fn texts(identity: &Identity) -> Writer {
    let parts = [identity.name(), identity.lei().as_bytes().as_slice(), identity.jurisdiction().as_bytes()];
    let mut offset = 96_usize;
    let (mut head, mut tail) = (Writer::new(), Writer::new());
    for part in parts {
        head = head.uint(wide(offset));
        let padding = part.len().wrapping_neg() % 32;
        tail = tail.uint(wide(part.len())).raw(part).raw(&ink::prelude::vec![0; padding]);
        offset = offset.saturating_add(32).saturating_add(part.len()).saturating_add(padding);
    }
    head.raw(tail.as_bytes())
}

fn wide(length: usize) -> u128 {
    u128::try_from(length).unwrap_or(u128::MAX)
}

/// The items with these numbers that there are, as an array that is the only answer.
#[inline(never)]
pub fn page(numbers: core::ops::Range<u32>, write: &dyn Fn(u32, Writer) -> Option<Writer>) -> Vec<u8> {
    let mut count = 0u32;
    let mut body = Writer::new();
    for number in numbers {
        if let Some(item) = write(number, Writer::new()) {
            count = count.saturating_add(1);
            body = body.raw(item.as_bytes());
        }
    }
    Writer::new().uint(32u8).uint(count).raw(body.as_bytes()).finish()
}

/// A pair's record.
pub fn pair(writer: Writer, record: &PairRecord) -> Writer {
    let writer = writer.address(record.vault).address(record.party_a).address(record.party_b);
    let writer = writer.digest(record.terms_hash).digest(record.code_hash).digest(record.signers_hash);
    writer.uint(record.signer_epoch).uint(record.opened.get()).uint(u8::from(record.settled))
}

/// A series' record.
pub fn series(writer: Writer, record: &SeriesRecord) -> Writer {
    writer.address(record.bond).address(record.vault).digest(record.terms_hash).digest(record.code_hash)
}

/// An attested party.
pub fn attestation(writer: Writer, party: Address, known: &Attestation) -> Writer {
    writer.address(party).digest(known.owner).uint(known.until.get())
}

/// A pending change.
pub fn change(writer: Writer, scheduled: &Scheduled) -> Writer {
    let writer = writer.uint(scheduled.number).uint(scheduled.change.subject()).digest(scheduled.change.word());
    writer.uint(scheduled.made.get()).uint(scheduled.due.get()).uint(scheduled.expires.get())
}

/// The number of a reason.
pub const fn reason(reason: Reason) -> u8 {
    match reason {
        Reason::Declared => 0,
        Reason::Notice => 1,
        Reason::Capital => 2,
    }
}

/// The charter.
pub fn charter(state: &EntityState) -> Vec<u8> {
    let charter = &state.charter;
    let writer = Writer::new().address(charter.asset).amount(charter.asset_reserve).address(charter.rules);
    let writer = writer.digest(charter.vault_code).digest(charter.bond_code);
    let writer = writer.uint(charter.fee_cap.get()).uint(charter.delay.get());
    let writer = Role::ALL.into_iter().fold(writer, |writer, role| {
        let seat = charter.seat(role);
        writer.address(seat.holder).address(seat.nominee)
    });
    let writer = writer.uint(charter.paused_until.get()).uint(u8::from(charter.incorporated));
    let counts = [charter.pairs, charter.series, charter.attested, charter.changes];
    counts.into_iter().fold(writer, Writer::uint).finish()
}

/// The capital statement.
pub fn statement(state: &EntityState) -> Vec<u8> {
    let ledger = &state.ledger;
    let (stage, moment, why) = match ledger.stage {
        Stage::Running => (0u8, Timestamp::default(), 0),
        Stage::Noticed { until } => (1, until, 0),
        Stage::Resolving { since, reason: why } => (2, since, reason(why)),
        Stage::Reported { since, reason: why, .. } => (3, since, reason(why)),
    };
    let writer = Writer::new().amount(ledger.free).amount(ledger.reserve).amount(ledger.requirement);
    let writer = writer.uint(ledger.short_since.unwrap_or_default().get()).amount(ledger.surplus);
    let writer = writer.uint(stage).uint(moment.get()).uint(why);
    let writer = Class::ALL.into_iter().fold(writer, |writer, class| {
        let account = state.class(class);
        writer.amount(account.claims).amount(account.assigned).amount(account.paid)
    });
    [ledger.claims, ledger.told, ledger.settled].into_iter().fold(writer, Writer::uint).finish()
}
