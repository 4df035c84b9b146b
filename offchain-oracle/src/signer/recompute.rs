use super::{Policy, VaultPolicy};
use crate::error::Error;
use crate::feed::{LiveMarket, Millis, StalePair};
use crate::inputs::Inputs;
use crate::instruction;
use crate::replay::value_at;
use crate::sign::Deviation;
use ringfence_protocol::message::MarginInstruction;
use ringfence_protocol::Address;
use std::sync::{Arc, Mutex};
use thiserror::Error as ThisError;

/// Where a signer gets its own figures from.
pub trait Recompute: Send {
    /// What this signer would sign for the vault, sequence and moment of a proposal; its expiry is the latest it accepts.
    ///
    /// # Errors
    /// The vault is not served, or the pair can't be valued at that moment.
    fn own(&mut self, chain_id: u64, proposed: &MarginInstruction) -> Result<MarginInstruction, Declined>;
}

impl<R: Recompute + ?Sized> Recompute for Box<R> {
    fn own(&mut self, chain_id: u64, proposed: &MarginInstruction) -> Result<MarginInstruction, Declined> {
        (**self).own(chain_id, proposed)
    }
}

/// Why a proposal is not signed although the journal would allow it.
#[derive(Clone, Debug, PartialEq, Eq, ThisError)]
pub enum Declined {
    /// The policy does not name the vault.
    #[error("vault {vault:?} on chain {chain_id} is not served by this signer; add it to the policy")]
    UnknownVault {
        /// The chain.
        chain_id: u64,
        /// The vault.
        vault: Address,
    },
    /// This signer's data give no valuation.
    #[error("this signer can't value the pair: {0}")]
    NoValuation(String),
    /// This signer has no fresh mark for a coin of the pair.
    #[error(transparent)]
    Stale(#[from] StalePair),
    /// This signer's figures are others.
    #[error(transparent)]
    Deviation(#[from] Deviation),
}

/// The engine on the signer's own tables and portfolios.
#[derive(Debug)]
pub struct EngineRecompute {
    inputs: Inputs,
    policy: Policy,
}

impl EngineRecompute {
    /// With the tables and the vaults that this signer serves.
    pub const fn new(inputs: Inputs, policy: Policy) -> Self {
        Self { inputs, policy }
    }
}

impl Recompute for EngineRecompute {
    fn own(&mut self, chain_id: u64, proposed: &MarginInstruction) -> Result<MarginInstruction, Declined> {
        let policy = served(&self.policy, chain_id, proposed)?;
        let (step, pair) = value_at(&self.inputs, &policy.portfolio, proposed.valuation_time).map_err(no_valuation)?;
        let context = policy.context(chain_id, proposed.vault, proposed.sequence);
        instruction::build(&context, &step, &pair).map_err(no_valuation)
    }
}

/// The engine on bars of live marks. It values nothing while a coin of the pair has no fresh mark.
#[derive(Debug)]
pub struct LiveRecompute<C> {
    market: Arc<Mutex<LiveMarket>>,
    policy: Policy,
    clock: C,
}

impl<C: Fn() -> Millis> LiveRecompute<C> {
    /// With the market that the feeds write to, the vaults that this signer serves, and the time.
    pub const fn new(market: Arc<Mutex<LiveMarket>>, policy: Policy, clock: C) -> Self {
        Self { market, policy, clock }
    }
}

impl<C: Fn() -> Millis + Send> Recompute for LiveRecompute<C> {
    fn own(&mut self, chain_id: u64, proposed: &MarginInstruction) -> Result<MarginInstruction, Declined> {
        let policy = served(&self.policy, chain_id, proposed)?;
        let context = policy.context(chain_id, proposed.vault, proposed.sequence);
        // A panic while the marks were written leaves them half done.
        let mut market = self.market.lock().map_err(|_| no_valuation("the market data have failed; restart it"))?;
        let now = (self.clock)();
        market.advance(now);
        market.instruction(&context, &policy.portfolio, proposed.valuation_time, now).map_err(|error| match error {
            Error::Stale(stale) => Declined::Stale(stale),
            error => no_valuation(error),
        })
    }
}

fn served<'a>(policy: &'a Policy, chain_id: u64, proposed: &MarginInstruction) -> Result<&'a VaultPolicy, Declined> {
    let vault = proposed.vault;
    policy.vault(chain_id, vault).ok_or(Declined::UnknownVault { chain_id, vault })
}

fn no_valuation(reason: impl ToString) -> Declined {
    Declined::NoValuation(reason.to_string())
}
