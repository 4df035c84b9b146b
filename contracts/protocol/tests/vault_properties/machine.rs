use crate::{
    action::{Action, Step, Who},
    common::{amount, schedule, Stub, World, ASSET, SIGNERS, STRANGER, SUCCESSORS, TOKENS},
};
use proptest::prelude::*;
use ringfence_protocol::{
    message::MarginInstruction,
    terms::Terms,
    units::{Seconds, Timestamp},
    vault::{Command, Phase, VaultError},
    Address, Party,
};

/// A pair and what the tests keep apart from it.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    pub(crate) world: World<Stub>,
    /// Instructions that took effect, with their signatures.
    pub(crate) instructions: Vec<(MarginInstruction, Vec<u8>)>,
    pub(crate) portfolios: u64,
    pub(crate) determinations: u64,
    pub(crate) amendments: u64,
    pub(crate) rotations: u64,
    pub(crate) disputes: u64,
    /// Sent by mistake, by asset.
    pub(crate) donated: [u128; 3],
    pub(crate) reserve: u128,
    /// When the portfolio was replaced, and the tail that the one before was last valued at; since the vault watches.
    pub(crate) changes: Vec<(u64, u128)>,
    /// Since when the portfolio is valued; nothing if it is not yet.
    pub(crate) valued: Option<u64>,
    /// How long portfolios stood before they were valued, in sum.
    pub(crate) unvalued: u64,
    /// Until when the owners are attested, and of whom that was said.
    pub(crate) attested: u64,
    attested_of: [Address; 2],
}

/// The settlement asset and the tokens.
pub(crate) const ASSETS: [Address; 3] = [ASSET, TOKENS[0], TOKENS[1]];

pub(crate) type Checked = Result<(), TestCaseError>;

impl Machine {
    pub(crate) fn new(terms: Terms) -> Self {
        Self {
            world: World::new(terms, schedule()),
            instructions: Vec::new(),
            portfolios: 0,
            determinations: 0,
            amendments: 0,
            rotations: 0,
            disputes: 0,
            donated: [0; 3],
            reserve: 0,
            changes: Vec::new(),
            valued: Some(0),
            unvalued: 0,
            attested: 0,
            attested_of: [terms.parties.a, terms.parties.b],
        }
    }

    pub(crate) fn terms(&self) -> Terms {
        self.world.vault.agreement.terms
    }

    pub(crate) fn phase(&self) -> Phase {
        self.world.vault.state.phase
    }

    pub(crate) fn is_active(&self) -> bool {
        self.phase() == Phase::Active
    }

    /// The action of a step for where the pair stands.
    pub(crate) fn choose(&self, step: &Step) -> Action {
        let by_phase = match self.phase() {
            Phase::Proposed | Phase::Active => &step.active,
            Phase::Defaulted { .. } => &step.defaulted,
            Phase::Closed { .. } => &step.closed,
        };
        step.anyway.as_ref().unwrap_or(by_phase).clone()
    }

    /// Runs an action; refused, nothing has changed, and accepted, every invariant holds.
    pub(crate) fn run(&mut self, action: &Action) -> Result<bool, TestCaseError> {
        self.forget_owners();
        let before = self.clone();
        let mut action = action.clone();
        if let Some(who) = action.who_mut() {
            // A successor may be a party by now.
            let party = self.terms().party(who.address(&self.world));
            *who = party.map_or(*who, Who::Party);
        }
        let action = &action;
        let result = self.perform(action);
        if let Err(error) = result {
            prop_assert_eq!(&self.world, &before.world, "a refused command changed something");
            prop_assert!(error != VaultError::ArithmeticOverflow || self.is_extreme(), "overflow at everyday sizes");
        }
        self.check_prediction(&before, action, result)?;
        if result.is_ok() {
            self.count(action);
            self.follow_owners(&before, action);
        }
        self.check_all(&before, action)?;
        Ok(result.is_ok())
    }

    /// True if a number beyond the everyday has been put in.
    fn is_extreme(&self) -> bool {
        let huge = 1 << 90;
        let state = &self.world.vault.state;
        let collateral =
            [0, 1].iter().any(|index| Party::BOTH.iter().any(|party| self.world.posted(*party, *index) > huge));
        let sums = [state.margin.a.get(), state.margin.b.get(), state.required.a.get(), state.required.b.get()];
        collateral || sums.iter().any(|sum| *sum > huge) || state.entitlement.magnitude().get() > huge
    }

    /// Until when the owners are attested, by what was said and who is a party.
    fn follow_owners(&mut self, before: &Self, action: &Action) {
        let now = self.world.now;
        match action {
            Action::RegisterCover { term, .. } => self.attested = self.attested.max(now + 3 * term),
            Action::Attest(_, span) => self.attested = before.attested_by(*span),
            _ => {}
        }
        self.forget_owners();
    }

    /// Nobody has said who owns a successor.
    fn forget_owners(&mut self) {
        let parties = [self.world.address(Party::A), self.world.address(Party::B)];
        if self.attested_of != parties {
            (self.attested, self.attested_of) = (0, parties);
        }
    }

    /// How long portfolios stood unvalued, up to now.
    pub(crate) fn time_unvalued(&self) -> u64 {
        let since = self.changes.last().map_or(self.world.now, |(when, _)| *when);
        self.unvalued + if self.valued.is_none() { self.world.now - since } else { 0 }
    }

    /// A week's notice at least, if it was attested for longer.
    pub(crate) fn attested_by(&self, span: u64) -> u64 {
        let now = self.world.now;
        let said = if span == 0 { 0 } else { now + span };
        said.max(self.attested.min(now + 7 * 86_400))
    }

    fn count(&mut self, action: &Action) {
        match action {
            Action::Agree { .. } => self.portfolios += 1,
            Action::Settle(_) => {
                self.unvalued = self.time_unvalued();
                self.valued = self.valued.or(Some(self.world.now));
            }
            Action::TakeUpRotation => self.rotations += 1,
            Action::Determine { .. } => self.determinations += 1,
            Action::Amend { .. } => self.amendments += 1,
            Action::Rotate { .. } => self.rotations += 1,
            Action::Dispute(..) => self.disputes += 1,
            Action::AddReserve(_, value) => self.reserve += value,
            Action::Donate(index, value) => self.donated[index % 3] += value,
            Action::AddFirstLoss { value, sent: false, .. } => self.donated[0] -= value,
            _ => {}
        }
    }

    fn address(&self, who: Who) -> Address {
        who.address(&self.world)
    }

    fn keys(&self, by_both: bool) -> [u8; 2] {
        let [a, b] = self.world.keys();
        if by_both {
            [a, b]
        } else {
            [a, STRANGER]
        }
    }

    fn perform(&mut self, action: &Action) -> Result<(), VaultError> {
        match *action {
            Action::Settle(settlement) => self.settle(settlement),
            Action::Replay(which) => self.replay(which),
            Action::Accept(who) => self.world.accept(self.address(who)),
            Action::Deposit(who, value) => self.world.deposit(self.address(who), value),
            Action::Withdraw(who, size) => {
                let cap = if let Who::Party(party) = who { self.withdrawable(party) } else { 0 };
                self.world.withdraw(self.address(who), size.of(cap))
            }
            Action::Agree { by_both } => {
                let keys = self.keys(by_both);
                let change = (self.world.now, self.world.vault.state.tail_requirement.get());
                let watched = self.world.vault.cover.eligibility().is_some();
                self.world.submit_portfolio(&self.world.portfolio(), keys)?;
                if watched {
                    self.unvalued = self.time_unvalued();
                    self.changes.push(change);
                    self.valued = None;
                }
                Ok(())
            }
            Action::Amend { max_move, by_both } => self.amend(max_move, by_both),
            Action::Rotate { by_both } => {
                let (signers, keys) = (self.world.vault.mandate.signers.clone(), self.keys(by_both));
                self.world.rotate(&self.world.rotation(&signers), &signers, keys)
            }
            Action::Wait(seconds) => {
                self.world.now += seconds;
                Ok(())
            }
            Action::Donate(index, value) => {
                self.world.donate(ASSETS[index % 3], value);
                Ok(())
            }
            Action::BondsPay(pay) => {
                self.world.bonds_pay = pay;
                Ok(())
            }
            _ => self.perform_risk(action),
        }
    }

    fn amend(&mut self, max_move: u128, by_both: bool) -> Result<(), VaultError> {
        let mut terms = self.terms();
        terms.max_move = amount(max_move);
        let (schedule, keys) = (self.world.vault.collateral.schedule.clone(), self.keys(by_both));
        self.world.amend(&self.world.amendment(&terms, &schedule), &terms, &schedule, keys)
    }

    /// Collateral, calls and disputes.
    fn perform_risk(&mut self, action: &Action) -> Result<(), VaultError> {
        match *action {
            Action::Post(who, index, quantity) => self.world.post(self.address(who), index, quantity),
            Action::TakeBack(who, index, size) => {
                let all = if let Who::Party(party) = who { self.world.posted(party, index % 2) } else { 0 };
                self.world.take_back(self.address(who), index, size.of(all))
            }
            Action::Substitute(who, posted, returned) => self.world.substitute(self.address(who), posted, returned),
            Action::Extend { party, more, by_other } => {
                let [a, b] = self.world.keys();
                let key = if (party == Party::A) == by_other { b } else { a };
                self.world.extend(&self.world.extension(party, more), key)
            }
            Action::Dispute(who, stated) => self.world.dispute(self.address(who), stated),
            Action::DetermineDispute { party, value, everyone } => {
                let signers = if everyone { &SIGNERS[..] } else { &SIGNERS[..2] };
                self.world.determine_dispute(party, self.numbered(party, value), signers)
            }
            Action::ResolveDispute { party, value, by_both } => {
                let keys = self.keys(by_both);
                self.world.resolve_dispute(party, self.numbered(party, value), keys)
            }
            Action::LapseDispute(party) => self.world.keep(Command::LapseDispute { party }),
            _ => self.perform_default(action),
        }
    }

    /// A value for the dispute of `party`.
    fn numbered(&self, party: Party, value: i128) -> ringfence_protocol::message::DisputedValue {
        let number = self.world.vault.disputes.open.of(party).map_or(0, |dispute| dispute.number);
        ringfence_protocol::message::DisputedValue { dispute: number, ..self.world.disputed_value(value) }
    }

    /// Default, replacement, close-out, and what follows.
    fn perform_default(&mut self, action: &Action) -> Result<(), VaultError> {
        match *action {
            Action::DeclareDefault(who, party) => self.world.declare_default(self.address(who), party),
            Action::Approve(who, index) => {
                let successor = self.address(Who::Successor(index));
                self.world.run(self.address(who), Command::ApproveSuccessor { successor })
            }
            Action::Revoke(who, index) => {
                let successor = self.address(Who::Successor(index));
                self.world.run(self.address(who), Command::RevokeSuccessor { successor })
            }
            Action::Bid(index, price) => self.world.bid(SUCCESSORS[index % 3], price),
            Action::AcceptBid(who) => self.world.run(self.address(who), Command::AcceptBid),
            Action::Determine { caller, value, everyone, of_defaulter } => {
                let defaulter = if let Phase::Defaulted { party, .. } = self.phase() { party } else { Party::A };
                let named = if of_defaulter { defaulter } else { defaulter.other() };
                let signers = if everyone { &SIGNERS[..] } else { &SIGNERS[..2] };
                self.world.determine_as(self.address(caller), &self.world.determination(named, value), signers)
            }
            Action::Resolve(who) => self.world.run(self.address(who), Command::ResolveDefault),
            Action::Buy { index, quantity } => {
                let (quantity, limit) = (amount(quantity), amount(u128::MAX));
                self.world.keep(Command::BuyCollateral { index, quantity, limit })
            }
            Action::CollectCover(estate, layer) => self.world.keep(Command::CollectCover { estate, layer }),
            Action::Recover(estate, value) => self.world.keep(Command::Recover { estate, amount: amount(value) }),
            Action::PassRecovery(estate, layer) => self.world.keep(Command::PassRecovery { estate, layer }),
            Action::Collect(who, index) => self.world.collect(self.address(who), ASSETS[index % 3]),
            Action::Terminate { entitlement, by_both } => {
                let keys = self.keys(by_both);
                self.world.terminate(&self.world.termination(entitlement), keys)
            }
            _ => self.perform_rest(action),
        }
    }

    fn perform_rest(&mut self, action: &Action) -> Result<(), VaultError> {
        match *action {
            Action::Leave(who) => self.world.leave(self.address(who)),
            Action::BeginRunOff(who) => self.world.run(self.address(who), Command::BeginRunOff),
            Action::CloseRunOff => self.world.keep(Command::CloseRunOff),
            Action::LeaveRunOff(who) => self.world.run(self.address(who), Command::LeaveRunOff),
            Action::Pause(who, span) => self.world.run(self.address(who), Command::Pause { span: Seconds::new(span) }),
            Action::AddFirstLoss { who, value, sent } => {
                self.world.add_first_loss(self.address(who), if sent { value } else { 0 }, value)
            }
            Action::ReleaseFirstLoss(who, size) => {
                let all = self.world.vault.state.first_loss.get();
                self.world.release_first_loss(self.address(who), size.of(all))
            }
            Action::AddReserve(who, value) => self.world.add_reserve(self.address(who), value, value),
            Action::CollectFees(who) => self.world.run(self.address(who), Command::CollectFees),
            Action::RegisterCover { who, bond, limit, gap, term, waits } => {
                let attachment: u128 = self.world.vault.cover.layers().iter().map(|layer| layer.limit.get()).sum();
                let cure = self.terms().periods.cure.get();
                let mut world = self.world.clone();
                let below = world.vault.cover.layers().iter().map(|layer| layer.waiting.get()).max().unwrap_or(0);
                world.waiting = Seconds::new(if waits { below.max(cure + 1 + term % 700) } else { 0 });
                world.attested_until = Timestamp::new(world.now + 3 * term);
                world.register_cover(self.address(who), bond, limit, term, attachment + gap)?;
                self.world = world;
                Ok(())
            }
            Action::Attest(who, span) => {
                let until = Timestamp::new(if span == 0 { 0 } else { self.world.now + span });
                self.world.run(self.address(who), Command::AttestOwners { until })
            }
            Action::NoticeRotation(who) => {
                let signers = &self.world.vault.mandate.signers.clone();
                self.world.run(self.address(who), Command::NoticeRotation { signers })
            }
            Action::WithdrawRotation(who) => self.world.run(self.address(who), Command::WithdrawRotation),
            Action::TakeUpRotation => self.world.keep(Command::TakeUpRotation),
            Action::LeaveRotation(who) => self.world.run(self.address(who), Command::LeaveRotation),
            Action::TransferClaim(who, estate, to) => {
                let to = self.address(Who::Successor(to));
                self.world.run(self.address(who), Command::TransferClaim { estate, to })
            }
            _ => unreachable!("every action is performed"),
        }
    }

    /// ONCE: an instruction that was accepted is never accepted again.
    fn replay(&mut self, which: usize) -> Result<(), VaultError> {
        if self.instructions.is_empty() {
            return Err(VaultError::SequenceReplayed);
        }
        let (message, packed) = self.instructions[which % self.instructions.len()].clone();
        self.world.submit(self.world.domain.chain_id, &message, &packed)
    }
}
