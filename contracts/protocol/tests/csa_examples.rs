//! Worked examples of collateral from public documents: the published inputs give the published numbers.
//!
//! Each test is named for its source and the rule. Addresses, places and what each source says are in
//! `contracts/margin-vault/CSA.md`. Amounts are base units of 10^-6 of the source's currency.

#[path = "csa_examples/collateral.rs"]
mod collateral;
#[path = "csa_examples/dispute.rs"]
mod dispute;
#[path = "csa_examples/interest.rs"]
mod interest;
#[path = "csa_examples/loss.rs"]
mod loss;
#[path = "csa_examples/margin.rs"]
mod margin;
#[path = "csa_examples/netting.rs"]
mod netting;
#[path = "csa_examples/pact.rs"]
mod pact;
