use super::Policy;
use crate::inputs::Inputs;
use crate::instruction;
use crate::replay::value_at;
use crate::sign::Deviation;
use ringfence_protocol::message::MarginInstruction;
use ringfence_protocol::Address;
use thiserror::Error;

/// Where a signer gets its own figures from.
pub trait Recompute: Send {
    /// What this signer would sign for the vault, sequence and moment of a proposal; its expiry is the latest it accepts.
    ///
    /// # Errors
    /// The vault is not served, or the pair can't be valued at that moment.
    fn own(&mut self, chain_id: u64, proposed: &MarginInstruction) -> Result<MarginInstruction, Declined>;
}

/// Why a proposal is not signed although the journal would allow it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
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
        let vault = proposed.vault;
        let unknown = Declined::UnknownVault { chain_id, vault };
        let policy = self.policy.vault(chain_id, vault).ok_or(unknown)?;
        let no_valuation = |reason: String| Declined::NoValuation(reason);
        let (step, pair) = value_at(&self.inputs, &policy.portfolio, proposed.valuation_time)
            .map_err(|error| no_valuation(error.to_string()))?;
        let context = policy.context(chain_id, vault, proposed.sequence);
        instruction::build(&context, &step, &pair).map_err(|error| no_valuation(error.to_string()))
    }
}
