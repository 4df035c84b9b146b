//! The margin vault of one pair.
//!
//! # Accounting
//! Each party's margin, the entity's first-loss capital and a small reserve are liabilities of the vault; its asset
//! balance is at least their sum. Asset sent without a message is not credited to anybody.
//!
//! # Rounding
//! Deliveries round up and returns round down to the debtor's rounding amount; shares of an uncovered tail round up.
//!
//! # Trigger
//! Margin moves between the parties only by an instruction with the agreed number of signatures, on this vault and chain,
//! in sequence, fresh and unexpired; by the default waterfall; or by both parties' signatures.
//!
//! # Roles
//! Parties deposit, withdraw, accept. The entity adds and releases its own capital and registers cover. Everything that
//! needs only facts (an instruction, a passed deadline) may be brought by anyone. Nobody else can move anything.
//!
//! # Ways out
//! | state | who | when | message |
//! |---|---|---|---|
//! | proposed | nothing is held | | |
//! | active, no portfolio | a party | at once | `withdraw` |
//! | active | a party, its excess | valuation fresh, no call open on it | `withdraw` |
//! | active | both | at once | `terminate` |
//! | active | a party | oracle silent for the time-out | `closeAfterOracleTimeout` |
//! | defaulted | anyone | close-out deadline passed | `closeOutAtLastValue` |
//! | closed | each party, the entity | at once | `withdraw`, `releaseFirstLoss` |
//!
//! # Known limits
//! The issuer of the asset can freeze any account, the vault's included. Replacement of a defaulter, disputes, collateral
//! other than the settlement asset, interest, fees and recoveries after a close-out are not in this version. A bond that
//! can't pay when it is claimed stays due and can be collected later by anyone. Signers can't be rotated yet. An amount
//! below the asset's minimum balance can't be paid to an account that holds none of the asset, and a payer can't leave
//! itself with less than that: the asset would take the dust along, and the vault refuses inexact transfers.
#![cfg_attr(not(feature = "std"), no_std, no_main)]
// ink! generates the storage struct and its references without Debug.
#![allow(missing_debug_implementations)]

mod error;
mod event;

pub use self::margin_vault::*;
pub use error::Error;
pub use event::*;

#[ink::contract]
mod margin_vault {
    use crate::{error::Error, event};
    use ink::{prelude::vec::Vec, sol::DynBytes, storage::Lazy};
    use ringfence_platform::{abi, chain_id, Asset, Host, Message, Stored};
    use ringfence_protocol::{
        eip712::Domain,
        signature::SignerSet,
        units::{Amount, Timestamp as UnixTime},
        vault::{
            Agreement, Claim, CoverBook, Env as Context, Layer, SignedInstruction, VaultEvent, VaultState, VaultStep,
        },
        Digest, Pair,
    };

    /// One value each, so that a message loads only what it needs.
    #[ink(storage)]
    pub struct MarginVault {
        agreement: Lazy<Stored<Agreement>>,
        signers: Lazy<Stored<SignerSet>>,
        state: Lazy<Stored<VaultState>>,
        cover: Lazy<Stored<CoverBook>>,
    }

    impl MarginVault {
        /// Makes the vault of a pair under `terms`. It holds nothing until both parties have accepted them.
        #[ink(constructor)]
        pub fn new(terms: abi::CsaTerms) -> Result<Self, Error> {
            let (terms, signers) = terms.into_protocol()?;
            let agreement = Agreement::new::<Host>(terms, &signers)?;
            let mut vault =
                Self { agreement: Lazy::new(), signers: Lazy::new(), state: Lazy::new(), cover: Lazy::new() };
            vault.agreement.set(&Stored(agreement));
            vault.signers.set(&Stored(signers));
            vault.state.set(&Stored(VaultState::default()));
            vault.cover.set(&Stored(CoverBook::default()));
            Ok(vault)
        }

        /// A party accepts the terms by their EIP-712 hash; with the second acceptance the pair is active.
        #[ink(message)]
        pub fn accept(&mut self, terms_hash: Digest) -> Result<(), Error> {
            let agreement = self.agreement();
            let step = self.state().accept(&self.context(), &agreement, terms_hash)?;
            self.apply(&agreement, step)
        }

        /// A party adds margin, by an allowance given to the vault. Effects: pays an unpaid settlement, may close a call.
        #[ink(message)]
        pub fn deposit(&mut self, amount: u128) -> Result<(), Error> {
            let agreement = self.agreement();
            let step = self.state().deposit(&self.context(), &agreement, Amount::new(amount))?;
            self.apply(&agreement, step)
        }

        /// A party takes out margin above requirement and unpaid settlement, or all of it once the pair is closed.
        #[ink(message)]
        pub fn withdraw(&mut self, amount: u128) -> Result<(), Error> {
            let agreement = self.agreement();
            let step = self.state().withdraw(&self.context(), &agreement, Amount::new(amount))?;
            self.apply(&agreement, step)
        }

        /// Records a portfolio signed by both parties (65 bytes each, `r || s || v`). Anyone may bring it.
        #[ink(message, name = "agreePortfolio")]
        pub fn agree_portfolio(
            &mut self,
            portfolio: abi::PortfolioAgreement,
            signature_a: DynBytes,
            signature_b: DynBytes,
        ) -> Result<(), Error> {
            let agreement = self.agreement();
            let signatures: Pair<&[u8]> = Pair { a: &signature_a, b: &signature_b };
            let step =
                self.state().agree_portfolio::<Host>(&self.context(), &agreement, &portfolio.into(), signatures)?;
            self.apply(&agreement, step)
        }

        /// Lets a signed instruction take effect. `signatures`: at least the threshold's number of 65-byte signatures,
        /// by strictly ascending address. `chain_id` says for which chain they were made. Anyone may bring it.
        #[ink(message)]
        pub fn settle(
            &mut self,
            chain_id: u64,
            instruction: abi::MarginInstruction,
            signatures: DynBytes,
        ) -> Result<(), Error> {
            let agreement = self.agreement();
            let message = instruction.into();
            let signed = SignedInstruction { chain_id, message: &message, signatures: &signatures };
            let step =
                self.state().settle::<Host>(&self.context(), &agreement, &self.signers(), &self.cover(), &signed)?;
            self.apply(&agreement, step)
        }

        /// Puts a party in default: anyone after its call's deadline, or itself. The last
        /// valuation has to be fresh.
        #[ink(message, name = "declareDefault")]
        pub fn declare_default(&mut self, party: Address) -> Result<(), Error> {
            let agreement = self.agreement();
            let side = agreement.party(party)?;
            let step = self.state().declare_default(&self.context(), &agreement, side)?;
            self.apply(&agreement, step)
        }

        /// Closes out at the valuation agent's amount and runs the waterfall; bonds pay in the same transaction.
        #[ink(message, name = "closeOut")]
        pub fn close_out(
            &mut self,
            determination: abi::CloseOutDetermination,
            signatures: DynBytes,
        ) -> Result<(), Error> {
            let agreement = self.agreement();
            let closed = self.state().close_out::<Host>(
                &self.context(),
                &agreement,
                &self.signers(),
                self.cover(),
                &determination.into(),
                &signatures,
            )?;
            self.close(&agreement, closed)
        }

        /// Closes out at the last settled value once the close-out deadline has passed. Anyone may.
        #[ink(message, name = "closeOutAtLastValue")]
        pub fn close_out_at_last_value(&mut self) -> Result<(), Error> {
            let agreement = self.agreement();
            let closed = self.state().close_out_at_last_value(&self.context(), &agreement, self.cover())?;
            self.close(&agreement, closed)
        }

        /// A party leaves at the last value after the oracle has been silent for the time-out.
        #[ink(message, name = "closeAfterOracleTimeout")]
        pub fn close_after_oracle_timeout(&mut self) -> Result<(), Error> {
            let agreement = self.agreement();
            let closed = self.state().close_after_oracle_timeout(&self.context(), &agreement, self.cover())?;
            self.close(&agreement, closed)
        }

        /// Collects what a bond layer still owes from a close-out. Anyone may.
        #[ink(message, name = "collectCover")]
        pub fn collect_cover(&mut self, layer: u32) -> Result<(), Error> {
            let agreement = self.agreement();
            let index = usize::try_from(layer).unwrap_or(usize::MAX);
            let claim = self.cover().due(index)?;
            if self.collect(&agreement, claim)? {
                return Ok(());
            }
            Err(Error::AssetTransferFailed)
        }

        /// Ends the pair at a value that both parties signed, paid in full from the debtor's margin.
        #[ink(message)]
        pub fn terminate(
            &mut self,
            termination: abi::MutualTermination,
            signature_a: DynBytes,
            signature_b: DynBytes,
        ) -> Result<(), Error> {
            let agreement = self.agreement();
            let signatures: Pair<&[u8]> = Pair { a: &signature_a, b: &signature_b };
            let step = self.state().terminate::<Host>(&self.context(), &agreement, &termination.into(), signatures)?;
            self.apply(&agreement, step)
        }

        /// The entity records capital that it has sent here.
        #[ink(message, name = "addFirstLoss")]
        pub fn add_first_loss(&mut self, amount: u128) -> Result<(), Error> {
            let agreement = self.agreement();
            let balance = Asset(agreement.terms.asset).own_balance()?;
            let step = self.state().add_first_loss(&self.context(), &agreement, balance, Amount::new(amount))?;
            self.apply(&agreement, step)
        }

        /// The entity takes capital back that the tail does not need.
        #[ink(message, name = "releaseFirstLoss")]
        pub fn release_first_loss(&mut self, amount: u128) -> Result<(), Error> {
            let agreement = self.agreement();
            let step =
                self.state().release_first_loss(&self.context(), &agreement, &self.cover(), Amount::new(amount))?;
            self.apply(&agreement, step)
        }

        /// The entity records the reserve that it has sent here.
        #[ink(message, name = "addReserve")]
        pub fn add_reserve(&mut self, amount: u128) -> Result<(), Error> {
            let agreement = self.agreement();
            let balance = Asset(agreement.terms.asset).own_balance()?;
            let state = self.state().add_reserve(&self.context(), &agreement, balance, Amount::new(amount))?;
            self.state.set(&Stored(state));
            Ok(())
        }

        /// The entity registers a bond that is on risk from `starts` to `ends` and takes claims until `claims_until`.
        #[ink(message, name = "registerCover")]
        pub fn register_cover(
            &mut self,
            bond: Address,
            attachment: u128,
            limit: u128,
            starts: u64,
            ends: u64,
            claims_until: u64,
        ) -> Result<(), Error> {
            let agreement = self.agreement();
            let layer = Layer {
                bond,
                limit: Amount::new(limit),
                claimed: Amount::ZERO,
                due: Amount::ZERO,
                starts: UnixTime::new(starts),
                ends: UnixTime::new(ends),
            };
            let (step, cover) = self.state().register_cover(
                &self.context(),
                &agreement,
                self.cover(),
                layer,
                Amount::new(attachment),
                UnixTime::new(claims_until),
            )?;
            self.cover.set(&Stored(cover));
            self.apply(&agreement, step)
        }

        /// The pair in one read: balances, requirement, calls, cover, last instruction.
        #[ink(message)]
        pub fn status(&self) -> Result<abi::VaultStatus, Error> {
            let agreement = self.agreement();
            let state = self.state();
            let status = state.status(&self.context(), &agreement, &self.cover())?;
            Ok(abi::VaultStatus::new(&state, &status, &agreement.terms))
        }

        /// The terms.
        #[ink(message)]
        pub fn terms(&self) -> abi::CsaTerms {
            abi::CsaTerms::from_protocol(&self.agreement().terms, &self.signers())
        }

        /// The EIP-712 hash of the terms.
        #[ink(message, name = "termsHash")]
        pub fn terms_hash(&self) -> Digest {
            self.agreement().hash
        }

        /// Everything the vault owes; its asset balance is at least this.
        #[ink(message)]
        pub fn liabilities(&self) -> Result<u128, Error> {
            self.state().liabilities().map(Amount::get).map_err(|_| Error::ArithmeticOverflow)
        }

        /// The agreed portfolio's version and commitment.
        #[ink(message)]
        pub fn portfolio(&self) -> (u64, Digest) {
            let state = self.state();
            (state.portfolio_version, state.portfolio_root)
        }

        /// What a bond layer owes from a close-out; zero if there is no such layer.
        #[ink(message, name = "coverDue")]
        pub fn cover_due(&self, layer: u32) -> u128 {
            let index = usize::try_from(layer).unwrap_or(usize::MAX);
            self.cover().due(index).map_or(0, |claim| claim.amount.get())
        }

        fn context(&self) -> Context {
            Context {
                now: UnixTime::new(self.env().block_timestamp()),
                caller: self.env().caller(),
                domain: Domain { chain_id: chain_id(), verifying_contract: self.env().address() },
            }
        }

        fn agreement(&self) -> Agreement {
            self.agreement.get().expect("set by the constructor").0
        }

        fn signers(&self) -> SignerSet {
            self.signers.get().expect("set by the constructor").0
        }

        fn state(&self) -> VaultState {
            self.state.get().expect("set by the constructor").0
        }

        fn cover(&self) -> CoverBook {
            self.cover.get().expect("set by the constructor").0
        }

        /// Stores, emits, transfers: effects before interactions.
        fn apply(&mut self, agreement: &Agreement, step: VaultStep) -> Result<(), Error> {
            self.state.set(&Stored(step.state));
            Self::emit(agreement, &step.events);
            Asset(agreement.terms.asset).make(&step.transfers)?;
            Ok(())
        }

        /// Stores a close-out, then collects from the bonds. A bond that fails does not hold up the survivor: the
        /// amount stays due.
        fn close(&mut self, agreement: &Agreement, closed: ringfence_protocol::vault::CloseOut) -> Result<(), Error> {
            self.cover.set(&Stored(closed.cover));
            self.apply(agreement, closed.step)?;
            for claim in closed.claims {
                self.collect(agreement, claim)?;
            }
            Ok(())
        }

        /// Claims from a bond and books what arrived; false if the bond refused.
        fn collect(&mut self, agreement: &Agreement, claim: Claim) -> Result<bool, Error> {
            let asset = Asset(agreement.terms.asset);
            let before = asset.own_balance()?;
            if Message::new("claim(uint128)").uint(claim.amount.get()).send(claim.bond).is_err() {
                return Ok(false);
            }
            if Ok(asset.own_balance()?) != before.add(claim.amount) {
                return Err(Error::AssetTransferInexact);
            }
            let (step, cover) = self.state().cover_paid(self.cover(), claim)?;
            self.cover.set(&Stored(cover));
            self.apply(agreement, step)?;
            Ok(true)
        }

        fn emit(agreement: &Agreement, events: &Vec<VaultEvent>) {
            for event in events {
                event::emit(event, &agreement.terms);
            }
        }
    }
}
