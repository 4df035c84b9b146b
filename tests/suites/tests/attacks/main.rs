//! Attacks on the built vault: assets, rules contracts and calldata that are not what they should be.

mod calldata;
mod collateral_token;
mod donation;
mod rules;
mod settlement_asset;
