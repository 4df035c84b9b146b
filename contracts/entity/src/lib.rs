//! The legal entity on chain: opens pairs and series, ring-fences first-loss capital.
//!
//! # Accounting
//! Free capital and a small reserve are the entity's own account. Capital allocated to a vault is in that vault's ledger
//! and in no other; the premium of a series is in the bond's escrow. Free capital is unreachable from any vault.
//!
//! # Roles
//! The admin opens pairs, issues series, allocates, releases and withdraws free capital; it hands over in two steps. It
//! can't move a party's margin or a holder's principal: no message of a vault or a bond lets it.
//! Anyone deposits capital and activates a series whose subscription is over.
//!
//! # Known limits
//! Legal name, LEI and document hashes, the timelock, the guardian, attestations and resolution are not in this version.
#![cfg_attr(not(feature = "std"), no_std, no_main)]
// ink! generates the storage struct and its references without Debug.
#![allow(missing_debug_implementations)]

mod error;
mod event;

pub use self::entity::*;
pub use error::Error;
pub use event::*;

#[ink::contract]
mod entity {
    use crate::{error::Error, event};
    use ink::storage::{Lazy, Mapping};
    use ringfence_platform::{
        abi::{self, raw, selector},
        instantiate, message_arguments, this,
        vault::roles_of,
        Asset, Host, Message, Stored,
    };
    use ringfence_protocol::{
        bond::BondTerms,
        entity::{EntityState, EntityStep},
        units::{Amount, Timestamp as UnixTime},
        Digest, Transfer,
    };
    use ringfence_tail_risk_bond::TailRiskBondRef;

    /// One value each, so that a message loads only what it needs.
    #[ink(storage)]
    pub struct Entity {
        asset: Address,
        rules: Address,
        vault_code: Digest,
        bond_code: Digest,
        asset_reserve: u128,
        pairs: u32,
        state: Lazy<Stored<EntityState>>,
        pair_at: Mapping<u32, Address>,
        is_vault: Mapping<Address, bool>,
        series: Mapping<Address, Address>,
    }

    /// Phases of a vault, as its status shows them.
    const DEFAULTED: u128 = 2;
    const CLOSED: u128 = 3;

    fn vault_phase(vault: Address) -> Result<u128, Error> {
        Message::new(const { selector("status()") }).ask(vault, 0).map_err(|_| Error::ChildCallFailed)
    }

    impl Entity {
        /// Founds the entity: the caller is the admin. `rules` is the contract with the vaults' rules. `asset_reserve` is
        /// what every contract keeps back so that its account stays above the asset's minimum balance.
        #[ink(constructor)]
        pub fn new(
            asset: Address,
            rules: Address,
            vault_code: Digest,
            bond_code: Digest,
            asset_reserve: u128,
        ) -> Result<Self, Error> {
            if asset.is_zero() || rules.is_zero() {
                return Err(Error::InvalidAddress);
            }
            let mut entity = Self {
                asset,
                rules,
                vault_code,
                bond_code,
                asset_reserve,
                pairs: 0,
                state: Lazy::new(),
                pair_at: Mapping::new(),
                is_vault: Mapping::new(),
                series: Mapping::new(),
            };
            let admin = ink::env::caller();
            entity.state.set(&Stored(EntityState { admin, ..Default::default() }));
            Ok(entity)
        }

        /// The admin opens a pair: instantiates a vault under `terms` and gives it its reserve. Its address follows from
        /// the terms, so the same terms open only once.
        #[ink(message, name = "openPair")]
        pub fn open_pair(&mut self, terms: raw::CsaTerms) -> Result<Address, Error> {
            drop(terms);
            let terms = message_arguments();
            let roles = roles_of(&terms).map_err(|_| Error::TermsMismatch)?;
            if roles.entity != this() || roles.asset != self.asset || roles.rules != self.rules {
                return Err(Error::TermsMismatch);
            }
            // The admin's right and the free capital are checked before anything is instantiated.
            self.state().check_allocation(self.env().caller(), Amount::new(self.asset_reserve))?;

            let salt = <Host as ringfence_protocol::Keccak256>::keccak256(&terms);
            let vault = instantiate(self.vault_code, &terms, &salt.0).map_err(|_| Error::VaultNotOpened)?;
            self.pair_at.insert(self.pairs, &vault);
            self.pairs = self.pairs.checked_add(1).ok_or(Error::ArithmeticOverflow)?;
            self.is_vault.insert(vault, &true);
            let answer =
                Message::new(const { selector("termsHash()") }).send(vault).map_err(|_| Error::ChildCallFailed)?;
            let terms_hash = Digest::from(*answer.first_chunk().ok_or(Error::ChildCallFailed)?);
            let (party_a, party_b) = (roles.party_a, roles.party_b);
            ink::env::emit_event(event::PairOpened { vault, party_a, party_b, terms_hash });

            let step = self.state().allocate(self.env().caller(), vault, Amount::new(self.asset_reserve))?;
            self.apply(step)?;
            self.tell(Message::new(const { selector("addReserve(uint128)") }).uint(self.asset_reserve), vault)?;
            Ok(vault)
        }

        /// Anyone pays capital in, by an allowance given to the entity.
        #[ink(message, name = "depositCapital")]
        pub fn deposit_capital(&mut self, amount: u128) -> Result<(), Error> {
            let reserve = Amount::new(self.asset_reserve);
            let step = self.state().deposit(self.env().caller(), Amount::new(amount), reserve)?;
            self.apply(step)
        }

        /// The admin takes free capital out.
        #[ink(message, name = "withdrawCapital")]
        pub fn withdraw_capital(&mut self, amount: u128) -> Result<(), Error> {
            let step = self.state().withdraw(self.env().caller(), Amount::new(amount))?;
            self.apply(step)
        }

        /// The admin ring-fences free capital to a vault.
        #[ink(message)]
        pub fn allocate(&mut self, vault: Address, amount: u128) -> Result<(), Error> {
            self.check_vault(vault)?;
            let step = self.state().allocate(self.env().caller(), vault, Amount::new(amount))?;
            self.apply(step)?;
            self.tell(Message::new(const { selector("addFirstLoss(uint128)") }).uint(amount), vault)
        }

        /// The admin takes capital back from a vault that does not need it; the vault decides.
        #[ink(message)]
        pub fn release(&mut self, vault: Address, amount: u128) -> Result<(), Error> {
            self.state().only_admin(self.env().caller())?;
            self.check_vault(vault)?;
            self.take_back(Message::new(const { selector("releaseFirstLoss(uint128)") }).uint(amount), vault)
        }

        /// The admin issues a series on a vault's tail and escrows its premium at the limit and the maximum spread for the
        /// whole period.
        #[ink(message, name = "issueSeries")]
        pub fn issue_series(&mut self, terms: abi::SeriesTerms) -> Result<Address, Error> {
            if terms.sponsor != this() || terms.asset != self.asset {
                return Err(Error::TermsMismatch);
            }
            self.check_vault(terms.vault)?;
            let (vault, limit) = (terms.vault, terms.limit);
            let protocol_terms = BondTerms::from(terms);
            let premium = protocol_terms.premium_at_issue().map_err(|_| Error::SeriesNotIssued)?;
            let reserve = Amount::new(self.asset_reserve);
            let payment = premium.add(reserve)?;
            self.state().check_allocation(self.env().caller(), payment)?;

            let salt = <Host as ringfence_protocol::Keccak256>::keccak256(&ink::SolEncode::encode(&terms));
            let bond = TailRiskBondRef::new(terms)
                .code_hash(self.bond_code)
                .endowment(ink::U256::zero())
                .salt_bytes(Some(salt.0))
                .try_instantiate()
                .ok()
                .and_then(Result::ok)
                .and_then(Result::ok)
                .map(|bond| ink::ToAddr::to_addr(&bond))
                .ok_or(Error::SeriesNotIssued)?;
            self.series.insert(bond, &vault);
            ink::env::emit_event(event::SeriesIssued { bond, vault, limit, premium: premium.get() });

            let step = self.state().allocate(self.env().caller(), bond, payment)?;
            self.apply(step)?;
            self.tell(Message::new(const { selector("fundPremium(uint128)") }).uint(reserve.get()), bond)?;
            Ok(bond)
        }

        /// Puts a series on risk and registers it with its vault; anyone may, once its book is cleared.
        #[ink(message, name = "activateSeries")]
        pub fn activate_series(&mut self, bond: Address) -> Result<(), Error> {
            let vault = self.series.get(bond).ok_or(Error::UnknownSeries)?;
            self.tell(Message::new(const { selector("activate()") }), bond)?;
            let word = |index| {
                Message::new(const { selector("status()") }).ask(bond, index).map_err(|_| Error::ChildCallFailed)
            };
            let (principal, maturity, claims_until) = (word(2)?, word(6)?, word(7)?);
            let attachment =
                Message::new(const { selector("terms()") }).ask(bond, 3).map_err(|_| Error::ChildCallFailed)?;
            let now = UnixTime::new(self.env().block_timestamp());
            let message =
                Message::new(const { selector("registerCover((address,uint128,uint128,uint64,uint64,uint64))") })
                    .address(bond)
                    .uint(attachment)
                    .uint(principal)
                    .uint(now.get().into())
                    .uint(maturity)
                    .uint(claims_until);
            self.tell(message, vault)?;
            ink::env::emit_event(event::SeriesActivated { bond, vault, principal });
            Ok(())
        }

        /// The admin pauses new risk in a vault, for at most 72 hours; the vault decides.
        #[ink(message, name = "pauseVault")]
        pub fn pause_vault(&mut self, vault: Address, span: u64) -> Result<(), Error> {
            self.state().only_admin(self.env().caller())?;
            self.check_vault(vault)?;
            self.tell(Message::new(const { selector("pause(uint64)") }).uint(span.into()), vault)
        }

        /// The admin lets a pair run off: no new trades, and after a day's notice either party may leave at the last value.
        #[ink(message, name = "runOffVault")]
        pub fn run_off_vault(&mut self, vault: Address) -> Result<(), Error> {
            self.state().only_admin(self.env().caller())?;
            self.check_vault(vault)?;
            self.tell(Message::new(const { selector("beginRunOff()") }), vault)
        }

        /// Takes the fees that a vault has charged; anyone may.
        #[ink(message, name = "collectFees")]
        pub fn collect_fees(&mut self, vault: Address) -> Result<(), Error> {
            self.check_vault(vault)?;
            self.take_back(Message::new(const { selector("collectFees()") }), vault)
        }

        /// Reports to a series what an open default of its vault could still claim, so that as much is not redeemed; anyone
        /// may, as often as it changes. While the amount of a close-out is open that is all the principal; after it, what
        /// the vault's layers still have to pay.
        #[ink(message, name = "extendSeries")]
        pub fn extend_series(&mut self, bond: Address) -> Result<(), Error> {
            let vault = self.series.get(bond).ok_or(Error::UnknownSeries)?;
            let claimable = self.claimable(vault)?;
            self.tell(Message::new(const { selector("extend(uint128)") }).uint(claimable), bond)
        }

        /// The admin offers a series' holders to end it, once its vault is closed and claims nothing any more.
        #[ink(message, name = "commuteSeries")]
        pub fn commute_series(&mut self, bond: Address) -> Result<(), Error> {
            self.state().only_admin(self.env().caller())?;
            let vault = self.series.get(bond).ok_or(Error::UnknownSeries)?;
            if vault_phase(vault)? != CLOSED || self.claimable(vault)? != 0 {
                return Err(Error::CoverNeeded);
            }
            self.tell(Message::new(const { selector("proposeCommutation()") }), bond)
        }

        /// Takes back premium that a series will not need; anyone may.
        #[ink(message, name = "collectPremium")]
        pub fn collect_premium(&mut self, bond: Address) -> Result<(), Error> {
            self.series.get(bond).ok_or(Error::UnknownSeries)?;
            self.take_back(Message::new(const { selector("refundSponsor()") }), bond)
        }

        /// The admin nominates its successor.
        #[ink(message, name = "nominateAdmin")]
        pub fn nominate_admin(&mut self, nominee: Address) -> Result<(), Error> {
            let state = self.state().nominate(self.env().caller(), nominee)?;
            self.state.set(&Stored(state));
            ink::env::emit_event(event::AdminNominated { nominee });
            Ok(())
        }

        /// The nominee takes over.
        #[ink(message, name = "acceptAdmin")]
        pub fn accept_admin(&mut self) -> Result<(), Error> {
            let state = self.state().accept_nomination(self.env().caller())?;
            self.state.set(&Stored(state));
            ink::env::emit_event(event::AdminChanged { admin: state.admin });
            Ok(())
        }

        /// Admin, free capital and reserve.
        #[ink(message)]
        pub fn capital(&self) -> (Address, u128, u128) {
            let state = self.state();
            (state.admin, state.free.get(), state.reserve.get())
        }

        /// How many pairs were opened.
        #[ink(message, name = "pairCount")]
        pub fn pair_count(&self) -> u32 {
            self.pairs
        }

        /// The vault of a pair by its number; zero if there is none.
        #[ink(message, name = "pairAt")]
        pub fn pair_at(&self, index: u32) -> Address {
            self.pair_at.get(index).unwrap_or(Address::zero())
        }

        /// The vault that a series covers; zero if the entity did not issue it.
        #[ink(message, name = "seriesVault")]
        pub fn series_vault(&self, bond: Address) -> Address {
            self.series.get(bond).unwrap_or(Address::zero())
        }

        fn state(&self) -> EntityState {
            self.state.get().expect("set by the constructor").0
        }

        /// The most that an open default of a vault could still claim from a series.
        fn claimable(&self, vault: Address) -> Result<u128, Error> {
            match vault_phase(vault)? {
                DEFAULTED => Ok(u128::MAX),
                CLOSED => {
                    Message::new(const { selector("coverDue()") }).ask(vault, 0).map_err(|_| Error::ChildCallFailed)
                }
                _ => Ok(0),
            }
        }

        fn check_vault(&self, vault: Address) -> Result<(), Error> {
            if self.is_vault.get(vault).unwrap_or(false) {
                return Ok(());
            }
            Err(Error::UnknownVault)
        }

        /// Stores, emits, transfers: effects before interactions.
        fn apply(&mut self, step: EntityStep) -> Result<(), Error> {
            self.state.set(&Stored(step.state));
            step.events.iter().for_each(event::emit);
            self.pay(&step.transfers)
        }

        fn pay(&self, transfers: &[Transfer]) -> Result<(), Error> {
            Asset(self.asset).make(transfers)?;
            Ok(())
        }

        fn tell(&self, message: Message, child: Address) -> Result<(), Error> {
            message.send(child).map(drop).map_err(|_| Error::ChildCallFailed)
        }

        /// Has a child pay and books exactly what arrived.
        fn take_back(&mut self, message: Message, child: Address) -> Result<(), Error> {
            let asset = Asset(self.asset);
            let before = asset.own_balance()?;
            self.tell(message, child)?;
            let arrived = asset.own_balance()?.sub(before)?;
            let step = self.state().returned(child, arrived)?;
            self.apply(step)
        }
    }
}
