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

mod error;
mod event;

pub use self::tail_risk_bond::*;
pub use error::Error;
pub use event::*;

#[ink::contract]
mod tail_risk_bond {
    use crate::{error::Error, event};
    use ink::{
        prelude::{string::String, vec::Vec},
        storage::{Lazy, Mapping},
        U256,
    };
    use ringfence_platform::{abi, chain_id, this, Asset, Host, Stored};
    use ringfence_protocol::{
        bond::{
            Bid, BondEnv, BondError, BondEvent, BondState, BondStep, BondTerms, Holder, Permit, SealedBid, MAX_TICKS,
        },
        eip712::Domain,
        units::{Amount, Bps, Timestamp as UnixTime},
        Digest, Step, Transfer as AssetTransfer,
    };

    /// A bidder and the number of its bid.
    type Slot = (Address, u8);

    /// One value each, so that a message loads only what it needs.
    #[ink(storage)]
    pub struct TailRiskBond {
        terms: Lazy<Stored<BondTerms>>,
        state: Lazy<Stored<BondState>>,
        holders: Mapping<Address, Stored<Holder>>,
        bids: Mapping<Slot, Stored<Bid>>,
        ticks: Mapping<u16, u128>,
        allowances: Mapping<(Address, Address), u128>,
    }

    impl TailRiskBond {
        /// Issues a series. The book opens once the sponsor's premium is in escrow.
        #[ink(constructor)]
        pub fn new(terms: abi::SeriesTerms) -> Result<Self, Error> {
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
        pub fn fund_premium(&mut self, reserve: u128) -> Result<(), Error> {
            let (env, terms, state) = self.load();
            let balance = Asset(terms.asset).own_balance()?;
            self.keep(&terms, state.fund_premium(&env, &terms, balance, Amount::new(reserve)))
        }

        /// An investor bids in an open book and pays the amount in, by an allowance given to the bond. `slot` is the number of
        /// its bid, `spread` the least annual premium in basis points.
        #[ink(message)]
        pub fn bid(&mut self, slot: u8, amount: u128, spread: u16) -> Result<(), Error> {
            let (env, terms, state) = self.load();
            let tick = terms.tick_of(Bps::new(spread))?;
            let (key, bidder, loaded) = ((env.caller, slot), self.bidder(&terms, env.caller), self.tick(tick));
            let order = (Amount::new(amount), Bps::new(spread));
            let step = state.bid(&env, &terms, &bidder, (self.slot(key), loaded), order)?;
            let (state, bid, sum) = step.state;
            self.put_bid(key, &bid, Some((tick, sum)));
            self.finish(&terms, state, &step.events, &step.transfers)
        }

        /// An investor commits to a bid in a sealed book and pays a deposit in. `seal` is the hash that `reveal` explains.
        #[ink(message)]
        pub fn commit(&mut self, slot: u8, deposit: u128, seal: Digest) -> Result<(), Error> {
            let (env, terms, state) = self.load();
            let (key, bidder) = ((env.caller, slot), self.bidder(&terms, env.caller));
            let step = state.commit(&env, &terms, &bidder, self.slot(key), (Amount::new(deposit), seal))?;
            let (state, bid) = step.state;
            self.put_bid(key, &bid, None);
            self.finish(&terms, state, &step.events, &step.transfers)
        }

        /// A bidder opens a sealed bid. Its seal is the EIP-712 `hashStruct` of
        /// `SealedBid(address series,address bidder,uint128 amount,uint16 spread,bytes32 salt)`.
        #[ink(message)]
        pub fn reveal(&mut self, slot: u8, amount: u128, spread: u16, salt: Digest) -> Result<(), Error> {
            let (env, terms, state) = self.load();
            let tick = terms.tick_of(Bps::new(spread))?;
            let key = (env.caller, slot);
            let opened = SealedBid { amount: Amount::new(amount), spread: Bps::new(spread), salt };
            let step = state.reveal::<Host>(&env, &terms, this(), (self.slot(key), self.tick(tick)), &opened)?;
            let (state, bid, sum) = step.state;
            self.put_bid(key, &bid, Some((tick, sum)));
            self.finish(&terms, state, &step.events, &step.transfers)
        }

        /// A bidder takes a bid back, sealed or not, until the cut-off.
        #[ink(message)]
        pub fn cancel(&mut self, slot: u8) -> Result<(), Error> {
            let (env, terms, state) = self.load();
            let key = (env.caller, slot);
            let bid = self.slot(key);
            let step = state.cancel(&env, &terms, (bid, self.tick(bid.tick)))?;
            let (state, empty, sum) = step.state;
            self.put_bid(key, &empty, Some((bid.tick, sum)));
            self.finish(&terms, state, &step.events, &step.transfers)
        }

        /// Anyone clears at most `ticks` further ticks of the book after its end.
        #[ink(message)]
        pub fn clear(&mut self, ticks: u16) -> Result<(), Error> {
            let (env, terms, state) = self.load();
            // Ticks beyond the grid hold nothing, and each would be a read.
            let grid = terms.tick_of(terms.max_spread)?.saturating_add(1).min(MAX_TICKS);
            let end = state.cursor.saturating_add(ticks).min(grid);
            let sums: Vec<Amount> = (state.cursor..end).map(|tick| self.tick(tick)).collect();
            self.keep(&terms, state.clear(&env, &terms, &sums))
        }

        /// The sponsor puts a cleared series on risk.
        #[ink(message)]
        pub fn activate(&mut self) -> Result<(), Error> {
            let (env, terms, state) = self.load();
            self.keep(&terms, state.activate(&env, &terms))
        }

        /// Anyone has the series fail when nobody put it on risk within a day after its book.
        #[ink(message)]
        pub fn expire(&mut self) -> Result<(), Error> {
            let (env, terms, state) = self.load();
            self.keep(&terms, state.expire(&env, &terms))
        }

        /// A bidder gets its notes, with all they have earned, and its refund.
        #[ink(message)]
        pub fn allot(&mut self, slot: u8) -> Result<(), Error> {
            let (env, terms, state) = self.load();
            let key = (env.caller, slot);
            let step = state.allot(&env, &terms, self.holder(env.caller), self.slot(key))?;
            let (state, holder, bid) = step.state;
            self.put_bid(key, &bid, None);
            self.holders.insert(env.caller, &Stored(holder));
            self.finish(&terms, state, &step.events, &step.transfers)
        }

        /// The covered vault claims a loss, paid in this transaction.
        #[ink(message)]
        pub fn claim(&mut self, amount: u128) -> Result<(), Error> {
            let (env, terms, state) = self.load();
            self.keep(&terms, state.claim(&env, &terms, Amount::new(amount)))
        }

        /// The covered vault records money recovered from a defaulter, which it has sent here.
        #[ink(message)]
        pub fn recovered(&mut self, amount: u128) -> Result<(), Error> {
            let (env, terms, state) = self.load();
            let balance = Asset(terms.asset).own_balance()?;
            self.keep(&terms, state.recovered(&env, &terms, balance, Amount::new(amount)))
        }

        /// Vault or sponsor report what an open default could still claim: that much is not redeemed on time.
        #[ink(message)]
        pub fn extend(&mut self, claimable: u128) -> Result<(), Error> {
            let (env, terms, state) = self.load();
            self.keep(&terms, state.extend(&env, &terms, Amount::new(claimable)))
        }

        /// The sponsor offers to end the series.
        #[ink(message, name = "proposeCommutation")]
        pub fn propose_commutation(&mut self) -> Result<(), Error> {
            let (env, terms, state) = self.load();
            self.keep(&terms, state.propose_commutation(&env, &terms))
        }

        /// A holder agrees with all its notes; with two thirds the series ends.
        #[ink(message)]
        pub fn agree(&mut self) -> Result<(), Error> {
            let (env, terms, state) = self.load();
            let step = state.agree(&env, &terms, self.holder(env.caller));
            self.keep_holder(&terms, env.caller, step)
        }

        /// A holder takes out all that is due: premium at any time, principal from redemption on.
        #[ink(message)]
        pub fn collect(&mut self) -> Result<(), Error> {
            let (env, terms, state) = self.load();
            let step = state.collect(&env, &terms, self.holder(env.caller));
            self.keep_holder(&terms, env.caller, step)
        }

        /// The sponsor takes back what is due to it.
        #[ink(message, name = "refundSponsor")]
        pub fn refund_sponsor(&mut self) -> Result<(), Error> {
            let (env, terms, state) = self.load();
            self.keep(&terms, state.refund_sponsor(&env, &terms))
        }

        /// Anyone proves that `account` is on the allow-list, a tree as OpenZeppelin's `StandardMerkleTree` makes it.
        #[ink(message)]
        pub fn admit(&mut self, account: Address, proof: Vec<Digest>) -> Result<(), Error> {
            let (_, terms, state) = self.load();
            let step = state.admit::<Host>(&terms, (account, self.holder(account)), &proof);
            self.keep_holder(&terms, account, step)
        }

        /// The series in one read, as of now.
        #[ink(message)]
        pub fn status(&self) -> Result<abi::SeriesStatus, Error> {
            let (env, terms, state) = self.load();
            Ok(abi::SeriesStatus::new(&state.at(&env, &terms)?, &terms))
        }

        /// The terms.
        #[ink(message)]
        pub fn terms(&self) -> abi::SeriesTerms {
            self.load().1.into()
        }

        /// Everything the bond owes; its asset balance is at least this.
        #[ink(message)]
        pub fn liabilities(&self) -> Result<u128, Error> {
            self.load().2.liabilities().map(Amount::get).map_err(|_| Error::ArithmeticOverflow)
        }

        /// What is behind one note, in 10^-18 of a base unit.
        #[ink(message, name = "noteValue")]
        pub fn note_value(&self) -> Result<abi::NoteValue, Error> {
            let (env, terms, state) = self.load();
            Ok(state.note_value(&env, &terms)?.into())
        }

        /// What `account` holds and could take out now.
        #[ink(message)]
        pub fn position(&self, account: Address) -> Result<abi::Position, Error> {
            let (env, terms, state) = self.load();
            Ok(state.position(&env, &terms, self.holder(account))?.into())
        }

        /// What is in escrow for a bid, and what it asks for; zeros if there is none, or it is still sealed.
        #[ink(message, name = "bidOf")]
        pub fn bid_of(&self, bidder: Address, slot: u8) -> (u128, u128) {
            let bid = self.slot((bidder, slot));
            (bid.deposit.get(), bid.amount.get())
        }

        /// The sum of the bids at a tick.
        #[ink(message, name = "bidsAt")]
        pub fn bids_at(&self, tick: u16) -> u128 {
            self.tick(tick).get()
        }

        /// ERC-20 `name`, and the name of the permit's signing domain (version "1").
        #[ink(message)]
        pub fn name(&self) -> String {
            String::from(Permit::NOTE_NAME)
        }

        /// ERC-20 `symbol`.
        #[ink(message)]
        pub fn symbol(&self) -> String {
            String::from("RFTRN")
        }

        /// ERC-20 `decimals`: those of the settlement asset.
        #[ink(message)]
        pub fn decimals(&self) -> u8 {
            let decimals = ringfence_platform::Message::new("decimals()").ask(self.load().1.asset, 0);
            decimals.ok().and_then(|value| u8::try_from(value).ok()).unwrap_or(0)
        }

        /// ERC-20 `totalSupply`: notes in hands.
        #[ink(message, name = "totalSupply")]
        pub fn total_supply(&self) -> U256 {
            U256::from(self.load().2.supply.get())
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
            self.allow(self.env().caller(), spender, value);
            Ok(true)
        }

        /// ERC-20 `transfer`. What the notes have earned so far stays with the sender.
        #[ink(message)]
        pub fn transfer(&mut self, to: Address, value: U256) -> Result<bool, Error> {
            self.move_notes(self.env().caller(), to, value)
        }

        /// ERC-20 `transferFrom`.
        #[ink(message, name = "transferFrom")]
        pub fn transfer_from(&mut self, from: Address, to: Address, value: U256) -> Result<bool, Error> {
            let key = (from, self.env().caller());
            let amount = u128::try_from(value).map_err(|_| Error::InsufficientAllowance)?;
            let left = BondState::spend_allowance(self.allowances.get(key).unwrap_or(0), Amount::new(amount))?;
            self.allowances.insert(key, &left);
            self.move_notes(from, to, value)
        }

        /// EIP-2612 `permit`: an allowance by signature.
        #[ink(message)]
        #[allow(clippy::too_many_arguments, reason = "EIP-2612 has them")]
        pub fn permit(
            &mut self,
            owner: Address,
            spender: Address,
            value: U256,
            deadline: U256,
            v: u8,
            r: Digest,
            s: Digest,
        ) -> Result<(), Error> {
            let holder = self.holder(owner);
            let permit = Permit { owner, spender, value, nonce: holder.nonce, deadline };
            let mut signature = [0; 65];
            let (r_part, rest) = signature.split_at_mut(32);
            let (s_part, v_part) = rest.split_at_mut(32);
            r_part.copy_from_slice(r.as_bytes());
            s_part.copy_from_slice(s.as_bytes());
            v_part.copy_from_slice(&[v]);
            let holder = permit.accept::<Host, Host>(&self.context(), &domain(), holder, &signature)?;
            self.holders.insert(owner, &Stored(holder));
            self.allow(owner, spender, value);
            Ok(())
        }

        /// EIP-2612 `nonces`.
        #[ink(message)]
        pub fn nonces(&self, owner: Address) -> U256 {
            U256::from(self.holder(owner).nonce)
        }

        /// EIP-2612 `DOMAIN_SEPARATOR`.
        #[ink(message, name = "DOMAIN_SEPARATOR")]
        pub fn domain_separator(&self) -> Digest {
            domain().separator_of::<Host>(Permit::NOTE_NAME)
        }

        fn allow(&mut self, owner: Address, spender: Address, value: U256) {
            self.allowances.insert((owner, spender), &u128::try_from(value).unwrap_or(u128::MAX));
            ink::env::emit_event(event::Approval { owner, spender, value });
        }

        fn move_notes(&mut self, from: Address, to: Address, value: U256) -> Result<bool, Error> {
            let (env, terms, state) = self.load();
            let amount = Amount::new(u128::try_from(value).map_err(|_| Error::InsufficientBalance)?);
            let (sender, receiver) = ((from, self.holder(from)), (to, self.holder(to)));
            let step = state.transfer(&env, &terms, sender, receiver, amount)?;
            let (state, sender, receiver) = step.state;
            self.holders.insert(from, &Stored(sender));
            self.holders.insert(to, &Stored(receiver));
            self.finish(&terms, state, &step.events, &step.transfers)?;
            Ok(true)
        }

        fn context(&self) -> BondEnv {
            BondEnv { now: UnixTime::new(self.env().block_timestamp()), caller: self.env().caller() }
        }

        fn load(&self) -> (BondEnv, BondTerms, BondState) {
            let terms = self.terms.get().expect("set by the constructor").0;
            (self.context(), terms, self.state.get().expect("set by the constructor").0)
        }

        fn holder(&self, address: Address) -> Holder {
            self.holders.get(address).unwrap_or_default().0
        }

        /// A bidder as a holder; it matters only to an allow-list, and is loaded only for one.
        fn bidder(&self, terms: &BondTerms, address: Address) -> Holder {
            if terms.allow_list.is_zero() {
                return Holder::default();
            }
            self.holder(address)
        }

        fn slot(&self, key: Slot) -> Bid {
            self.bids.get(key).unwrap_or_default().0
        }

        fn tick(&self, number: u16) -> Amount {
            Amount::new(self.ticks.get(number).unwrap_or(0))
        }

        fn put_bid(&mut self, key: Slot, bid: &Bid, tick: Option<(u16, Amount)>) {
            self.bids.insert(key, &Stored(*bid));
            if let Some((number, sum)) = tick {
                self.ticks.insert(number, &sum.get());
            }
        }

        fn keep(&mut self, terms: &BondTerms, step: Result<BondStep, BondError>) -> Result<(), Error> {
            let step = step?;
            self.finish(terms, step.state, &step.events, &step.transfers)
        }

        fn keep_holder(
            &mut self,
            terms: &BondTerms,
            address: Address,
            step: Result<Step<(BondState, Holder), BondEvent>, BondError>,
        ) -> Result<(), Error> {
            let step = step?;
            let (state, holder) = step.state;
            self.holders.insert(address, &Stored(holder));
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

    /// Where this contract's permits are good.
    fn domain() -> Domain {
        Domain { chain_id: chain_id(), verifying_contract: this() }
    }
}
