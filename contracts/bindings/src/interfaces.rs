//! Code that alloy generates from the Solidity declarations.
#![allow(missing_docs, unreachable_pub, clippy::all)]

alloy_sol_types::sol!(
    #[sol(all_derives)]
    "interfaces.sol"
);
