//! What can happen, and how often.

use proptest::prelude::*;
use ringfence_protocol::{
    bond::{BondTerms, MAX_TICKS},
    units::{Amount, Bps, Seconds, Timestamp},
    Address, Digest,
};

pub(crate) const HOLDERS: usize = 6;
pub(crate) const SLOTS: usize = 2;
pub(crate) const START: u64 = 1_760_000_000;
pub(crate) const YEAR: u64 = 31_536_000;
pub(crate) const SPONSOR: Address = Address::repeat_byte(0xe0);
pub(crate) const VAULT: Address = Address::repeat_byte(0xe2);
pub(crate) const SERIES: Address = Address::repeat_byte(0xe3);

/// Thousandths of something; above 1,000 is too much of it.
pub(crate) type Part = u16;

/// Where the clock is put.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Moment {
    CancelUntil,
    BidsUntil,
    RevealUntil,
    Grace,
    Maturity,
    Redemption,
    Latest,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Command {
    Fund {
        short: bool,
    },
    Bid {
        who: usize,
        slot: usize,
        part: Part,
        tick: u16,
        off_grid: bool,
    },
    Commit {
        who: usize,
        slot: usize,
        part: Part,
    },
    Reveal {
        who: usize,
        slot: usize,
        part: Part,
        tick: u16,
        honest: bool,
    },
    Cancel {
        who: usize,
        slot: usize,
    },
    Clear {
        count: u16,
    },
    Activate,
    Expire,
    Allot {
        who: usize,
        slot: usize,
    },
    Transfer {
        from: usize,
        to: usize,
        part: Part,
    },
    Claim {
        part: Part,
        by_vault: bool,
    },
    Recover {
        part: Part,
        short: bool,
    },
    Extend {
        part: Part,
    },
    Propose,
    Agree {
        who: usize,
    },
    Collect {
        who: usize,
    },
    RefundSponsor,
    Wait {
        part: Part,
    },
    /// To a moment, or the second after it; never back.
    WaitTo(Moment, bool),
    Donate(u128),
}

impl Command {
    pub(crate) const NAMES: &'static [&'static str] = &[
        "fund", "bid", "commit", "reveal", "cancel", "clear", "activate", "expire", "allot", "transfer", "claim",
        "recover", "extend", "propose", "agree", "collect", "refund", "wait", "donate",
    ];

    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Fund { .. } => "fund",
            Self::Bid { .. } => "bid",
            Self::Commit { .. } => "commit",
            Self::Reveal { .. } => "reveal",
            Self::Cancel { .. } => "cancel",
            Self::Clear { .. } => "clear",
            Self::Activate => "activate",
            Self::Expire => "expire",
            Self::Allot { .. } => "allot",
            Self::Transfer { .. } => "transfer",
            Self::Claim { .. } => "claim",
            Self::Recover { .. } => "recover",
            Self::Extend { .. } => "extend",
            Self::Propose => "propose",
            Self::Agree { .. } => "agree",
            Self::Collect { .. } => "collect",
            Self::RefundSponsor => "refund",
            Self::Wait { .. } | Self::WaitTo(..) => "wait",
            Self::Donate(_) => "donate",
        }
    }
}

/// `part` thousandths, rounded down.
pub(crate) fn part_of(all: u128, part: Part) -> u128 {
    all / 1_000 * u128::from(part) + all % 1_000 * u128::from(part) / 1_000
}

fn any_part() -> impl Strategy<Value = Part> {
    prop_oneof![10 => 1..=1_000u16, 3 => Just(1_000), 1 => Just(0), 1 => Just(1_001), 3 => 1..50u16]
}

fn any_moment() -> impl Strategy<Value = Moment> {
    use Moment::{BidsUntil, CancelUntil, Grace, Latest, Maturity, Redemption, RevealUntil};
    prop_oneof![
        1 => Just(CancelUntil),
        1 => Just(BidsUntil),
        1 => Just(RevealUntil),
        1 => Just(Grace),
        3 => Just(Maturity),
        4 => Just(Redemption),
        2 => Just(Latest),
    ]
}

fn any_command() -> impl Strategy<Value = Command> {
    use Command as C;
    let who = || 0..HOLDERS;
    let slot = || 0..SLOTS;
    let tick = || 0..5u16;
    let rarely = || prop::bool::weighted(0.1);
    prop_oneof![
        1 => rarely().prop_map(|short| C::Fund { short }),
        3 => (who(), slot(), any_part(), tick(), rarely())
            .prop_map(|(who, slot, part, tick, off_grid)| C::Bid { who, slot, part, tick, off_grid }),
        1 => (who(), slot(), any_part()).prop_map(|(who, slot, part)| C::Commit { who, slot, part }),
        2 => (who(), slot(), any_part(), tick(), prop::bool::weighted(0.9))
            .prop_map(|(who, slot, part, tick, honest)| C::Reveal { who, slot, part, tick, honest }),
        1 => (who(), slot()).prop_map(|(who, slot)| C::Cancel { who, slot }),
        1 => (0..8u16).prop_map(|count| C::Clear { count }),
        1 => Just(C::Activate),
        1 => Just(C::Expire),
        4 => (who(), slot()).prop_map(|(who, slot)| C::Allot { who, slot }),
        12 => (who(), who(), any_part()).prop_map(|(from, to, part)| C::Transfer { from, to, part }),
        3 => (any_part(), prop::bool::weighted(0.9)).prop_map(|(part, by_vault)| C::Claim { part, by_vault }),
        2 => (any_part(), rarely()).prop_map(|(part, short)| C::Recover { part, short }),
        3 => any_part().prop_map(|part| C::Extend { part }),
        1 => Just(C::Propose),
        2 => who().prop_map(|who| C::Agree { who }),
        8 => who().prop_map(|who| C::Collect { who }),
        1 => Just(C::RefundSponsor),
        8 => prop_oneof![20 => 0..20u16, 8 => 0..400u16, 1 => Just(1_000)].prop_map(|part| C::Wait { part }),
        1 => (any_moment(), any::<bool>()).prop_map(|(moment, after)| C::WaitTo(moment, after)),
        1 => (0..50u128).prop_map(C::Donate),
    ]
}

pub(crate) fn any_commands() -> impl Strategy<Value = Vec<Command>> {
    prop::collection::vec(any_command(), 1..90)
}

prop_compose! {
    pub(crate) fn any_terms()(
        limit in prop_oneof![
            4 => 1..10_000u128, 4 => 10_000..10_000_000_000_000u128, 1 => Just(Amount::MAX.get()), 1 => Just(1)
        ],
        minimum in 1..=1_000u16,
        minimum_bid in prop_oneof![3 => Just(0u16), 1 => 1..200u16],
        (tick, highest) in prop_oneof![
            6 => (1..=2_000u16, 1..=5u16), 1 => Just((1, MAX_TICKS - 1)), 1 => Just((10_000, 1))
        ],
        forfeit in prop_oneof![Just(0), 0..=10_000u16, Just(10_000)],
        book in (1..50_000u64, 0..50_000u64, prop_oneof![3 => Just(0), 1 => 1..50_000u64]),
        risk_period in prop_oneof![Just(3_600), 3_600..YEAR, Just(YEAR), Just(5 * YEAR)],
        notice in prop_oneof![Just(3_600), 3_600..604_800u64],
        extension in 0..7_000_000u64,
    ) -> BondTerms {
        let (cancel, bids, reveal) = (START + book.0, START + book.0 + book.1, START + book.0 + book.1 + book.2);
        BondTerms {
            vault: VAULT,
            sponsor: SPONSOR,
            asset: Address::repeat_byte(0xe1),
            attachment: Amount::ZERO,
            limit: Amount::new(limit),
            minimum: Amount::new(part_of(limit, minimum).max(1)),
            minimum_bid: Amount::new(part_of(limit, minimum_bid).max(1)),
            max_spread: Bps::new((tick * highest).min(10_000 / tick * tick)),
            tick: Bps::new(tick),
            forfeit: Bps::new(forfeit),
            cancel_until: Timestamp::new(cancel),
            bids_until: Timestamp::new(bids),
            reveal_until: Timestamp::new(reveal),
            risk_period: Seconds::new(risk_period),
            notice: Seconds::new(notice),
            extension: Seconds::new(notice + extension),
            waiting: Seconds::ZERO,
            allow_list: Digest::zero(),
        }
    }
}

/// How a sequence begins: nine in ten build a book, most of them up to the risk.
#[derive(Clone, Debug)]
pub(crate) struct Opening {
    built: bool,
    bids: Vec<(usize, usize, Part, u16)>,
    on_risk: bool,
    abandoned: bool,
}

prop_compose! {
    pub(crate) fn opening()(
        built in prop::bool::weighted(0.9),
        on_risk in prop::bool::weighted(0.9),
        abandoned in prop::bool::weighted(0.3),
        bids in prop::collection::vec((0..HOLDERS, 0..SLOTS, 100..=900u16, 0..5u16), 2..8),
    ) -> Opening {
        Opening { built, bids, on_risk, abandoned }
    }
}

impl Opening {
    pub(crate) fn commands(&self, terms: &BondTerms) -> Vec<Command> {
        if !self.built {
            return Vec::new();
        }
        let mut commands = vec![Command::Fund { short: false }];
        for &(who, slot, part, tick) in &self.bids {
            commands.push(match terms.is_sealed() {
                true => Command::Commit { who, slot, part },
                false => Command::Bid { who, slot, part, tick, off_grid: false },
            });
        }
        if terms.is_sealed() {
            commands.push(Command::WaitTo(Moment::BidsUntil, true));
            // The last one forgets.
            for &(who, slot, part, tick) in self.bids.iter().skip(1) {
                commands.push(Command::Reveal { who, slot, part, tick, honest: true });
            }
        }
        if self.on_risk {
            commands.push(Command::WaitTo(Moment::RevealUntil, true));
            commands.push(Command::Clear { count: MAX_TICKS });
            commands.push(Command::Activate);
            commands.extend(self.bids.iter().skip(1).map(|&(who, slot, ..)| Command::Allot { who, slot }));
        } else if self.abandoned {
            commands.extend([Command::WaitTo(Moment::Grace, true), Command::Expire]);
        }
        commands
    }
}
