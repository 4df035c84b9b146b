//! Everything that a refused call must leave as it was.

use crate::{explain, Stage};
use alloy_primitives::{Address, B256};
use alloy_sol_types::{SolCall, SolError};
use ringfence_devchain::{Actor, Asset, Located, USDC, USDT};

/// What money can be on the stage.
const ASSETS: [Asset; 2] = [USDC, USDT];

/// Storage hash of every contract, what every contract and account holds of both assets, and how much of them there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    accounts: Vec<(Address, B256, [u128; 2])>,
    issuance: [u128; 2],
}

impl Stage {
    /// The image of everything on the stage.
    pub fn image(&mut self) -> Image {
        let everyone = self.everyone();
        self.image_of(&everyone)
    }

    /// The image of some contracts and accounts.
    pub fn image_of(&mut self, addresses: &[Address]) -> Image {
        let session = &mut self.session;
        let accounts = addresses
            .iter()
            .map(|address| {
                let holdings = ASSETS.map(|asset| session.balance(asset, *address));
                (*address, session.state_fingerprint(*address), holdings)
            })
            .collect();
        Image { accounts, issuance: ASSETS.map(|asset| session.total_issuance(asset)) }
    }

    /// Asserts that a call reverts with exactly the custom error `E`, and that no contract's storage and nobody's
    /// balance changed.
    #[track_caller]
    pub fn assert_refused<E: SolError>(&mut self, caller: &Actor, target: impl Located, call: impl SolCall) {
        self.assert_refused_with(E::SIGNATURE, &E::SELECTOR, caller, target, call);
    }

    /// The same for an error known by its selector; `name` is for the message.
    #[track_caller]
    pub fn assert_refused_with(
        &mut self,
        name: &str,
        selector: &[u8; 4],
        caller: &Actor,
        target: impl Located,
        call: impl SolCall,
    ) {
        let mut watched = self.everyone();
        watched.push(caller.address());
        let before = self.image_of(&watched);

        let outcome = self.session.call(caller, target, call);

        match outcome {
            Ok(_) => panic!("{name} was expected, but the call went through"),
            // The errors have no arguments: the revert data is the selector and nothing else.
            Err(error) if error.revert_data().is_some_and(|data| data.as_ref() == selector) => {}
            Err(error) => panic!("{name} was expected, but: {}", explain(&error)),
        }
        assert_eq!(self.image_of(&watched), before, "{name} was returned, but something changed");
    }
}
