//! The legal entity on chain: register, factory of pairs and series, ring-fenced first-loss capital, resolution.
//!
//! # Accounting
//! Free capital and a small reserve are the entity's own account; in a resolution, what was distributed to a class of
//! creditors or is left over joins them. Capital allocated to a vault is in that vault's ledger and in no other; the premium
//! of a series is in the bond's escrow, paid in full at issue. Free capital is unreachable from any vault.
//!
//! # Rounding
//! A creditor's share of what was distributed to its class is rounded down; what that leaves stays in the class and is gone
//! when the class is paid in full.
//!
//! # Roles
//! The admin opens pairs, issues series, allocates, releases and withdraws free capital, attests owners and admits claims.
//! The guardian pauses new risk for at most 72 hours, cancels scheduled changes and takes attestations back. The resolution
//! agent starts a resolution after notice, and speaks for the entity in it. The founder holds all three at first. None can
//! move a party's margin or a holder's principal: no message of a vault or a bond lets it. Everything that needs only facts
//! may be brought by anyone.
//!
//! # Changes
//! Nominees of roles, code of new vaults and bonds, rules, fee cap, delay, capital requirement, identity and documents change
//! only by a schedule: public for at least 48 hours, cancellable, executable by anyone for 14 days, one at a time for each
//! subject. No change reaches a running vault or bond.
//!
//! # Resolution
//! | step | by | when |
//! |---|---|---|
//! | `giveNotice` | the resolution agent | any time; from then on no free capital is withdrawn |
//! | `declareResolution` | the admin | any time |
//! | `startResolution` | anyone | seven days after notice, or 14 days after capital fell short |
//! | stay: no pair, series, cover, allocation or withdrawal | | from the start |
//! | `tellNext` | anyone | pairs run off, four at a time; after a day either party may leave at the last value |
//! | `admitClaim`, `reduceClaim` | the resolution agent | 30 days from the start |
//! | `settlePair` | anyone | a pair is at rest: its first loss and fees come back |
//! | `distribute` | anyone | after the 30 days, whenever capital is free: class by class, pro rata in a class |
//! | `collectClaim` | a claim's holder | whenever something was distributed to it |
//! | `report` | anyone | claims closed, all pairs at rest, all free capital distributed |
//!
//! # Estates
//! What a defaulter still owes, the order of its recoveries and who can collect them are in the pair's own vault, which takes
//! recoveries from anyone and pays what is the entity's into its first loss. Claims against the entity are receipts here: a
//! holder can transfer them.
//!
//! # Known limits
//! Whether an attestation, a claim or a document is true no contract can see. The issuer of the settlement asset can freeze
//! any account, the entity's included. An entity whose keys are all lost and whose capital is not short is not resolved by
//! anybody: its parties and holders get out by their own vaults and bonds, and its free capital stays.
#![cfg_attr(not(feature = "std"), no_std, no_main)]
// ink! generates the storage struct and its references without Debug.
#![allow(missing_debug_implementations)]

pub mod abi;
mod error;
mod event;

pub use self::entity::*;
pub use error::Error;
pub use event::*;

#[ink::contract]
mod entity {
    use crate::{
        abi::{self, offered},
        event,
    };
    use ink::{
        prelude::vec::Vec,
        storage::{Lazy, Mapping},
    };
    use ringfence_platform::{
        abi::{selector, Reader, SeriesTerms, Writer},
        ask, instantiate, message_arguments, this, Asset, Host, Message, Refusal, Stored,
    };
    use ringfence_protocol::{
        bond::BondTerms,
        entity::{
            different_owners, Applied, Attestation, Change, Charter, Claim, Class, EntityEnv, EntityError, EntityState,
            EntityStep, Founding, Identity, Ledger, PairRecord, Role, Scheduled, SeriesRecord, DOCUMENTS, PAGE,
            SUBJECTS,
        },
        keccak::hash_of,
        units::{Amount, Seconds, Timestamp as UnixTime},
        Digest, Keccak256, Transfer,
    };

    /// One value each, so that a message loads only what it needs.
    #[ink(storage)]
    pub struct Entity {
        charter: Lazy<Stored<Charter>>,
        ledger: Lazy<Stored<Ledger>>,
        identity: Lazy<Stored<Identity>>,
        documents: Mapping<u8, Digest>,
        pending: Mapping<u8, Stored<Pending>>,
        next_identity: Lazy<Stored<Identity>>,
        pairs: Mapping<u32, Stored<PairRecord>>,
        pair_of: Mapping<Address, u32>,
        series: Mapping<u32, Stored<SeriesRecord>>,
        series_of: Mapping<Address, u32>,
        attestations: Mapping<Address, Stored<Attestation>>,
        attested: Mapping<u32, Address>,
        claims: Mapping<u32, Stored<Claim>>,
    }

    /// A pending change: its number, value, when it was scheduled, is due and expires; number zero if there is none.
    type Pending = (u32, Digest, UnixTime, UnixTime, UnixTime);

    /// Phases of a vault, as its status shows them.
    const PROPOSED: u128 = 0;
    const CLOSED: u128 = 3;
    /// Words of a vault's status.
    const FIRST_LOSS: usize = 22;
    const FEES_DUE: usize = 34;
    /// Words of a bond's terms.
    const ATTACHMENT: usize = 3;
    const WAITING: usize = 17;
    /// The most estates of a pair, and the word of one that says what is the entity's.
    const ESTATES: u8 = 3;
    const ESTATE_FIRST_LOSS: usize = 3;

    impl Entity {
        /// Founds the entity: the caller holds every role. `rules` is the contract with the vaults' rules. `asset_reserve` is
        /// what every contract keeps back so that its account stays above the asset's minimum balance.
        #[ink(constructor)]
        pub fn new(
            asset: Address,
            rules: Address,
            vault_code: Digest,
            bond_code: Digest,
            asset_reserve: u128,
        ) -> Result<Self, Refusal> {
            let mut entity = Self {
                charter: Lazy::new(),
                ledger: Lazy::new(),
                identity: Lazy::new(),
                documents: Mapping::new(),
                pending: Mapping::new(),
                next_identity: Lazy::new(),
                pairs: Mapping::new(),
                pair_of: Mapping::new(),
                series: Mapping::new(),
                series_of: Mapping::new(),
                attestations: Mapping::new(),
                attested: Mapping::new(),
                claims: Mapping::new(),
            };
            let asset_reserve = Amount::new(asset_reserve);
            let founding = Founding { asset, rules, vault_code, bond_code, asset_reserve };
            let env = EntityEnv { now: UnixTime::new(Self::env().block_timestamp()), caller: Self::env().caller() };
            let step = EntityState::found(&env, &founding)?;
            entity.apply(step)?;
            Ok(entity)
        }

        /// The admin says once who the entity is.
        #[ink(message)]
        pub fn incorporate(&mut self, incorporation: abi::Incorporation) -> Result<(), Refusal> {
            drop(incorporation);
            let arguments = message_arguments();
            let mut tuple = Reader::new(&arguments).dynamic()?;
            let identity = abi::identity(&mut tuple)?;
            let (agreement, plan) = (tuple.digest()?, tuple.digest()?);
            let step = self.state().incorporate(&self.context(), &identity, agreement, plan)?;
            self.identity.set(&Stored(identity));
            self.documents.insert(0, &plan);
            self.documents.insert(1, &agreement);
            self.apply(step)
        }

        /// The authority schedules a change of a subject to a value of one word. Subjects: 0 to 2 nominee of a role, 3 code of
        /// vaults, 4 code of bonds, 5 rules, 6 delay, 7 capital requirement, 8 fee cap, from 16 documents by place.
        #[ink(message)]
        pub fn schedule(&mut self, subject: u8, value: Digest) -> Result<u32, Refusal> {
            self.put_on_schedule(Change::of_word(subject, value)?)
        }

        /// The authority schedules a change of name, LEI and jurisdiction.
        #[ink(message, name = "scheduleIdentity")]
        pub fn schedule_identity(&mut self, identity: abi::IdentityText) -> Result<u32, Refusal> {
            drop(identity);
            let arguments = message_arguments();
            let identity = abi::identity(&mut Reader::new(&arguments).dynamic()?)?;
            self.put_on_schedule(Change::Identity(identity))
        }

        /// The authority or the guardian takes a pending change back.
        #[ink(message, name = "cancelChange")]
        pub fn cancel_change(&mut self, subject: u8, number: u32) -> Result<(), Refusal> {
            let step = self.state().cancel(&self.context(), self.pending_of(subject), number)?;
            self.pending.insert(subject, &Stored(Pending::default()));
            self.apply(step)
        }

        /// Anyone executes a pending change that is due and not expired.
        #[ink(message, name = "executeChange")]
        pub fn execute_change(&mut self, subject: u8, number: u32) -> Result<(), Refusal> {
            let (step, applied) = self.state().execute(&self.context(), self.pending_of(subject), number)?;
            self.pending.insert(subject, &Stored(Pending::default()));
            match applied {
                Applied::State => {}
                Applied::Identity(identity) => self.identity.set(&Stored(identity)),
                Applied::Document(place, hash) => drop(self.documents.insert(place, &hash)),
            }
            self.apply(step)
        }

        /// The nominee of a role takes it over: 0 admin, 1 guardian, 2 resolution agent.
        #[ink(message, name = "acceptRole")]
        pub fn accept_role(&mut self, role: u8) -> Result<(), Refusal> {
            let step = self.state().accept_role(&self.context(), Role::numbered(role)?)?;
            self.apply(step)
        }

        /// The authority attests who owns a party, anew or again.
        #[ink(message, name = "attestOwner")]
        pub fn attest_owner(&mut self, party: Address, owner: Digest, until: u64) -> Result<(), Refusal> {
            let before = self.attestation_of(party);
            let until = UnixTime::new(until);
            let (step, after) = self.state().attest(&self.context(), before, party, owner, until)?;
            self.attested.insert(after.place, &party);
            self.attestations.insert(party, &Stored(after));
            self.apply(step)
        }

        /// The authority or the guardian takes an attestation back.
        #[ink(message, name = "revokeAttestation")]
        pub fn revoke_attestation(&mut self, party: Address) -> Result<(), Refusal> {
            let before = self.attestation_of(party);
            let (step, after) = self.state().revoke_attestation(&self.context(), before, party)?;
            self.attestations.insert(party, &Stored(after));
            self.apply(step)
        }

        /// The guardian pauses new pairs and series, for at most 72 hours.
        #[ink(message, name = "pauseNewRisk")]
        pub fn pause_new_risk(&mut self, span: u64) -> Result<(), Refusal> {
            let step = self.state().pause(&self.context(), Seconds::new(span))?;
            self.apply(step)
        }

        /// The admin opens a pair: instantiates a vault under `terms` and gives it its reserve. Its address follows from
        /// the terms, so the same terms open only once. Nothing is at risk before both parties have accepted them.
        #[ink(message, name = "openPair")]
        pub fn open_pair(&mut self, terms: ringfence_platform::abi::raw::CsaTerms) -> Result<Address, Refusal> {
            drop(terms);
            let terms = message_arguments();
            let read = offered(&terms).map_err(|_| EntityError::TermsMismatch)?;
            let (env, state) = (self.context(), self.state());
            // Everything is checked before anything is instantiated.
            state.check_pair(&env, this(), &read.offer)?;

            let code_hash = state.charter.vault_code;
            let salt = Host::keccak256(&terms);
            let vault = instantiate(code_hash, &terms, &salt.0).map_err(|_| EntityError::VaultNotOpened)?;
            let record = PairRecord {
                vault,
                party_a: read.parties.0,
                party_b: read.parties.1,
                terms_hash: terms_hash_of(vault)?,
                code_hash,
                signers_hash: read.signers_hash,
                signer_epoch: 0,
                opened: env.now,
                settled: false,
            };
            self.pairs.insert(state.charter.pairs, &Stored(record));
            self.pair_of.insert(vault, &state.charter.pairs);
            self.apply(state.pair_opened(&env, &record)?)?;
            tell(
                Message::new(const { selector("addReserve(uint128)") }).uint(state.charter.asset_reserve.get()),
                vault,
            )?;
            Ok(vault)
        }

        /// Anyone has a pair's record read again from its vault, after a replacement, an amendment or a rotation of signers.
        #[ink(message, name = "refreshPair")]
        pub fn refresh_pair(&mut self, vault: Address) -> Result<(), Refusal> {
            let (number, before) = self.pair_record(vault)?;
            let read =
                offered(&answer(vault, const { selector("terms()") })?).map_err(|_| EntityError::ChildCallFailed)?;
            let epoch = u64::try_from(word_at(&answer(vault, const { selector("mandate()") })?, 2)?);
            let signers = (read.signers_hash, epoch.map_err(|_| EntityError::ChildCallFailed)?);
            let (step, after) = self.state().pair_read(&before, read.parties, terms_hash_of(vault)?, signers);
            self.pairs.insert(number, &Stored(after));
            self.apply(step)
        }

        /// Anyone pays capital in, by an allowance given to the entity.
        #[ink(message, name = "depositCapital")]
        pub fn deposit_capital(&mut self, amount: u128) -> Result<(), Refusal> {
            self.run_with(EntityState::deposit, amount)
        }

        /// The admin takes free capital out, down to the requirement.
        #[ink(message, name = "withdrawCapital")]
        pub fn withdraw_capital(&mut self, amount: u128) -> Result<(), Refusal> {
            self.run_with(EntityState::withdraw, amount)
        }

        /// The admin ring-fences free capital to a vault.
        #[ink(message)]
        pub fn allocate(&mut self, vault: Address, amount: u128) -> Result<(), Refusal> {
            self.pair_record(vault)?;
            let step = self.state().allocate(&self.context(), vault, Amount::new(amount))?;
            self.apply(step)?;
            tell(Message::new(const { selector("addFirstLoss(uint128)") }).uint(amount), vault)
        }

        /// The admin takes capital back from a vault that does not need it; the vault decides. In a resolution anyone, from a
        /// pair at rest.
        #[ink(message)]
        pub fn release(&mut self, vault: Address, amount: u128) -> Result<(), Refusal> {
            self.pair_record(vault)?;
            let (env, state) = (self.context(), self.state());
            let rested = state.is_resolving() && at_rest(&answer(vault, const { selector("status()") })?)?;
            state.check_release(&env, rested)?;
            self.take_back(Message::new(const { selector("releaseFirstLoss(uint128)") }).uint(amount), vault)
        }

        /// The admin issues a series on a vault's tail and escrows its premium at the limit and the maximum spread for the
        /// whole period.
        #[ink(message, name = "issueSeries")]
        pub fn issue_series(&mut self, terms: SeriesTerms) -> Result<Address, Refusal> {
            let (env, state) = (self.context(), self.state());
            if terms.sponsor != this() || terms.asset != state.charter.asset {
                return Err(EntityError::TermsMismatch.into());
            }
            let vault = terms.vault;
            self.pair_record(vault)?;
            let limit = Amount::new(terms.limit);
            let premium = BondTerms::from(terms).premium_at_issue().map_err(|_| EntityError::SeriesNotIssued)?;
            let reserve = state.charter.asset_reserve;
            state.check_series(&env, premium.add(reserve)?)?;

            let (arguments, code_hash) = (message_arguments(), state.charter.bond_code);
            let terms_hash = Host::keccak256(&arguments);
            let bond = instantiate(code_hash, &arguments, &terms_hash.0).map_err(|_| EntityError::SeriesNotIssued)?;
            let record = SeriesRecord { bond, vault, terms_hash, code_hash };
            self.series.insert(state.charter.series, &Stored(record));
            self.series_of.insert(bond, &state.charter.series);
            self.apply(state.series_issued(&env, &record, limit, premium)?)?;
            tell(Message::new(const { selector("fundPremium(uint128)") }).uint(reserve.get()), bond)?;
            Ok(bond)
        }

        /// Puts a series on risk and registers it with its vault; anyone may, once its book is cleared, while the parties of
        /// the vault are attested to have different owners.
        #[ink(message, name = "activateSeries")]
        pub fn activate_series(&mut self, bond: Address) -> Result<(), Refusal> {
            let vault = self.series_record(bond)?.vault;
            let (a, b) = self.attestations_of(vault)?;
            let env = self.context();
            let attested_until = self.state().check_cover(&env, a, b)?;

            tell(Message::new(const { selector("activate()") }), bond)?;
            let status = answer(bond, const { selector("status()") })?;
            let (principal, maturity, claims_until) =
                (word_at(&status, 2)?, word_at(&status, 6)?, word_at(&status, 7)?);
            let terms = answer(bond, const { selector("terms()") })?;
            let (attachment, waiting) = (word_at(&terms, ATTACHMENT)?, word_at(&terms, WAITING)?);
            let register =
                const { selector("registerCover((address,uint128,uint128,uint64,uint64,uint64,uint64,uint64))") };
            let message = Message::new(register)
                .address(bond)
                .uint(attachment)
                .uint(principal)
                .uint(env.now.get().into())
                .uint(maturity)
                .uint(waiting)
                .uint(claims_until)
                .uint(attested_until.get().into());
            tell(message, vault)?;
            let data = Writer::new().uint(principal);
            event::deposit(const { hash_of("SeriesActivated(address,address,uint128)") }, &[bond, vault], data);
            Ok(())
        }

        /// Passes on to a vault until when its parties are attested to have different owners, after an attestation was renewed
        /// or taken back or a successor came: cover counts no longer than that. Anyone may; the vault keeps to a notice.
        #[ink(message, name = "attestOwners")]
        pub fn attest_owners(&mut self, vault: Address) -> Result<(), Refusal> {
            self.pair_record(vault)?;
            let (a, b) = self.attestations_of(vault)?;
            let until = different_owners(self.context().now, a, b).unwrap_or_default();
            tell(Message::new(const { selector("attestOwners(uint64)") }).uint(until.get().into()), vault)
        }

        /// Who speaks for the entity gives a vault notice of other signers, for a pair whose parties do not both sign. Either
        /// party may leave from a day later until they are taken up.
        #[ink(message, name = "noticeRotation")]
        pub fn notice_rotation(&mut self, notice: abi::NoticedRotation) -> Result<(), Refusal> {
            drop(notice);
            self.state().check_rotation(&self.context())?;
            let (vault, message) = abi::rotation_notice(&message_arguments())?;
            self.pair_record(vault)?;
            tell(message, vault)
        }

        /// Who speaks for the entity takes such a notice back.
        #[ink(message, name = "withdrawRotation")]
        pub fn withdraw_rotation(&mut self, vault: Address) -> Result<(), Refusal> {
            self.state().check_rotation(&self.context())?;
            self.pair_record(vault)?;
            tell(Message::new(const { selector("withdrawRotation()") }), vault)
        }

        /// The guardian pauses new risk in a vault, for at most 72 hours; the vault decides.
        #[ink(message, name = "pauseVault")]
        pub fn pause_vault(&mut self, vault: Address, span: u64) -> Result<(), Refusal> {
            self.state().check_vault_pause(&self.context())?;
            self.pair_record(vault)?;
            tell(Message::new(const { selector("pause(uint64)") }).uint(span.into()), vault)
        }

        /// The admin lets a pair run off: no new trades, and after a day's notice either party may leave at the last value. In
        /// a resolution anyone may.
        #[ink(message, name = "runOffVault")]
        pub fn run_off_vault(&mut self, vault: Address) -> Result<(), Refusal> {
            self.state().check_winding_up(&self.context())?;
            self.pair_record(vault)?;
            tell(Message::new(const { selector("beginRunOff()") }), vault)
        }

        /// Takes the fees that a vault has charged; anyone may.
        #[ink(message, name = "collectFees")]
        pub fn collect_fees(&mut self, vault: Address) -> Result<(), Refusal> {
            self.pair_record(vault)?;
            self.take_back(Message::new(const { selector("collectFees()") }), vault)
        }

        /// Reports to a series what an open default of its vault could still claim, so that as much is not redeemed; anyone
        /// may, as often as it changes. While the amount of a close-out is open that is all the principal; after it, what
        /// the vault's layers still have to pay.
        #[ink(message, name = "extendSeries")]
        pub fn extend_series(&mut self, bond: Address) -> Result<(), Refusal> {
            let claimable = claimable(self.series_record(bond)?.vault, bond)?;
            tell(Message::new(const { selector("extend(uint128)") }).uint(claimable), bond)
        }

        /// The admin, and in a resolution anyone, offers a series' holders to end it, once its vault is closed and claims
        /// nothing any more.
        #[ink(message, name = "commuteSeries")]
        pub fn commute_series(&mut self, bond: Address) -> Result<(), Refusal> {
            self.state().check_winding_up(&self.context())?;
            let vault = self.series_record(bond)?.vault;
            if phase_of(&answer(vault, const { selector("status()") })?)? != CLOSED || claimable(vault, bond)? != 0 {
                return Err(EntityError::CoverNeeded.into());
            }
            tell(Message::new(const { selector("proposeCommutation()") }), bond)
        }

        /// Takes back premium that a series will not need; anyone may.
        #[ink(message, name = "collectPremium")]
        pub fn collect_premium(&mut self, bond: Address) -> Result<(), Refusal> {
            self.series_record(bond)?;
            self.take_back(Message::new(const { selector("refundSponsor()") }), bond)
        }

        /// The resolution agent gives notice.
        #[ink(message, name = "giveNotice")]
        pub fn give_notice(&mut self) -> Result<(), Refusal> {
            self.run(EntityState::give_notice)
        }

        /// The resolution agent takes its notice back.
        #[ink(message, name = "withdrawNotice")]
        pub fn withdraw_notice(&mut self) -> Result<(), Refusal> {
            self.run(EntityState::withdraw_notice)
        }

        /// The admin declares that the entity is to be resolved.
        #[ink(message, name = "declareResolution")]
        pub fn declare_resolution(&mut self) -> Result<(), Refusal> {
            self.run(EntityState::declare_resolution)
        }

        /// Anyone starts a resolution, after the agent's notice or a shortage of capital.
        #[ink(message, name = "startResolution")]
        pub fn start_resolution(&mut self) -> Result<(), Refusal> {
            self.run(EntityState::start_resolution)
        }

        /// Anyone has the next pairs told to run off, at most four. One that can't be told, because it is over or runs off
        /// already, is passed over.
        #[ink(message, name = "tellNext")]
        pub fn tell_next(&mut self, most: u32) -> Result<(), Refusal> {
            let (step, told) = self.state().tell_next(most)?;
            self.apply(step)?;
            for number in told {
                let record = self.pairs.get(number).ok_or(EntityError::UnknownVault)?.0;
                let _ = tell(Message::new(const { selector("beginRunOff()") }), record.vault);
            }
            Ok(())
        }

        /// Anyone has a pair ticked off that is at rest, in a resolution: what is the entity's in it comes back.
        #[ink(message, name = "settlePair")]
        pub fn settle_pair(&mut self, vault: Address) -> Result<(), Refusal> {
            let (number, record) = self.pair_record(vault)?;
            let status = answer(vault, const { selector("status()") })?;
            let (step, after) = self.state().settle_pair(record, at_rest(&status)?)?;
            self.pairs.insert(number, &Stored(after));
            self.apply(step)?;
            let (first_loss, fees) = (word_at(&status, FIRST_LOSS)?, word_at(&status, FEES_DUE)?);
            if first_loss > 0 {
                self.take_back(Message::new(const { selector("releaseFirstLoss(uint128)") }).uint(first_loss), vault)?;
            }
            if fees > 0 {
                self.take_back(Message::new(const { selector("collectFees()") }), vault)?;
            }
            Ok(())
        }

        /// The authority admits a claim against the entity: 0 administration, 1 preferential, 2 ordinary, 3 subordinated.
        /// Answers with its number.
        #[ink(message, name = "admitClaim")]
        pub fn admit_claim(
            &mut self,
            class: u8,
            holder: Address,
            amount: u128,
            evidence: Digest,
        ) -> Result<u32, Refusal> {
            let (class, amount) = (Class::numbered(class)?, Amount::new(amount));
            let (step, number, claim) = self.state().admit_claim(&self.context(), class, holder, amount, evidence)?;
            self.keep_claim(number, claim, step)?;
            Ok(number)
        }

        /// Lowers a claim: its holder, or the resolution agent in a resolution.
        #[ink(message, name = "reduceClaim")]
        pub fn reduce_claim(&mut self, number: u32, to: u128) -> Result<(), Refusal> {
            let (state, claim) = (self.state(), self.claim(number)?);
            let (step, claim) = state.reduce_claim(&self.context(), number, claim, Amount::new(to))?;
            self.keep_claim(number, claim, step)
        }

        /// The holder passes a claim on.
        #[ink(message, name = "transferClaim")]
        pub fn transfer_claim(&mut self, number: u32, to: Address) -> Result<(), Refusal> {
            let (step, claim) = self.state().transfer_claim(&self.context(), number, self.claim(number)?, to)?;
            self.keep_claim(number, claim, step)
        }

        /// The holder takes out what was distributed to a claim.
        #[ink(message, name = "collectClaim")]
        pub fn collect_claim(&mut self, number: u32) -> Result<(), Refusal> {
            let (step, claim) = self.state().collect_claim(&self.context(), number, self.claim(number)?)?;
            self.keep_claim(number, claim, step)
        }

        /// Anyone has all free capital distributed to the classes of creditors, once claims are closed.
        #[ink(message)]
        pub fn distribute(&mut self) -> Result<(), Refusal> {
            self.run(EntityState::distribute)
        }

        /// Anyone makes the final report.
        #[ink(message)]
        pub fn report(&mut self) -> Result<(), Refusal> {
            self.run(EntityState::report)
        }

        /// The admin takes out what is left when every claim is paid in full.
        #[ink(message, name = "withdrawSurplus")]
        pub fn withdraw_surplus(&mut self, amount: u128) -> Result<(), Refusal> {
            self.run_with(EntityState::withdraw_surplus, amount)
        }

        /// Admin, free capital and reserve.
        #[ink(message)]
        pub fn capital(&self) -> (Address, u128, u128) {
            let EntityState { charter, ledger } = self.state();
            (charter.seat(Role::Admin).holder, ledger.free.get(), ledger.reserve.get())
        }

        /// The capital statement. Premium is paid in full at issue, so the entity never owes any; what of it is in a bond's escrow,
        /// the bond's status says.
        #[ink(message)]
        pub fn statement(&self) -> abi::Statement {
            abi::Statement(abi::statement(&self.state()))
        }

        /// All that the entity's account has to hold; its balance is at least this.
        #[ink(message)]
        pub fn liabilities(&self) -> Result<u128, Refusal> {
            Ok(self.state().liabilities()?.get())
        }

        /// What is the entity's in a vault: first loss, fees due, and what estates of past defaults owe to it.
        #[ink(message, name = "capitalIn")]
        pub fn capital_in(&self, vault: Address) -> Result<(u128, u128, u128), Refusal> {
            self.pair_record(vault)?;
            let status = answer(vault, const { selector("status()") })?;
            let mut claims = Amount::ZERO;
            for index in 0..ESTATES {
                // There is none of a higher index either.
                let Ok(estate) =
                    ask(vault, Writer::calling(const { selector("estate(uint8)") }).uint(index).as_bytes())
                else {
                    break;
                };
                claims.put(Amount::new(word_at(&estate, ESTATE_FIRST_LOSS)?))?;
            }
            Ok((word_at(&status, FIRST_LOSS)?, word_at(&status, FEES_DUE)?, claims.get()))
        }

        /// Roles, codes and limits.
        #[ink(message)]
        pub fn charter(&self) -> abi::CharterView {
            abi::CharterView(abi::charter(&self.state()))
        }

        /// Name, LEI and jurisdiction; empty before the entity is incorporated.
        #[ink(message)]
        pub fn identity(&self) -> abi::IdentityText {
            let identity = self.identity.get().unwrap_or_default().0;
            abi::IdentityText(Writer::new().uint(32u8).raw(abi::texts(&identity).as_bytes()).finish())
        }

        /// Hashes of documents, the resolution plan's first.
        #[ink(message)]
        pub fn documents(&self) -> abi::Documents {
            let hash = |place| self.documents.get(place).unwrap_or_default();
            let words = (0..DOCUMENTS).fold(Writer::new(), |writer, place| writer.digest(hash(place)));
            abi::Documents(words.finish())
        }

        /// Pending changes, by subject.
        #[ink(message)]
        pub fn changes(&self) -> abi::Changes {
            let pending = |subject: u32, writer| {
                let scheduled = self.pending_of(u8::try_from(subject).ok()?)?;
                Some(abi::change(writer, &scheduled))
            };
            abi::Changes(abi::page(0..SUBJECTS.into(), &pending))
        }

        /// How many pairs were opened.
        #[ink(message, name = "pairCount")]
        pub fn pair_count(&self) -> u32 {
            self.state().charter.pairs
        }

        /// The vault of a pair by its number; zero if there is none.
        #[ink(message, name = "pairAt")]
        pub fn pair_at(&self, index: u32) -> Address {
            self.pairs.get(index).map_or(Address::zero(), |record| record.0.vault)
        }

        /// A page of pairs: at most eight, from a number on.
        #[ink(message)]
        pub fn pairs(&self, from: u32) -> abi::Pairs {
            let pair = |number, writer| Some(abi::pair(writer, &self.pairs.get(number)?.0));
            abi::Pairs(abi::page(numbers(from), &pair))
        }

        /// The vault that a series covers; zero if the entity did not issue it.
        #[ink(message, name = "seriesVault")]
        pub fn series_vault(&self, bond: Address) -> Address {
            self.series_record(bond).map_or(Address::zero(), |record| record.vault)
        }

        /// A page of series.
        #[ink(message)]
        pub fn series(&self, from: u32) -> abi::SeriesPage {
            let series = |number, writer| Some(abi::series(writer, &self.series.get(number)?.0));
            abi::SeriesPage(abi::page(numbers(from), &series))
        }

        /// A page of attested parties.
        #[ink(message)]
        pub fn attestations(&self, from: u32) -> abi::Attestations {
            let known = |number, writer| {
                let party = self.attested.get(number)?;
                Some(abi::attestation(writer, party, &self.attestation_of(party)?))
            };
            abi::Attestations(abi::page(numbers(from), &known))
        }

        /// Whether two parties are attested to have different owners now, and until when; zero if not.
        #[ink(message, name = "differentOwners")]
        pub fn different_owners(&self, a: Address, b: Address) -> (bool, u64) {
            let until = different_owners(self.context().now, self.attestation_of(a), self.attestation_of(b));
            (until.is_ok(), until.unwrap_or_default().get())
        }

        /// A page of claims, with what each could take out now.
        #[ink(message)]
        pub fn claims(&self, from: u32) -> abi::Claims {
            let state = self.state();
            let claim = |number, writer: Writer| {
                let claim = self.claims.get(number)?.0;
                let writer = writer.uint(claim.class.number()).address(claim.holder).amount(claim.amount);
                let payable = state.payable(&claim).unwrap_or_default();
                Some(writer.amount(claim.paid).amount(payable).digest(claim.evidence))
            };
            abi::Claims(abi::page(numbers(from), &claim))
        }

        #[inline(never)]
        fn context(&self) -> EntityEnv {
            EntityEnv { now: UnixTime::new(self.env().block_timestamp()), caller: self.env().caller() }
        }

        #[inline(never)]
        fn state(&self) -> EntityState {
            let charter = self.charter.get().expect("set by the constructor").0;
            EntityState { charter, ledger: self.ledger.get().expect("set by the constructor").0 }
        }

        #[inline(never)]
        fn pair_record(&self, vault: Address) -> Result<(u32, PairRecord), Refusal> {
            let number = self.pair_of.get(vault).ok_or(EntityError::UnknownVault)?;
            Ok((number, self.pairs.get(number).ok_or(EntityError::UnknownVault)?.0))
        }

        #[inline(never)]
        fn series_record(&self, bond: Address) -> Result<SeriesRecord, Refusal> {
            let number = self.series_of.get(bond).ok_or(EntityError::UnknownSeries)?;
            Ok(self.series.get(number).ok_or(EntityError::UnknownSeries)?.0)
        }

        #[inline(never)]
        fn attestation_of(&self, party: Address) -> Option<Attestation> {
            self.attestations.get(party).map(|known| known.0)
        }

        /// Of both parties of a vault, as they are now.
        #[inline(never)]
        fn attestations_of(&self, vault: Address) -> Result<(Option<Attestation>, Option<Attestation>), Refusal> {
            let terms = answer(vault, const { selector("terms()") })?;
            let (a, b) = offered(&terms).map_err(|_| EntityError::ChildCallFailed)?.parties;
            Ok((self.attestation_of(a), self.attestation_of(b)))
        }

        #[inline(never)]
        fn pending_of(&self, subject: u8) -> Option<Scheduled> {
            let Stored((number, value, made, due, expires)) = self.pending.get(subject)?;
            if number == 0 {
                return None;
            }
            let change = match Change::of_word(subject, value) {
                Ok(change) => change,
                // The only change that does not fit a word; it has a place of its own.
                Err(_) => Change::Identity(self.next_identity.get()?.0),
            };
            Some(Scheduled { number, change, made, due, expires })
        }

        #[inline(never)]
        fn claim(&self, number: u32) -> Result<Claim, Refusal> {
            Ok(self.claims.get(number).ok_or(EntityError::UnknownClaim)?.0)
        }

        #[inline(never)]
        fn keep_claim(&mut self, number: u32, claim: Claim, step: EntityStep) -> Result<(), Refusal> {
            self.claims.insert(number, &Stored(claim));
            self.apply(step)
        }

        #[inline(never)]
        fn put_on_schedule(&mut self, change: Change) -> Result<u32, Refusal> {
            let subject = change.subject();
            let (step, scheduled) = self.state().schedule(&self.context(), self.pending_of(subject), change)?;
            let Scheduled { number, change, made, due, expires } = scheduled;
            self.pending.insert(subject, &Stored((number, change.word(), made, due, expires)));
            if let Change::Identity(identity) = change {
                self.next_identity.set(&Stored(identity));
            }
            self.apply(step)?;
            Ok(number)
        }

        /// Runs a command that takes nothing.
        #[inline(never)]
        fn run(
            &mut self,
            command: fn(EntityState, &EntityEnv) -> Result<EntityStep, EntityError>,
        ) -> Result<(), Refusal> {
            let step = command(self.state(), &self.context())?;
            self.apply(step)
        }

        /// Runs a command that takes an amount.
        #[inline(never)]
        fn run_with(
            &mut self,
            command: fn(EntityState, &EntityEnv, Amount) -> Result<EntityStep, EntityError>,
            amount: u128,
        ) -> Result<(), Refusal> {
            let step = command(self.state(), &self.context(), Amount::new(amount))?;
            self.apply(step)
        }

        /// Stores, emits, transfers: effects before interactions.
        #[inline(never)]
        fn apply(&mut self, step: EntityStep) -> Result<(), Refusal> {
            let EntityStep { state, events, transfers } = step;
            self.charter.set(&Stored(state.charter));
            self.ledger.set(&Stored(state.ledger));
            events.iter().for_each(event::emit);
            pay(state.charter.asset, &transfers)
        }

        /// Has a child pay and books exactly what arrived.
        #[inline(never)]
        fn take_back(&mut self, message: Message, child: Address) -> Result<(), Refusal> {
            let asset = Asset(self.state().charter.asset);
            let before = asset.own_balance()?;
            tell(message, child)?;
            let arrived = asset.own_balance()?.sub(before)?;
            let step = self.state().returned(&self.context(), child, arrived)?;
            self.apply(step)
        }
    }

    fn pay(asset: Address, transfers: &[Transfer]) -> Result<(), Refusal> {
        Asset(asset).make(transfers)?;
        Ok(())
    }

    #[inline(never)]
    fn tell(message: Message, child: Address) -> Result<(), Refusal> {
        message.send(child).map(drop).map_err(|_| EntityError::ChildCallFailed.into())
    }

    /// What one of the entity's own vaults or bonds answers to a view without arguments.
    #[inline(never)]
    fn answer(child: Address, view: [u8; 4]) -> Result<Vec<u8>, Refusal> {
        ask(child, Writer::calling(view).as_bytes()).map_err(|_| EntityError::ChildCallFailed.into())
    }

    /// The word of an answer as an unsigned integer.
    #[inline(never)]
    fn word_at(answer: &[u8], index: usize) -> Result<u128, Refusal> {
        let word = answer.chunks_exact(32).nth(index).ok_or(EntityError::ChildCallFailed)?;
        Reader::new(word).uint128().map_err(|_| EntityError::ChildCallFailed.into())
    }

    fn phase_of(status: &[u8]) -> Result<u128, Refusal> {
        word_at(status, 0)
    }

    /// True if a pair is closed, or was never accepted.
    #[inline(never)]
    fn at_rest(status: &[u8]) -> Result<bool, Refusal> {
        Ok(matches!(phase_of(status)?, PROPOSED | CLOSED))
    }

    /// The most that a vault may still claim from a series.
    #[inline(never)]
    fn claimable(vault: Address, bond: Address) -> Result<u128, Refusal> {
        let question = Writer::calling(const { selector("claimable(address)") }).address(bond);
        word_at(&ask(vault, question.as_bytes()).map_err(|_| EntityError::ChildCallFailed)?, 0)
    }

    #[inline(never)]
    fn terms_hash_of(vault: Address) -> Result<Digest, Refusal> {
        let answer = answer(vault, const { selector("termsHash()") })?;
        Ok(Digest::from(*answer.first_chunk().ok_or(EntityError::ChildCallFailed)?))
    }

    /// The numbers of a page.
    fn numbers(from: u32) -> core::ops::Range<u32> {
        from..from.saturating_add(PAGE)
    }
}
