//! One tail-risk bond series on one vault; its note is an ERC-20 with permit. `BOND.md` beside this crate has the worked
//! examples.
//!
//! # Life
//! The sponsor's premium at the maximum spread is in escrow (`fundPremium`). Investors bid (`bid`, or `commit` and `reveal`),
//! and may `cancel` until the cut-off. After the book anyone clears it (`clear`, in as many calls as one likes), and the
//! sponsor puts it on risk (`activate`). Bidders pull notes and refunds (`allot`), holders premium and principal
//! (`collect`).
//!
//! # Accounting
//! Every base unit of the account is in one bucket of the ledger; `liabilities` is their sum and the asset balance is at
//! least that. Notes are face: a loss changes the principal behind all notes at once, never a balance.
//!
//! # Rounding
//! In favour of the escrow: premium into it and forfeits round up, accrual and payment round down. At the margin of the book
//! notes are shared to the last one. What holders' roundings leave goes to the sponsor with the last note.
//!
//! # Trigger
//! Only the covered vault claims, only in its waterfall; after redemption only what a reported open default locks, and
//! nothing after the latest date.
//!
//! # Roles
//! The sponsor (the entity) funds the premium, puts the series on risk, reports open defaults of the vault and proposes
//! commutation; it can't touch principal. The vault claims and passes recoveries on. Nobody else has a role.
//!
//! # Ways out
//! A failed series, or one that nobody puts on risk within a day after its book (`expire`, by anyone): `allot` refunds. On
//! risk: premium at any time, principal after the notice that follows the risk period, all of it at the latest date whatever
//! is open. Notes that were written down stay, with the right to recoveries.
//!
//! # Known limits
//! A default that nobody reports within the notice locks nothing. No premium is paid in an extension. The issuer of the asset
//! can freeze any account, this one included.
#![cfg_attr(not(feature = "std"), no_std, no_main)]
// ink! generates the storage struct and its references without Debug.
#![allow(missing_debug_implementations)]

mod act;
mod error;
mod event;
pub mod wire;

pub use self::tail_risk_bond::*;
pub use error::Error;
pub use event::*;

#[ink::contract]
mod tail_risk_bond {
    use crate::{
        act::{self, Act, Look},
        error::Error,
        event,
        wire::{
            Account, Bytes32, Decimals, Done, Escrow, Note, Position, Proof, Quantity, Separator, Status, Terms, Text,
            Wide, U128, U16, U256, U8,
        },
    };
    use ink::{
        prelude::vec::Vec,
        storage::{Lazy, Mapping},
    };
    use ringfence_platform::{
        abi::{Reader, SeriesTerms, Writer},
        message_arguments, Asset, Stored,
    };
    use ringfence_protocol::{
        bond::{Bid, BondEnv, BondState, BondTerms, Holder},
        units::Timestamp as UnixTime,
    };

    /// A bidder and the number of its bid.
    type Slot = (Address, u8);

    /// One value each, so that a message loads only what it needs.
    #[ink(storage)]
    pub struct TailRiskBond {
        pub(crate) terms: Lazy<Stored<BondTerms>>,
        pub(crate) state: Lazy<Stored<BondState>>,
        pub(crate) holders: Mapping<Address, Stored<Holder>>,
        pub(crate) bids: Mapping<Slot, Stored<Bid>>,
        pub(crate) ticks: Mapping<u16, u128>,
        pub(crate) allowances: Mapping<(Address, Address), u128>,
    }

    impl TailRiskBond {
        /// Issues a series. The book opens once the sponsor's premium is in escrow.
        #[ink(constructor)]
        pub fn new(terms: SeriesTerms) -> Result<Self, Error> {
            let terms = BondTerms::from(terms);
            terms.validate(UnixTime::new(ink::env::block_timestamp::<ink::env::DefaultEnvironment>()))?;
            let mut bond = Self {
                terms: Lazy::new(),
                state: Lazy::new(),
                holders: Mapping::new(),
                bids: Mapping::new(),
                ticks: Mapping::new(),
                allowances: Mapping::new(),
            };
            bond.terms.set(&Stored(terms));
            bond.state.set(&Stored(BondState::default()));
            Ok(bond)
        }

        /// The sponsor records the premium for the whole period and the reserve, which it has sent here.
        #[ink(message, name = "fundPremium")]
        pub fn fund_premium(&mut self, reserve: U128) -> Result<(), Error> {
            self.run(sent(reserve), act::fund_premium)
        }

        /// An investor bids in an open book and pays the amount in, by an allowance given to the bond. `slot` is the number of
        /// its bid, `spread` the least annual premium in basis points.
        #[ink(message)]
        pub fn bid(&mut self, slot: U8, amount: U128, spread: U16) -> Result<(), Error> {
            self.run(sent((slot, amount, spread)), act::bid)
        }

        /// An investor commits to a bid in a sealed book and pays a deposit in. `seal` is the hash that `reveal` explains.
        #[ink(message)]
        pub fn commit(&mut self, slot: U8, deposit: U128, seal: Bytes32) -> Result<(), Error> {
            self.run(sent((slot, deposit, seal)), act::commit)
        }

        /// A bidder opens a sealed bid. Its seal is the EIP-712 `hashStruct` of
        /// `SealedBid(address series,address bidder,uint128 amount,uint16 spread,bytes32 salt)`.
        #[ink(message)]
        pub fn reveal(&mut self, slot: U8, amount: U128, spread: U16, salt: Bytes32) -> Result<(), Error> {
            self.run(sent((slot, amount, spread, salt)), act::reveal)
        }

        /// A bidder takes a bid back, sealed or not, until the cut-off.
        #[ink(message)]
        pub fn cancel(&mut self, slot: U8) -> Result<(), Error> {
            self.run(sent(slot), act::cancel)
        }

        /// Anyone clears at most `ticks` further ticks of the book after its end.
        #[ink(message)]
        pub fn clear(&mut self, ticks: U16) -> Result<(), Error> {
            self.run(sent(ticks), act::clear)
        }

        /// The sponsor puts a cleared series on risk.
        #[ink(message)]
        pub fn activate(&mut self) -> Result<(), Error> {
            self.run(sent(()), act::activate)
        }

        /// Anyone has the series fail when nobody put it on risk within a day after its book.
        #[ink(message)]
        pub fn expire(&mut self) -> Result<(), Error> {
            self.run(sent(()), act::expire)
        }

        /// A bidder gets its notes, with all they have earned, and its refund.
        #[ink(message)]
        pub fn allot(&mut self, slot: U8) -> Result<(), Error> {
            self.run(sent(slot), act::allot)
        }

        /// The covered vault claims a loss, paid in this transaction.
        #[ink(message)]
        pub fn claim(&mut self, amount: U128) -> Result<(), Error> {
            self.run(sent(amount), act::claim)
        }

        /// The covered vault records money recovered from a defaulter, which it has sent here.
        #[ink(message)]
        pub fn recovered(&mut self, amount: U128) -> Result<(), Error> {
            self.run(sent(amount), act::recovered)
        }

        /// Vault or sponsor report what an open default could still claim: that much is not redeemed on time.
        #[ink(message)]
        pub fn extend(&mut self, claimable: U128) -> Result<(), Error> {
            self.run(sent(claimable), act::extend)
        }

        /// The sponsor offers to end the series.
        #[ink(message, name = "proposeCommutation")]
        pub fn propose_commutation(&mut self) -> Result<(), Error> {
            self.run(sent(()), act::propose_commutation)
        }

        /// A holder agrees with all its notes; with two thirds the series ends.
        #[ink(message)]
        pub fn agree(&mut self) -> Result<(), Error> {
            self.run(sent(()), act::agree)
        }

        /// A holder takes out all that is due: premium at any time, principal from redemption on.
        #[ink(message)]
        pub fn collect(&mut self) -> Result<(), Error> {
            self.run(sent(()), act::collect)
        }

        /// The sponsor takes back what is due to it.
        #[ink(message, name = "refundSponsor")]
        pub fn refund_sponsor(&mut self) -> Result<(), Error> {
            self.run(sent(()), act::refund_sponsor)
        }

        /// Anyone proves that `account` is on the allow-list, a tree as OpenZeppelin's `StandardMerkleTree` makes it.
        #[ink(message)]
        pub fn admit(&mut self, account: Account, proof: Proof) -> Result<(), Error> {
            self.run(sent((account, proof)), act::admit)
        }

        /// The series in one read, as of now.
        #[ink(message)]
        pub fn status(&self) -> Result<Status, Error> {
            self.look(sent(()), act::status).map(Into::into)
        }

        /// The terms.
        #[ink(message)]
        pub fn terms(&self) -> Result<Terms, Error> {
            self.look(sent(()), act::terms).map(Into::into)
        }

        /// Everything the bond owes; its asset balance is at least this.
        #[ink(message)]
        pub fn liabilities(&self) -> Result<Quantity, Error> {
            self.look(sent(()), act::liabilities).map(Into::into)
        }

        /// What is behind one note, in 10^-18 of a base unit.
        #[ink(message, name = "noteValue")]
        pub fn note_value(&self) -> Result<Note, Error> {
            self.look(sent(()), act::note_value).map(Into::into)
        }

        /// What `account` holds and could take out now.
        #[ink(message)]
        pub fn position(&self, account: Account) -> Result<Position, Error> {
            self.look(sent(account), act::position).map(Into::into)
        }

        /// What is in escrow for a bid, and what it asks for; zeros if there is none, or it is still sealed.
        #[ink(message, name = "bidOf")]
        pub fn bid_of(&self, bidder: Account, slot: U8) -> Result<Escrow, Error> {
            self.look(sent((bidder, slot)), act::bid_of).map(Into::into)
        }

        /// The sum of the bids at a tick.
        #[ink(message, name = "bidsAt")]
        pub fn bids_at(&self, tick: U16) -> Result<Quantity, Error> {
            self.look(sent(tick), act::bids_at).map(Into::into)
        }

        /// ERC-20 `name`, and the name of the permit's signing domain (version "1").
        #[ink(message)]
        pub fn name(&self) -> Result<Text, Error> {
            self.look(sent(()), act::name).map(Into::into)
        }

        /// ERC-20 `symbol`.
        #[ink(message)]
        pub fn symbol(&self) -> Result<Text, Error> {
            self.look(sent(()), act::symbol).map(Into::into)
        }

        /// ERC-20 `decimals`: those of the settlement asset.
        #[ink(message)]
        pub fn decimals(&self) -> Result<Decimals, Error> {
            self.look(sent(()), act::decimals).map(Into::into)
        }

        /// ERC-20 `totalSupply`: notes in hands.
        #[ink(message, name = "totalSupply")]
        pub fn total_supply(&self) -> Result<Wide, Error> {
            self.look(sent(()), act::total_supply).map(Into::into)
        }

        /// ERC-20 `balanceOf`.
        #[ink(message, name = "balanceOf")]
        pub fn balance_of(&self, owner: Account) -> Result<Wide, Error> {
            self.look(sent(owner), act::balance_of).map(Into::into)
        }

        /// ERC-20 `allowance`.
        #[ink(message)]
        pub fn allowance(&self, owner: Account, spender: Account) -> Result<Wide, Error> {
            self.look(sent((owner, spender)), act::allowance).map(Into::into)
        }

        /// ERC-20 `approve`. Amounts above 128 bits are kept as no limit.
        #[ink(message)]
        pub fn approve(&mut self, spender: Account, value: U256) -> Result<Done, Error> {
            self.run(sent((spender, value)), act::approve)?;
            Ok(done())
        }

        /// ERC-20 `transfer`. What the notes have earned so far stays with the sender.
        #[ink(message)]
        pub fn transfer(&mut self, to: Account, value: U256) -> Result<Done, Error> {
            self.run(sent((to, value)), act::transfer)?;
            Ok(done())
        }

        /// ERC-20 `transferFrom`.
        #[ink(message, name = "transferFrom")]
        pub fn transfer_from(&mut self, from: Account, to: Account, value: U256) -> Result<Done, Error> {
            self.run(sent((from, to, value)), act::transfer_from)?;
            Ok(done())
        }

        /// EIP-2612 `permit`: an allowance by signature.
        #[ink(message)]
        #[allow(clippy::too_many_arguments, reason = "EIP-2612 has them")]
        pub fn permit(
            &mut self,
            owner: Account,
            spender: Account,
            value: U256,
            deadline: U256,
            v: U8,
            r: Bytes32,
            s: Bytes32,
        ) -> Result<(), Error> {
            self.run(sent((owner, spender, value, deadline, v, r, s)), act::permit)
        }

        /// EIP-2612 `nonces`.
        #[ink(message)]
        pub fn nonces(&self, owner: Account) -> Result<Wide, Error> {
            self.look(sent(owner), act::nonces).map(Into::into)
        }

        /// EIP-2612 `DOMAIN_SEPARATOR`.
        #[ink(message, name = "DOMAIN_SEPARATOR")]
        pub fn domain_separator(&self) -> Result<Separator, Error> {
            self.look(sent(()), act::domain_separator).map(Into::into)
        }

        /// Loads, carries out, stores, emits, transfers: effects before interactions. One place for every message, because a
        /// contract's bytes are charged in every call.
        #[inline(never)]
        fn run(&mut self, arguments: Vec<u8>, act: Act) -> Result<(), Error> {
            let context = self.context();
            let terms = self.terms.get().expect("set by the constructor").0;
            let state = self.state.get().expect("set by the constructor").0;
            let step = act(self, &context, &terms, state, &mut Reader::new(&arguments))?;
            self.state.set(&Stored(step.state));
            step.events.iter().for_each(event::emit);
            Asset(terms.asset).make(&step.transfers)?;
            Ok(())
        }

        /// Loads and answers.
        #[inline(never)]
        fn look(&self, arguments: Vec<u8>, look: Look) -> Result<Writer, Error> {
            let context = self.context();
            let terms = self.terms.get().expect("set by the constructor").0;
            let state = self.state.get().expect("set by the constructor").0;
            look(self, &context, &terms, state, &mut Reader::new(&arguments))
        }

        fn context(&self) -> BondEnv {
            BondEnv { now: UnixTime::new(self.env().block_timestamp()), caller: self.env().caller() }
        }
    }

    /// The bytes of a message's declared arguments, which themselves only stand for their types in the ABI.
    fn sent<T>(_declared: T) -> Vec<u8> {
        message_arguments()
    }

    /// True.
    fn done() -> Done {
        Writer::new().uint(1_u8).into()
    }
}
