//! The series on the first pair.

use crate::{artifacts, explain, Stage, DAY, USD};
use alloy_primitives::Address;
use alloy_sol_types::SolValue;
use ringfence_bindings::{IEntity, ITailRiskBond};
use ringfence_devchain::{Actor, Deployment, Located, USDC};

/// Most principal of the series.
pub const LIMIT: u128 = 600_000 * USD;
/// Least principal with which it goes on risk.
pub const MINIMUM: u128 = 300_000 * USD;
/// Annual spread, basis points.
pub const SPREAD: u16 = 1_200;
/// Time on risk, seconds.
pub const RISK_PERIOD: u64 = 30 * DAY;
/// Time for claims after maturity, seconds.
pub const EXTENSION: u64 = DAY;
/// Premium in escrow for the whole limit and period, base units: 600,000 dollars at 12 % for 30 of 365 days, rounded up.
pub const PREMIUM: u128 = 5_917_808_220;
/// What the three investors put in; together the limit.
pub const INVESTED: [u128; 3] = [300_000 * USD, 200_000 * USD, 100_000 * USD];
/// Subscriptions are open this long, seconds.
const SUBSCRIPTION: u64 = 1_800;

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
            self.subscribe(index, amount);
        }
        self.activate_series();
    }

    /// Issues the series on the first pair; nothing is subscribed.
    pub fn issue_series(&mut self) {
        let (vault, sponsor) = (self.pairs[0].vault, self.entity);
        let terms = self.series_terms(vault, sponsor);
        let (admin, entity) = (self.admin.clone(), self.entity);
        let bond = self.must(&admin, entity, IEntity::issueSeriesCall { terms: terms.clone() }).returned;
        let investors = (1..=INVESTED.len()).map(|number| self.session.eth_actor(&format!("investor {number}")));
        let investors = investors.collect();
        self.series = Some(Series { bond, investors, terms });
    }

    /// Terms of the series as of now.
    pub fn series_terms(&mut self, vault: Address, sponsor: Address) -> ITailRiskBond::SeriesTerms {
        ITailRiskBond::SeriesTerms {
            vault,
            sponsor,
            asset: USDC.address(),
            attachment: 0,
            limit: LIMIT,
            minimum: MINIMUM,
            spread: SPREAD,
            subscriptionEnd: self.session.now() + SUBSCRIPTION,
            riskPeriod: RISK_PERIOD,
            extension: EXTENSION,
        }
    }

    /// An investor pays principal in.
    pub fn subscribe(&mut self, investor: usize, amount: u128) {
        let (investor, bond) = (self.investor(investor), self.bond());
        self.fund(&investor, bond, amount);
        self.must(&investor, bond, ITailRiskBond::subscribeCall { amount });
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

    /// Premium that an account could take out now.
    pub fn accrued(&mut self, holder: &Actor) -> u128 {
        let bond = self.bond();
        self.read(bond, ITailRiskBond::premiumAccruedCall { holder: holder.address() })
    }
}

/// A bond on its own.
impl Stage {
    /// Deploys a bond in which [`Stage::ward`] stands in the places of sponsor and vault. Nothing is funded.
    ///
    /// # Panics
    /// If the bond is refused.
    pub fn add_ward_bond(&mut self) -> Deployment {
        let ward = self.ward.clone();
        let terms = self.series_terms(ward.address(), ward.address());
        let blob = artifacts::blob("tail-risk-bond");
        let deployed = self.session.deploy(&ward, &blob, (terms,).abi_encode_params(), [2; 32]);
        let deployed = deployed.unwrap_or_else(|error| panic!("the bond: {}", explain(&error)));
        self.others.push(deployed.address());
        deployed
    }
}
