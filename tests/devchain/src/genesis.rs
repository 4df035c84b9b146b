//! The state of block zero: the issuer, the pallet's own account, and the two settlement assets.

use crate::{
    assets::{issuer, USDC, USDT},
    runtime::{Balance, Revive, Runtime, RuntimeGenesisConfig, UNIT},
};
use sp_runtime::{BuildStorage, Storage};
use std::sync::OnceLock;

/// Native balance of every actor and of the asset issuer when it joins the chain, in plancks.
pub const ENDOWMENT: Balance = 1_000_000 * UNIT;

/// Answers with the genesis storage. It is built once a process: every session starts from the same bytes.
pub(crate) fn storage() -> Storage {
    static GENESIS: OnceLock<Storage> = OnceLock::new();
    GENESIS.get_or_init(build).clone()
}

fn build() -> Storage {
    let issuer = issuer().account().clone();
    let assets = [USDC, USDT];

    let config = RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig {
            // The pallet holds code deposits on its own account, so without a balance of its own every deploy fails
            // with `StorageDepositNotEnoughFunds`.
            balances: vec![(issuer.clone(), ENDOWMENT), (Revive::account_id(), UNIT)],
            ..Default::default()
        },
        assets: pallet_assets::GenesisConfig::<Runtime> {
            assets: assets.iter().map(|asset| (asset.id, issuer.clone(), true, asset.min_balance)).collect(),
            metadata: assets
                .iter()
                .map(|asset| (asset.id, asset.name.into(), asset.symbol.into(), asset.decimals))
                .collect(),
            ..Default::default()
        },
        ..Default::default()
    };

    // A genesis that cannot be built is a defect of this file, not a condition a caller could handle.
    config.build_storage().expect("the genesis above is well formed")
}
