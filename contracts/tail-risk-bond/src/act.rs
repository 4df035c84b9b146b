//! What each message does between loading and storing: reads its arguments, asks the protocol, keeps bids and holders.

use crate::{
    error::Error,
    event::{self, Approval},
    tail_risk_bond::TailRiskBond,
};
use ink::{env::Event, prelude::vec::Vec};
use ringfence_platform::{
    abi::{selector, NoteValue, Position, Reader, SeriesStatus, SeriesTerms, Writer},
    chain_id, this, Asset, Host, Message, Stored,
};
use ringfence_protocol::{
    bond::{
        Bid, BondEnv, BondError, BondEvent, BondState, BondStep, BondTerms, Holder, Permit, SealedBid, MAX_PROOF,
        MAX_TICKS,
    },
    eip712::{Domain, TypedMessage},
    units::{Amount, Bps},
    Address, Digest, Step, U256,
};

/// A command: the contract for its bids and holders, context, terms, ledger and arguments.
pub(crate) type Act =
    fn(&mut TailRiskBond, &BondEnv, &BondTerms, BondState, &mut Reader<'_>) -> Result<BondStep, Error>;

/// A view.
pub(crate) type Look = fn(&TailRiskBond, &BondEnv, &BondTerms, BondState, &mut Reader<'_>) -> Result<Writer, Error>;

/// Declares commands; all have the parameters of [`Act`].
macro_rules! acts {
    ($( fn $name:ident($bond:pat, $env:ident, $terms:ident, $state:ident, $sent:ident) $body:block )+) => { $(
        pub(crate) fn $name(
            $bond: &mut TailRiskBond,
            $env: &BondEnv,
            $terms: &BondTerms,
            $state: BondState,
            $sent: &mut Reader<'_>,
        ) -> Result<BondStep, Error> $body
    )+ };
}

/// Declares views; all have the parameters of [`Look`].
macro_rules! looks {
    ($( fn $name:ident($bond:pat, $env:pat, $terms:pat, $state:pat, $sent:pat) $body:block )+) => { $(
        pub(crate) fn $name(
            $bond: &TailRiskBond,
            $env: &BondEnv,
            $terms: &BondTerms,
            $state: BondState,
            $sent: &mut Reader<'_>,
        ) -> Result<Writer, Error> $body
    )+ };
}

acts! {
    fn fund_premium(_, env, terms, state, sent) {
        let reserve = amount(sent)?;
        Ok(state.fund_premium(env, terms, Asset(terms.asset).own_balance()?, reserve)?)
    }

    fn bid(bond, env, terms, state, sent) {
        let (slot, order) = (sent.uint()?, (amount(sent)?, Bps::new(sent.uint()?)));
        let tick = terms.tick_of(order.1)?;
        let bidder = bond.bidder(terms, &env.caller);
        let step = state.bid(env, terms, &bidder, (bond.slot(&env.caller, slot), bond.tick(tick)), order)?;
        bond.put_bid(&env.caller, slot, &step.state.1, Some((tick, step.state.2)));
        Ok(only(step, |state| state.0))
    }

    fn commit(bond, env, terms, state, sent) {
        let (slot, deposit, seal) = (sent.uint()?, amount(sent)?, Digest(*sent.word()?));
        let bidder = bond.bidder(terms, &env.caller);
        let step = state.commit(env, terms, &bidder, bond.slot(&env.caller, slot), (deposit, seal))?;
        bond.put_bid(&env.caller, slot, &step.state.1, None);
        Ok(only(step, |state| state.0))
    }

    fn reveal(bond, env, terms, state, sent) {
        let slot = sent.uint()?;
        let (amount, spread) = (amount(sent)?, Bps::new(sent.uint()?));
        let opened = SealedBid { amount, spread, salt: Digest(*sent.word()?) };
        let tick = terms.tick_of(spread)?;
        let loaded = (bond.slot(&env.caller, slot), bond.tick(tick));
        let step = state.reveal::<Host>(env, terms, this(), loaded, &opened)?;
        bond.put_bid(&env.caller, slot, &step.state.1, Some((tick, step.state.2)));
        Ok(only(step, |state| state.0))
    }

    fn cancel(bond, env, terms, state, sent) {
        let slot = sent.uint()?;
        let bid = bond.slot(&env.caller, slot);
        let tick = bid.tick;
        let step = state.cancel(env, terms, (bid, bond.tick(tick)))?;
        bond.put_bid(&env.caller, slot, &step.state.1, Some((tick, step.state.2)));
        Ok(only(step, |state| state.0))
    }

    fn clear(bond, env, terms, state, sent) {
        let ticks: u16 = sent.uint()?;
        // Ticks beyond the grid hold nothing, and each would be a read.
        let grid = terms.tick_of(terms.max_spread)?.saturating_add(1).min(MAX_TICKS);
        let end = state.cursor.saturating_add(ticks).min(grid);
        let sums: Vec<Amount> = (state.cursor..end).map(|tick| bond.tick(tick)).collect();
        Ok(state.clear(env, terms, &sums)?)
    }

    fn activate(_, env, terms, state, _sent) { Ok(state.activate(env, terms)?) }

    fn expire(_, env, terms, state, _sent) { Ok(state.expire(env, terms)?) }

    fn allot(bond, env, terms, state, sent) {
        let slot = sent.uint()?;
        let step = state.allot(env, terms, bond.holder(&env.caller), bond.slot(&env.caller, slot))?;
        bond.put_bid(&env.caller, slot, &step.state.2, None);
        bond.put_holder(&env.caller, step.state.1);
        Ok(only(step, |state| state.0))
    }

    fn claim(_, env, terms, state, sent) { Ok(state.claim(env, terms, amount(sent)?)?) }

    fn recovered(_, env, terms, state, sent) {
        let recovered = amount(sent)?;
        Ok(state.recovered(env, terms, Asset(terms.asset).own_balance()?, recovered)?)
    }

    fn extend(_, env, terms, state, sent) { Ok(state.extend(env, terms, amount(sent)?)?) }

    fn propose_commutation(_, env, terms, state, _sent) { Ok(state.propose_commutation(env, terms)?) }

    fn agree(bond, env, terms, state, _sent) {
        bond.keep(&env.caller, state.agree(env, terms, bond.holder(&env.caller)))
    }

    fn collect(bond, env, terms, state, _sent) {
        bond.keep(&env.caller, state.collect(env, terms, bond.holder(&env.caller)))
    }

    fn refund_sponsor(_, env, terms, state, _sent) { Ok(state.refund_sponsor(env, terms)?) }

    fn admit(bond, _env, terms, state, sent) {
        let mut account = Address::zero();
        read_account(sent, &mut account)?;
        // One more than a proof may have, so that the protocol says what is wrong with a longer one.
        let (count, mut nodes) = sent.array(MAX_PROOF.saturating_add(1))?;
        let mut proof = Vec::with_capacity(count);
        for _ in 0..count {
            proof.push(Digest(*nodes.word()?));
        }
        let holder = bond.holder(&account);
        bond.keep(&account, state.admit::<Host>(terms, (account, holder), &proof))
    }

    fn approve(bond, env, _terms, state, sent) {
        let mut spender = Address::zero();
        read_account(sent, &mut spender)?;
        let value = wide(sent)?;
        bond.allow(&env.caller, &spender, value);
        Ok(nothing(state))
    }

    fn transfer(bond, env, terms, state, sent) {
        let mut to = Address::zero();
        read_account(sent, &mut to)?;
        let value = wide(sent)?;
        bond.move_notes(env, terms, state, (&env.caller, &to), value)
    }

    fn transfer_from(bond, env, terms, state, sent) {
        let (mut from, mut to) = (Address::zero(), Address::zero());
        read_account(sent, &mut from)?;
        read_account(sent, &mut to)?;
        let value = wide(sent)?;
        let amount = u128::try_from(value).map_err(|_| Error::InsufficientAllowance)?;
        let left = BondState::spend_allowance(bond.allowed(&from, &env.caller), Amount::new(amount))?;
        bond.put_allowed(&from, &env.caller, left);
        bond.move_notes(env, terms, state, (&from, &to), value)
    }

    fn permit(bond, env, _terms, state, sent) {
        let mut permit =
            Permit { owner: Address::zero(), spender: Address::zero(), value: U256::zero(), nonce: 0, deadline: U256::zero() };
        read_account(sent, &mut permit.owner)?;
        read_account(sent, &mut permit.spender)?;
        (permit.value, permit.deadline) = (wide(sent)?, wide(sent)?);
        let v: u8 = sent.uint()?;
        let mut signature = [v; 65];
        for part in signature.chunks_exact_mut(32) {
            part.copy_from_slice(sent.word()?);
        }
        let holder = bond.holder(&permit.owner);
        permit.nonce = holder.nonce;
        let holder = permit.accept::<Host, Host>(env, &domain(), holder, &signature)?;
        bond.put_holder(&permit.owner, holder);
        bond.allow(&permit.owner, &permit.spender, permit.value);
        Ok(nothing(state))
    }
}

looks! {
    fn status(_, env, terms, state, _) { Ok(SeriesStatus::new(&state.at(env, terms)?, terms).write(Writer::new())) }

    fn terms(_, _, terms, _, _) { Ok(SeriesTerms::from(*terms).write(Writer::new())) }

    fn liabilities(_, _, _, state, _) {
        state.liabilities().map(|owed| Writer::new().amount(owed)).map_err(|_| Error::ArithmeticOverflow)
    }

    fn note_value(_, env, terms, state, _) {
        Ok(NoteValue::from(state.note_value(env, terms)?).write(Writer::new()))
    }

    fn position(bond, env, terms, state, sent) {
        let holder = bond.holder_in(sent)?;
        Ok(Position::from(state.position(env, terms, holder)?).write(Writer::new()))
    }

    fn bid_of(bond, _, _, _, sent) {
        let mut bidder = Address::zero();
        read_account(sent, &mut bidder)?;
        let bid = bond.slot(&bidder, sent.uint()?);
        Ok(Writer::new().amount(bid.deposit).amount(bid.amount))
    }

    fn bids_at(bond, _, _, _, sent) { Ok(Writer::new().amount(bond.tick(sent.uint()?))) }

    fn name(_, _, _, _, _) { Ok(Writer::new().last_bytes(0, Permit::NOTE_NAME.as_bytes())) }

    fn symbol(_, _, _, _, _) { Ok(Writer::new().last_bytes(0, b"RFTRN")) }

    fn decimals(_, _, terms, _, _) {
        let decimals = Message::new(const { selector("decimals()") }).ask(terms.asset, 0);
        Ok(Writer::new().uint(decimals.ok().and_then(|value| u8::try_from(value).ok()).unwrap_or(0)))
    }

    fn total_supply(_, _, _, state, _) { Ok(Writer::new().amount(state.supply)) }

    fn balance_of(bond, _, _, _, sent) { Ok(Writer::new().amount(bond.holder_in(sent)?.face)) }

    fn allowance(bond, _, _, _, sent) {
        let (mut owner, mut spender) = (Address::zero(), Address::zero());
        read_account(sent, &mut owner)?;
        read_account(sent, &mut spender)?;
        Ok(Writer::new().uint(bond.allowed(&owner, &spender)))
    }

    fn nonces(bond, _, _, _, sent) { Ok(Writer::new().uint(bond.holder_in(sent)?.nonce)) }

    fn domain_separator(_, _, _, _, _) { Ok(Writer::new().digest(domain().separator_of::<Host>(<Permit as TypedMessage>::DOMAIN_NAME_HASH))) }
}

// Accounts are passed by reference: a copy of twenty unaligned bytes is more code than most of what happens here.
impl TailRiskBond {
    #[inline(never)]
    fn holder(&self, address: &Address) -> Holder {
        self.holders.get(address).unwrap_or_default().0
    }

    /// The holder that the next argument names.
    #[inline(never)]
    fn holder_in(&self, sent: &mut Reader<'_>) -> Result<Holder, Error> {
        let mut account = Address::zero();
        read_account(sent, &mut account)?;
        Ok(self.holder(&account))
    }

    #[inline(never)]
    fn put_holder(&mut self, address: &Address, holder: Holder) {
        self.holders.insert(address, &Stored(holder));
    }

    /// A bidder as a holder; it matters only to an allow-list, and is loaded only for one.
    #[inline(never)]
    fn bidder(&self, terms: &BondTerms, address: &Address) -> Holder {
        if terms.allow_list.is_zero() {
            return Holder::default();
        }
        self.holder(address)
    }

    #[inline(never)]
    fn slot(&self, bidder: &Address, slot: u8) -> Bid {
        self.bids.get((bidder, slot)).unwrap_or_default().0
    }

    #[inline(never)]
    fn tick(&self, number: u16) -> Amount {
        Amount::new(self.ticks.get(number).unwrap_or(0))
    }

    #[inline(never)]
    fn put_bid(&mut self, bidder: &Address, slot: u8, bid: &Bid, tick: Option<(u16, Amount)>) {
        self.bids.insert((bidder, slot), &Stored(*bid));
        if let Some((number, sum)) = tick {
            self.ticks.insert(number, &sum.get());
        }
    }

    /// Keeps the holder that a step leaves.
    #[inline(never)]
    fn keep(
        &mut self,
        address: &Address,
        step: Result<Step<(BondState, Holder), BondEvent>, BondError>,
    ) -> Result<BondStep, Error> {
        let step = step?;
        self.put_holder(address, step.state.1);
        Ok(only(step, |state| state.0))
    }

    #[inline(never)]
    fn allowed(&self, owner: &Address, spender: &Address) -> u128 {
        self.allowances.get((owner, spender)).unwrap_or(0)
    }

    #[inline(never)]
    fn put_allowed(&mut self, owner: &Address, spender: &Address, amount: u128) {
        self.allowances.insert((owner, spender), &amount);
    }

    /// Amounts above 128 bits are kept as no limit.
    #[inline(never)]
    fn allow(&mut self, owner: &Address, spender: &Address, value: U256) {
        self.put_allowed(owner, spender, u128::try_from(value).unwrap_or(u128::MAX));
        event::write(&Approval::SIGNATURE_TOPIC, &[owner, spender], Writer::new().wide(value));
    }

    #[inline(never)]
    fn move_notes(
        &mut self,
        env: &BondEnv,
        terms: &BondTerms,
        state: BondState,
        (from, to): (&Address, &Address),
        value: U256,
    ) -> Result<BondStep, Error> {
        let amount = Amount::new(u128::try_from(value).map_err(|_| Error::InsufficientBalance)?);
        let step = state.transfer(env, terms, (*from, self.holder(from)), (*to, self.holder(to)), amount)?;
        self.put_holder(from, step.state.1);
        self.put_holder(to, step.state.2);
        Ok(only(step, |state| state.0))
    }
}

/// A step without what was stored already.
fn only<T>(step: Step<T, BondEvent>, ledger: impl FnOnce(T) -> BondState) -> BondStep {
    Step { state: ledger(step.state), events: step.events, transfers: step.transfers }
}

/// A step that leaves the ledger as it is.
fn nothing(state: BondState) -> BondStep {
    Step { state, events: Vec::new(), transfers: Vec::new() }
}

#[inline(never)]
fn amount(sent: &mut Reader<'_>) -> Result<Amount, Error> {
    Ok(Amount::new(sent.uint128()?))
}

#[inline(never)]
fn read_account(sent: &mut Reader<'_>, account: &mut Address) -> Result<(), Error> {
    *account = sent.address()?;
    Ok(())
}

#[inline(never)]
fn wide(sent: &mut Reader<'_>) -> Result<U256, Error> {
    Ok(U256::from_big_endian(sent.word()?))
}

/// Where this contract's permits are good.
#[inline(never)]
fn domain() -> Domain {
    Domain { chain_id: chain_id(), verifying_contract: this() }
}
