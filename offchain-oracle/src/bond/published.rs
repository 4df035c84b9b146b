//! What catastrophe bonds paid for a unit of expected loss. Figures as published; no licence is needed for facts.

/// A published average of spread over expected loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublishedMultiple {
    /// Which bonds.
    pub what: &'static str,
    /// Spread over expected loss, hundredths.
    pub hundredths: u16,
    /// Who published it, where and when.
    pub source: &'static str,
}

const ARTEMIS_2023: &str = "Artemis, Q4 2023 catastrophe bond and ILS market report (January 2024)";
const LANE_MAHUL: &str =
    "M. Lane and O. Mahul, Catastrophe risk pricing, World Bank Policy Research Working Paper 4765 (2008)";

/// The figures, newest first. Averages of issues are straight, not weighted by size. None of them is split by
/// expected loss; the report of 2023 says that issues with a smaller expected loss paid a larger multiple.
pub const PUBLISHED: [PublishedMultiple; 7] = [
    PublishedMultiple {
        what: "issues of January to August 2024",
        hundredths: 411,
        source: "Artemis deal directory, reported with AM Best's research on loss multiples (August 2024)",
    },
    PublishedMultiple { what: "issues of 2023, the highest year since 2012", hundredths: 454, source: ARTEMIS_2023 },
    PublishedMultiple {
        what: "issues of Q3 2023, the highest quarter since 2013",
        hundredths: 687,
        source: ARTEMIS_2023,
    },
    PublishedMultiple { what: "issues of Q4 2023", hundredths: 368, source: ARTEMIS_2023 },
    PublishedMultiple {
        what: "issues of Q3 2017, the lowest quarter since 2013",
        hundredths: 165,
        source: "Artemis, Q3 2023 catastrophe bond and ILS market report (October 2023)",
    },
    PublishedMultiple { what: "about 250 bonds to 2008, long-term", hundredths: 269, source: LANE_MAHUL },
    PublishedMultiple { what: "the same, adjusted for the cycle", hundredths: 233, source: LANE_MAHUL },
];

impl PublishedMultiple {
    /// The multiple as a number.
    pub fn value(&self) -> f64 {
        f64::from(self.hundredths) / 100.0
    }
}
