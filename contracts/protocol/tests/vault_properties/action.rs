use crate::common::{Stub, World, ENTITY, KEEPER, PARTY_A, PARTY_B, SUCCESSORS};
use ringfence_protocol::{Address, Party};

/// Who sends a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    Party(Party),
    Entity,
    Keeper,
    Successor(usize),
    /// Who was a side's party first.
    First(Party),
}

impl Who {
    pub(crate) fn address(self, world: &World<Stub>) -> Address {
        match self {
            Self::Party(party) => world.address(party),
            Self::Entity => ENTITY,
            Self::Keeper => KEEPER,
            Self::First(Party::A) => Address::repeat_byte(PARTY_A),
            Self::First(Party::B) => Address::repeat_byte(PARTY_B),
            Self::Successor(index) => Address::repeat_byte(SUCCESSORS[index % SUCCESSORS.len()]),
        }
    }
}

/// What can be wrong with an instruction or its signatures; each alone must have it refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    OtherVault,
    OtherChain,
    OtherTerms,
    OtherPortfolio,
    Replayed,
    Skipped,
    Expired,
    Future,
    Stale,
    NotNewer,
    TooLarge,
    IndexTooSmall,
    IndexTooLarge,
    FeeTooLarge,
    MarkMissing,
    MarkTooMany,
    HaircutTooSmall,
    PriceTooLarge,
    NoSigner,
    OneSigner,
    Stranger,
    Unsorted,
    Duplicate,
    HighS,
    BadV,
    Truncated,
    OtherDomain,
}

impl Flaw {
    pub(crate) const ALL: [Self; 27] = [
        Self::OtherVault,
        Self::OtherChain,
        Self::OtherTerms,
        Self::OtherPortfolio,
        Self::Replayed,
        Self::Skipped,
        Self::Expired,
        Self::Future,
        Self::Stale,
        Self::NotNewer,
        Self::TooLarge,
        Self::IndexTooSmall,
        Self::IndexTooLarge,
        Self::FeeTooLarge,
        Self::MarkMissing,
        Self::MarkTooMany,
        Self::HaircutTooSmall,
        Self::PriceTooLarge,
        Self::NoSigner,
        Self::OneSigner,
        Self::Stranger,
        Self::Unsorted,
        Self::Duplicate,
        Self::HighS,
        Self::BadV,
        Self::Truncated,
        Self::OtherDomain,
    ];
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Size {
    Exactly(u128),
    /// All there is, and a number more.
    AllAnd(u128),
}

impl Size {
    pub(crate) fn of(self, all: u128) -> u128 {
        match self {
            Self::Exactly(value) => value,
            Self::AllAnd(more) => all.saturating_add(more),
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Settlement {
    pub(crate) entitlement: i128,
    pub(crate) margins: [u128; 2],
    pub(crate) tail: u128,
    /// The interest index as a multiple of the last one, in basis points.
    pub(crate) growth: u16,
    pub(crate) fee: u16,
    /// Prices as a percentage of one to one.
    pub(crate) prices: [u128; 2],
    pub(crate) age: u64,
    pub(crate) everyone: bool,
    pub(crate) flaw: Option<Flaw>,
}

#[derive(Clone, Debug)]
pub(crate) enum Action {
    Accept(Who),
    Deposit(Who, u128),
    Withdraw(Who, Size),
    Agree {
        by_both: bool,
    },
    Settle(Settlement),
    Replay(usize),
    Post(Who, usize, u128),
    TakeBack(Who, usize, Size),
    Substitute(Who, [u128; 2], [u128; 2]),
    Extend {
        party: Party,
        more: u64,
        by_other: bool,
    },
    Dispute(Who, i128),
    DetermineDispute {
        party: Party,
        value: i128,
        everyone: bool,
    },
    ResolveDispute {
        party: Party,
        value: i128,
        by_both: bool,
    },
    LapseDispute(Party),
    DeclareDefault(Who, Party),
    Approve(Who, usize),
    Revoke(Who, usize),
    Bid(usize, i128),
    AcceptBid(Who),
    Determine {
        caller: Who,
        value: i128,
        everyone: bool,
        of_defaulter: bool,
    },
    Resolve(Who),
    Buy {
        index: usize,
        quantity: u128,
    },
    CollectCover(usize, usize),
    BondsPay(bool),
    Recover(usize, u128),
    PassRecovery(usize, usize),
    Collect(Who, usize),
    Terminate {
        entitlement: i128,
        by_both: bool,
    },
    Leave(Who),
    BeginRunOff(Who),
    CloseRunOff,
    LeaveRunOff(Who),
    Pause(Who, u64),
    AddFirstLoss {
        who: Who,
        value: u128,
        sent: bool,
    },
    ReleaseFirstLoss(Who, Size),
    AddReserve(Who, u128),
    CollectFees(Who),
    RegisterCover {
        who: Who,
        bond: u8,
        limit: u128,
        gap: u128,
        term: u64,
        waits: bool,
    },
    /// For so long from now; zero: not.
    Attest(Who, u64),
    NoticeRotation(Who),
    WithdrawRotation(Who),
    TakeUpRotation,
    LeaveRotation(Who),
    TransferClaim(Who, usize, usize),
    Amend {
        max_move: u128,
        by_both: bool,
    },
    Rotate {
        by_both: bool,
    },
    Donate(usize, u128),
    Wait(u64),
}

/// What is tried next, by where the pair stands.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) active: Action,
    pub(crate) defaulted: Action,
    pub(crate) closed: Action,
    /// Now and then whatever the phase.
    pub(crate) anyway: Option<Action>,
}

impl Action {
    /// Who sends it, if that is not fixed.
    pub(crate) fn who_mut(&mut self) -> Option<&mut Who> {
        match self {
            Self::Accept(who)
            | Self::Deposit(who, _)
            | Self::Withdraw(who, _)
            | Self::Post(who, ..)
            | Self::TakeBack(who, ..)
            | Self::Substitute(who, ..)
            | Self::Dispute(who, _)
            | Self::DeclareDefault(who, _)
            | Self::Approve(who, _)
            | Self::Revoke(who, _)
            | Self::AcceptBid(who)
            | Self::Determine { caller: who, .. }
            | Self::Resolve(who)
            | Self::Collect(who, _)
            | Self::Leave(who)
            | Self::BeginRunOff(who)
            | Self::LeaveRunOff(who)
            | Self::Pause(who, _)
            | Self::AddFirstLoss { who, .. }
            | Self::ReleaseFirstLoss(who, _)
            | Self::AddReserve(who, _)
            | Self::CollectFees(who)
            | Self::Attest(who, _)
            | Self::NoticeRotation(who)
            | Self::WithdrawRotation(who)
            | Self::LeaveRotation(who)
            | Self::RegisterCover { who, .. } => Some(who),
            _ => None,
        }
    }

    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Accept(_) => "accept",
            Self::Deposit(..) => "deposit",
            Self::Withdraw(..) => "withdraw",
            Self::Agree { .. } => "agree_portfolio",
            Self::Settle(_) => "settle",
            Self::Replay(_) => "replay",
            Self::Post(..) => "post_collateral",
            Self::TakeBack(..) => "return_collateral",
            Self::Substitute(..) => "substitute_collateral",
            Self::Extend { .. } => "extend_call",
            Self::Dispute(..) => "dispute",
            Self::DetermineDispute { .. } => "determine_dispute",
            Self::ResolveDispute { .. } => "resolve_dispute",
            Self::LapseDispute(_) => "lapse_dispute",
            Self::DeclareDefault(..) => "declare_default",
            Self::Approve(..) => "approve_successor",
            Self::Revoke(..) => "revoke_successor",
            Self::Bid(..) => "bid",
            Self::AcceptBid(_) => "accept_bid",
            Self::Determine { .. } => "determine_close_out",
            Self::Resolve(_) => "resolve_default",
            Self::Buy { .. } => "buy_collateral",
            Self::CollectCover(..) => "collect_cover",
            Self::BondsPay(_) => "bonds_pay",
            Self::Recover(..) => "recover",
            Self::PassRecovery(..) => "pass_recovery",
            Self::Collect(..) => "collect",
            Self::Terminate { .. } => "terminate",
            Self::Leave(_) => "leave_silent_oracle",
            Self::BeginRunOff(_) => "begin_run_off",
            Self::CloseRunOff => "close_run_off",
            Self::LeaveRunOff(_) => "leave_run_off",
            Self::Pause(..) => "pause",
            Self::AddFirstLoss { .. } => "add_first_loss",
            Self::ReleaseFirstLoss(..) => "release_first_loss",
            Self::AddReserve(..) => "add_reserve",
            Self::CollectFees(_) => "collect_fees",
            Self::RegisterCover { .. } => "register_cover",
            Self::Attest(..) => "attest_owners",
            Self::NoticeRotation(_) => "notice_rotation",
            Self::WithdrawRotation(_) => "withdraw_rotation",
            Self::TakeUpRotation => "take_up_rotation",
            Self::LeaveRotation(_) => "leave_rotation",
            Self::TransferClaim(..) => "transfer_claim",
            Self::Amend { .. } => "amend",
            Self::Rotate { .. } => "rotate",
            Self::Donate(..) => "donate",
            Self::Wait(_) => "wait",
        }
    }
}
