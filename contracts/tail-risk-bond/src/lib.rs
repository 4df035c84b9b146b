//! One tail-risk bond series on one vault; its note is an ERC-20.
//!
//! # Accounting
//! Principal, premium in escrow, premium due back to the sponsor and a small reserve are liabilities; the asset balance is
//! at least their sum. Notes are face: a loss changes the principal behind all notes at once, never a balance.
//!
//! # Rounding
//! Always in favour of the escrow: premium into it rounds up, accrual and redemption round down.
//!
//! # Trigger
//! Only the covered vault claims, only in its waterfall, until the extension after maturity has passed.
//!
//! # Roles
//! The sponsor (the entity) funds the premium and puts the series on risk; it can't touch principal. Nobody else has a role.
//!
//! # Ways out
//! Failed series: `redeem` at once. On risk: `takePremium` at any time, `redeem` after maturity and extension. A sponsor
//! that does nothing: `expire` by anyone a day after the subscription ended, then `redeem`.
//!
//! # Known limits
//! The spread is fixed at issue: the book-build is not in this version. Principal stays for the whole extension whether or
//! not a default is open. Money recovered later does not write notes up yet.
#![cfg_attr(not(feature = "std"), no_std, no_main)]
// ink! generates the storage struct and its references without Debug.
#![allow(missing_debug_implementations)]

mod error;
mod event;

pub use self::tail_risk_bond::*;
pub use error::Error;
pub use event::*;

#[ink::contract]
mod tail_risk_bond {
    use crate::{error::Error, event};
    use ink::{
        prelude::string::String,
        storage::{Lazy, Mapping},
        U256,
    };
    use ringfence_platform::{abi, Asset, Stored};
    use ringfence_protocol::{
        bond::{BondEnv, BondEvent, BondPhase, BondState, BondStep, BondTerms, Holder, HolderStep},
        units::{Amount, Timestamp as UnixTime},
        Transfer as AssetTransfer,
    };

    /// One value each, so that a message loads only what it needs.
    #[ink(storage)]
    pub struct TailRiskBond {
        terms: Lazy<Stored<BondTerms>>,
        state: Lazy<Stored<BondState>>,
        holders: Mapping<Address, Stored<Holder>>,
        allowances: Mapping<(Address, Address), u128>,
    }

    impl TailRiskBond {
        /// Issues a series. Subscriptions open once the sponsor's premium is in escrow.
        #[ink(constructor)]
        pub fn new(terms: abi::SeriesTerms) -> Result<Self, Error> {
            let terms = BondTerms::from(terms);
            terms.validate(UnixTime::new(ink::env::block_timestamp::<ink::env::DefaultEnvironment>()))?;
            let mut bond =
                Self { terms: Lazy::new(), state: Lazy::new(), holders: Mapping::new(), allowances: Mapping::new() };
            bond.terms.set(&Stored(terms));
            bond.state.set(&Stored(BondState::default()));
            Ok(bond)
        }

        /// The sponsor records the premium for the whole period and the reserve, which it has sent here.
        #[ink(message, name = "fundPremium")]
        pub fn fund_premium(&mut self, reserve: u128) -> Result<(), Error> {
            let terms = self.bond_terms();
            let balance = Asset(terms.asset).own_balance()?;
            let step = self.state().fund_premium(&self.context(), &terms, balance, Amount::new(reserve))?;
            self.apply(&terms, step)
        }

        /// An investor pays principal in, by an allowance given to the bond, and gets notes one for one.
        #[ink(message)]
        pub fn subscribe(&mut self, amount: u128) -> Result<(), Error> {
            let terms = self.bond_terms();
            let holder = self.holder(self.env().caller());
            let step = self.state().subscribe(&self.context(), &terms, holder, Amount::new(amount))?;
            self.apply_to_caller(&terms, step)
        }

        /// The sponsor ends the subscription: on risk, or failed if too little was subscribed.
        #[ink(message)]
        pub fn activate(&mut self) -> Result<(), Error> {
            let terms = self.bond_terms();
            let step = self.state().activate(&self.context(), &terms)?;
            self.apply(&terms, step)
        }

        /// Anyone has the series fail when the sponsor let a day pass after the subscription.
        #[ink(message)]
        pub fn expire(&mut self) -> Result<(), Error> {
            let terms = self.bond_terms();
            let step = self.state().expire(&self.context(), &terms)?;
            self.apply(&terms, step)
        }

        /// The covered vault claims a loss, paid in this transaction.
        #[ink(message)]
        pub fn claim(&mut self, amount: u128) -> Result<(), Error> {
            let terms = self.bond_terms();
            let step = self.state().claim(&self.context(), &terms, Amount::new(amount))?;
            self.apply(&terms, step)
        }

        /// A holder takes out accrued premium.
        #[ink(message, name = "takePremium")]
        pub fn take_premium(&mut self) -> Result<(), Error> {
            let terms = self.bond_terms();
            let holder = self.holder(self.env().caller());
            let step = self.state().take_premium(&self.context(), &terms, holder)?;
            self.apply_to_caller(&terms, step)
        }

        /// A holder turns all its notes into its share of what principal is left, with accrued premium.
        #[ink(message)]
        pub fn redeem(&mut self) -> Result<(), Error> {
            let terms = self.bond_terms();
            let holder = self.holder(self.env().caller());
            let step = self.state().redeem(&self.context(), &terms, holder)?;
            self.apply_to_caller(&terms, step)
        }

        /// The sponsor takes back premium that will never be earned.
        #[ink(message, name = "refundSponsor")]
        pub fn refund_sponsor(&mut self) -> Result<(), Error> {
            let terms = self.bond_terms();
            let step = self.state().refund_sponsor(&self.context(), &terms)?;
            self.apply(&terms, step)
        }

        /// The series in one read.
        #[ink(message)]
        pub fn status(&self) -> abi::SeriesStatus {
            let (terms, state) = (self.bond_terms(), self.state());
            let phase = match state.phase {
                BondPhase::Subscribing => 0,
                BondPhase::OnRisk { .. } => 1,
                BondPhase::Failed => 2,
            };
            abi::SeriesStatus {
                phase,
                face: state.face.get(),
                principal: state.principal.get(),
                premium: state.premium.get(),
                sponsor_due: state.sponsor_due.get(),
                reserve: state.reserve.get(),
                maturity: state.maturity(&terms).map_or(0, UnixTime::get),
                claims_until: state.claims_until(&terms).map_or(0, UnixTime::get),
            }
        }

        /// The terms.
        #[ink(message)]
        pub fn terms(&self) -> abi::SeriesTerms {
            self.bond_terms().into()
        }

        /// Everything the bond owes; its asset balance is at least this.
        #[ink(message)]
        pub fn liabilities(&self) -> Result<u128, Error> {
            self.state().liabilities().map(Amount::get).map_err(|_| Error::ArithmeticOverflow)
        }

        /// Premium that `holder` could take out now.
        #[ink(message, name = "premiumAccrued")]
        pub fn premium_accrued(&self, holder: Address) -> Result<u128, Error> {
            let accrued = self.state().premium_accrued(&self.context(), &self.bond_terms(), self.holder(holder))?;
            Ok(accrued.get())
        }

        /// ERC-20 `name`.
        #[ink(message)]
        pub fn name(&self) -> String {
            String::from("Ringfence Tail-Risk Note")
        }

        /// ERC-20 `symbol`.
        #[ink(message)]
        pub fn symbol(&self) -> String {
            String::from("RFTRN")
        }

        /// ERC-20 `decimals`: those of the settlement asset.
        #[ink(message)]
        pub fn decimals(&self) -> u8 {
            let decimals = ringfence_platform::Message::new("decimals()").ask(self.bond_terms().asset, 0);
            decimals.ok().and_then(|value| u8::try_from(value).ok()).unwrap_or(0)
        }

        /// ERC-20 `totalSupply`.
        #[ink(message, name = "totalSupply")]
        pub fn total_supply(&self) -> U256 {
            U256::from(self.state().face.get())
        }

        /// ERC-20 `balanceOf`.
        #[ink(message, name = "balanceOf")]
        pub fn balance_of(&self, owner: Address) -> U256 {
            U256::from(self.holder(owner).face.get())
        }

        /// ERC-20 `allowance`.
        #[ink(message)]
        pub fn allowance(&self, owner: Address, spender: Address) -> U256 {
            U256::from(self.allowances.get((owner, spender)).unwrap_or(0))
        }

        /// ERC-20 `approve`. Amounts above 128 bits are kept as no limit.
        #[ink(message)]
        pub fn approve(&mut self, spender: Address, value: U256) -> Result<bool, Error> {
            let owner = self.env().caller();
            self.allowances.insert((owner, spender), &u128::try_from(value).unwrap_or(u128::MAX));
            ink::env::emit_event(event::Approval { owner, spender, value });
            Ok(true)
        }

        /// ERC-20 `transfer`. Premium accrued so far stays with the sender.
        #[ink(message)]
        pub fn transfer(&mut self, to: Address, value: U256) -> Result<bool, Error> {
            self.move_notes(self.env().caller(), to, value)
        }

        /// ERC-20 `transferFrom`.
        #[ink(message, name = "transferFrom")]
        pub fn transfer_from(&mut self, from: Address, to: Address, value: U256) -> Result<bool, Error> {
            let key = (from, self.env().caller());
            let allowance = self.allowances.get(key).unwrap_or(0);
            let amount = u128::try_from(value).map_err(|_| Error::InsufficientAllowance)?;
            let left = BondState::spend_allowance(allowance, Amount::new(amount))?;
            self.allowances.insert(key, &left);
            self.move_notes(from, to, value)
        }

        fn move_notes(&mut self, from: Address, to: Address, value: U256) -> Result<bool, Error> {
            let terms = self.bond_terms();
            let amount = Amount::new(u128::try_from(value).map_err(|_| Error::InsufficientBalance)?);
            let (sender, receiver) = ((from, self.holder(from)), (to, self.holder(to)));
            let step = self.state().transfer(&self.context(), &terms, sender, receiver, amount)?;
            let (state, sender, receiver) = step.state;
            self.holders.insert(from, &Stored(sender));
            self.holders.insert(to, &Stored(receiver));
            self.finish(&terms, state, &step.events, &step.transfers)?;
            Ok(true)
        }

        fn context(&self) -> BondEnv {
            BondEnv { now: UnixTime::new(self.env().block_timestamp()), caller: self.env().caller() }
        }

        fn bond_terms(&self) -> BondTerms {
            self.terms.get().expect("set by the constructor").0
        }

        fn state(&self) -> BondState {
            self.state.get().expect("set by the constructor").0
        }

        fn holder(&self, address: Address) -> Holder {
            self.holders.get(address).unwrap_or_default().0
        }

        fn apply(&mut self, terms: &BondTerms, step: BondStep) -> Result<(), Error> {
            self.finish(terms, step.state, &step.events, &step.transfers)
        }

        fn apply_to_caller(&mut self, terms: &BondTerms, step: HolderStep) -> Result<(), Error> {
            let (state, holder) = step.state;
            self.holders.insert(self.env().caller(), &Stored(holder));
            self.finish(terms, state, &step.events, &step.transfers)
        }

        /// Stores, emits, transfers: effects before interactions.
        fn finish(
            &mut self,
            terms: &BondTerms,
            state: BondState,
            events: &[BondEvent],
            transfers: &[AssetTransfer],
        ) -> Result<(), Error> {
            self.state.set(&Stored(state));
            events.iter().for_each(event::emit);
            Asset(terms.asset).make(transfers)?;
            Ok(())
        }
    }
}
