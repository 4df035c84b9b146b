//! The series on the first pair.

use crate::{artifacts, explain, Stage, DAY, USD};
use alloy_primitives::{Address, B256};
use alloy_sol_types::SolValue;
use ringfence_bindings::{IEntity, ITailRiskBond};
use ringfence_devchain::{Actor, Deployment, Located, USDC};

/// Most principal of the series.
pub const LIMIT: u128 = 600_000 * USD;
/// Least principal with which it goes on risk.
pub const MINIMUM: u128 = 300_000 * USD;
/// Highest annual spread that can be bid, and the one at which a full series clears, basis points.
pub const SPREAD: u16 = 1_200;
/// Grid of the spreads, basis points.
pub const TICK: u16 = 100;
/// Time on risk, seconds.
pub const RISK_PERIOD: u64 = 30 * DAY;
/// Time to report an open default after it, seconds.
pub const NOTICE: u64 = 7_200;
/// Latest claim after it, seconds.
pub const EXTENSION: u64 = DAY;
/// Premium in escrow for the whole limit and period, base units: 600,000 dollars at 12 % for 30 of 365 days, rounded up.
pub const PREMIUM: u128 = 5_917_808_220;
/// What the three investors put in; together the limit.
pub const INVESTED: [u128; 3] = [300_000 * USD, 200_000 * USD, 100_000 * USD];
/// Bids can be cancelled this long, seconds.
pub const CANCEL: u64 = 900;
/// The book is open this long, seconds.
pub const BOOK: u64 = 1_800;

/// A series on the stage.
#[derive(Clone, Debug)]
pub struct Series {
    /// The bond.
    pub bond: Address,
    /// Its investors.
    pub investors: Vec<Actor>,
    /// Its terms.
    pub terms: ITailRiskBond::SeriesTerms,
}

impl Stage {
    /// Issues the series, sells all of it to three investors and puts it on risk.
    pub fn issue_full_series(&mut self) {
        self.issue_series();
        for (index, amount) in INVESTED.into_iter().enumerate() {
            self.bid(index, amount);
        }
        self.put_on_risk();
    }

    /// Issues the series on the first pair; its book is empty.
    pub fn issue_series(&mut self) {
        let (vault, sponsor) = (self.pairs[0].vault, self.entity);
        let terms = self.series_terms(vault, sponsor);
        self.issue(terms);
    }

    /// Issues a series under `terms`.
    pub fn issue(&mut self, terms: ITailRiskBond::SeriesTerms) {
        let (admin, entity) = (self.admin.clone(), self.entity);
        let bond = self.must(&admin, entity, IEntity::issueSeriesCall { terms: terms.clone() }).returned;
        let investors = (1..=INVESTED.len()).map(|number| self.session.eth_actor(&format!("investor {number}")));
        let investors = investors.collect();
        self.series = Some(Series { bond, investors, terms });
    }

    /// Terms of the series as of now.
    pub fn series_terms(&mut self, vault: Address, sponsor: Address) -> ITailRiskBond::SeriesTerms {
        let now = self.session.now();
        ITailRiskBond::SeriesTerms {
            vault,
            sponsor,
            asset: USDC.address(),
            attachment: 0,
            limit: LIMIT,
            minimum: MINIMUM,
            allowList: B256::ZERO,
            book: ITailRiskBond::BookTerms {
                minimumBid: USD,
                maxSpread: SPREAD,
                tick: TICK,
                forfeit: 500,
                cancelUntil: now + CANCEL,
                bidsUntil: now + BOOK,
                revealUntil: now + BOOK,
            },
            risk: ITailRiskBond::RiskTerms {
                riskPeriod: RISK_PERIOD,
                notice: NOTICE,
                extension: EXTENSION,
                waiting: 0,
            },
        }
    }

    /// An investor bids at the highest spread.
    pub fn bid(&mut self, investor: usize, amount: u128) {
        self.bid_at(investor, 0, amount, SPREAD);
    }

    /// An investor bids.
    pub fn bid_at(&mut self, investor: usize, slot: u8, amount: u128, spread: u16) {
        let (investor, bond) = (self.investor(investor), self.bond());
        self.fund(&investor, bond, amount);
        self.must(&investor, bond, ITailRiskBond::bidCall { slot, amount, spread });
    }

    /// Lets the book end and clears it.
    pub fn close_book(&mut self) {
        let end = self.series.as_ref().expect("a series was issued").terms.book.revealUntil;
        self.session.set_time(end + 1);
        let (keeper, bond) = (self.keeper.clone(), self.bond());
        self.must(&keeper, bond, ITailRiskBond::clearCall { ticks: 13 });
    }

    /// Clears the book, has the entity put the series on risk, and settles the first bid of each investor that has one.
    pub fn put_on_risk(&mut self) {
        self.close_book();
        self.activate_series();
        for index in 0..INVESTED.len() {
            let (investor, bond) = (self.investor(index), self.bond());
            let bidder = investor.address();
            if self.read(bond, ITailRiskBond::bidOfCall { bidder, slot: 0 }).deposit > 0 {
                self.must(&investor, bond, ITailRiskBond::allotCall { slot: 0 });
            }
        }
    }

    /// Anyone has the entity put the series on risk.
    pub fn activate_series(&mut self) {
        let (keeper, entity, bond) = (self.keeper.clone(), self.entity, self.bond());
        self.must(&keeper, entity, IEntity::activateSeriesCall { bond });
    }

    /// The bond.
    ///
    /// # Panics
    /// If no series was issued.
    pub fn bond(&self) -> Address {
        self.series.as_ref().expect("a series was issued").bond
    }

    /// An investor.
    ///
    /// # Panics
    /// If no series was issued.
    pub fn investor(&self, index: usize) -> Actor {
        self.series.as_ref().expect("a series was issued").investors[index].clone()
    }

    /// The series in one read.
    pub fn bond_status(&mut self) -> ITailRiskBond::SeriesStatus {
        let bond = self.bond();
        self.read(bond, ITailRiskBond::statusCall {})
    }

    /// What an account has in the series.
    pub fn position(&mut self, holder: &Actor) -> ITailRiskBond::Position {
        let bond = self.bond();
        self.read(bond, ITailRiskBond::positionCall { account: holder.address() })
    }

    /// Premium that an account could take out now.
    pub fn accrued(&mut self, holder: &Actor) -> u128 {
        self.position(holder).premium
    }
}

/// A bond on its own.
impl Stage {
    /// Deploys a bond in which [`Stage::ward`] stands in the place of the sponsor and the keeper in that of the vault.
    /// Nothing is funded.
    ///
    /// # Panics
    /// If the bond is refused.
    pub fn add_ward_bond(&mut self) -> Deployment {
        let (ward, keeper) = (self.ward.clone(), self.keeper.clone());
        let terms = self.series_terms(keeper.address(), ward.address());
        self.add_bond(terms)
    }

    /// Deploys a bond under `terms`.
    ///
    /// # Panics
    /// If the bond is refused.
    pub fn add_bond(&mut self, terms: ITailRiskBond::SeriesTerms) -> Deployment {
        let ward = self.ward.clone();
        let blob = artifacts::blob("tail-risk-bond");
        let deployed = self.session.deploy(&ward, &blob, (terms,).abi_encode_params(), [2; 32]);
        let deployed = deployed.unwrap_or_else(|error| panic!("the bond: {}", explain(&error)));
        self.others.push(deployed.address());
        deployed
    }
}
