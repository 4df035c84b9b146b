//! How many pairs, what each owes at the last valuation, and how it ends.

use ringfence_protocol::Party;
use ringfence_suites::{FIRST_LOSS, LIMIT, MARGIN, USD};

/// The most pairs that the stage's capital opens.
pub const MOST_PAIRS: usize = 30;
/// Loss of the first default beyond margin and first loss; its series pays it.
const COVERED: u128 = 100_000 * USD;
/// Loss of the second default beyond its margin; first loss pays it.
const WITHIN_FIRST_LOSS: u128 = 50_000 * USD;
/// Loss of every further default beyond margin and first loss; nothing is left to pay it but the defaulter's estate.
const UNCOVERED: u128 = 20_000 * USD;

/// What is rehearsed.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// How many pairs.
    pub pairs: usize,
    /// How many of them default.
    pub defaults: usize,
}

/// Why a plan can't be rehearsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanError {
    /// No pair, or more than [`MOST_PAIRS`].
    Pairs,
    /// More defaults than pairs.
    Defaults,
}

impl std::fmt::Display for PlanError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Pairs => write!(f, "the number of pairs must be from 1 to {MOST_PAIRS}"),
            Self::Defaults => write!(f, "no more pairs can default than there are"),
        }
    }
}

impl std::error::Error for PlanError {}

/// How a pair ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Party A defaults.
    Default,
    /// A party leaves at the last value after the notice.
    Left,
    /// Both parties sign an end.
    Agreed,
    /// The last trade ends, and anyone closes the pair.
    RanOff,
}

impl Ending {
    pub(crate) const fn in_words(self) -> &'static str {
        match self {
            Self::Default => "default of A",
            Self::Left => "left at the last value",
            Self::Agreed => "ended by both",
            Self::RanOff => "ran off",
        }
    }
}

impl Plan {
    /// Checks the numbers.
    pub fn check(&self) -> Result<(), PlanError> {
        if self.pairs == 0 || self.pairs > MOST_PAIRS {
            return Err(PlanError::Pairs);
        }
        if self.defaults > self.pairs {
            return Err(PlanError::Defaults);
        }
        Ok(())
    }

    pub(crate) const fn ending(&self, index: usize) -> Ending {
        if index < self.defaults {
            return Ending::Default;
        }
        match (index - self.defaults) % 3 {
            0 => Ending::Left,
            1 => Ending::Agreed,
            _ => Ending::RanOff,
        }
    }

    /// What A owes B at the last valuation; negative if B owes A.
    pub(crate) fn owed_by_a(&self, index: usize) -> i128 {
        let signed = |amount: u128| i128::try_from(amount).expect("amounts of the rehearsal are small");
        match self.ending(index) {
            Ending::Default => signed(
                MARGIN
                    + match index {
                        0 => FIRST_LOSS + COVERED,
                        1 => WITHIN_FIRST_LOSS,
                        _ => FIRST_LOSS + UNCOVERED,
                    },
            ),
            _ => {
                let size = signed(u128::try_from(index).expect("small") * 7_000 * USD + 1_234_567);
                if index.is_multiple_of(2) {
                    size
                } else {
                    -size
                }
            }
        }
    }

    /// What the layers above the defaulter's margin reach of a loss beyond it.
    const fn reach(index: usize) -> u128 {
        if index == 0 {
            FIRST_LOSS + LIMIT
        } else {
            FIRST_LOSS
        }
    }

    /// What no layer reaches of a pair's loss, and its survivor has to wait for.
    pub(crate) fn residual(&self, index: usize) -> u128 {
        let beyond = self.owed_by_a(index) - i128::try_from(MARGIN).expect("small");
        u128::try_from(beyond).unwrap_or(0).saturating_sub(Self::reach(index))
    }

    /// What a party has to get out, before anything is recovered: its margin, what it is owed as far as the pair's layers
    /// reach, less what it owes.
    pub(crate) fn promised(&self, index: usize, party: Party) -> u128 {
        let owed = self.owed_by_a(index);
        let result = match party {
            Party::A => i128::try_from(MARGIN).expect("small") - owed,
            Party::B => {
                i128::try_from(MARGIN).expect("small") + owed - i128::try_from(self.residual(index)).expect("small")
            }
        };
        u128::try_from(result).unwrap_or(0)
    }
}

/// The entity's creditors: name, class and claim.
pub(crate) const CREDITORS: [(&str, u8, u128); 7] = [
    ("resolution office", 0, 120_000 * USD),
    ("staff", 1, 310_000 * USD + 1),
    ("tax office", 1, 95_000 * USD + 7),
    ("landlord", 2, 700_000 * USD + 3),
    ("data vendor", 2, 1_900_000 * USD + 11),
    ("bank", 2, 6_200_000 * USD + 5),
    ("shareholder loan", 3, 2_000_000 * USD),
];
