//! The token that misbehaves.

use crate::{artifacts, explain, Contract, Stage};
use alloy_primitives::{Address, U256};
use ringfence_devchain::{Actor, Located, IERC20};

alloy_sol_types::sol! {
    /// What `tests/contracts/hostile-token` understands beside ERC-20.
    #[allow(missing_docs)]
    interface IHostileToken {
        function misbehave(uint8 mode, address target) external;
        function load(bytes payload) external;
        function mint(address to, uint256 value) external;
        function outcome() external view returns (uint8);
        function evaluate(bytes request) external returns (bytes);
    }
}

/// What can be wrong with the token; the numbers are the contract's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "documented at the contract")]
pub enum Mode {
    Honest = 0,
    AnswersFalse = 1,
    Reverts = 2,
    TakesFee = 3,
    FreezesTarget = 4,
    ReEnters = 5,
    ShowsMore = 6,
    MovesNothing = 7,
    AnswersNothing = 8,
    MovesTwice = 9,
    Traps = 10,
    HidesBalances = 11,
}

impl Stage {
    /// Deploys a token that is honest until it is told otherwise.
    ///
    /// # Panics
    /// If it is refused.
    pub fn deploy_token(&mut self, number: u8) -> Address {
        let keeper = self.keeper.clone();
        let deployed = self.session.deploy(&keeper, &artifacts::blob("hostile-token"), Vec::new(), [number; 32]);
        let token = deployed.unwrap_or_else(|error| panic!("the token: {}", explain(&error))).address();
        self.others.push(token);
        token
    }

    /// Has a token misbehave from now on, towards a target.
    pub fn misbehave(&mut self, token: Address, mode: Mode, target: impl Located) {
        let keeper = self.keeper.clone();
        #[allow(clippy::as_conversions, reason = "the enum is its number")]
        let mode = mode as u8;
        self.must(&keeper, token, IHostileToken::misbehaveCall { mode, target: target.address() });
    }

    /// Sets what a token sends to its target, or answers as a rules contract.
    pub fn load(&mut self, token: Address, payload: Vec<u8>) {
        let keeper = self.keeper.clone();
        self.must(&keeper, token, IHostileToken::loadCall { payload: payload.into() });
    }

    /// Mints a token to an account and lets `spender` take it.
    pub fn fund_token(&mut self, token: Address, actor: &Actor, spender: Address, amount: u128) {
        let keeper = self.keeper.clone();
        let value = U256::from(amount);
        self.must(&keeper, token, IHostileToken::mintCall { to: actor.address(), value });
        self.must(actor, token, IERC20::approveCall { spender, value });
    }

    /// A pair under full terms with USDT and an honest token as collateral, started and valued; and the token with its
    /// index.
    pub fn with_token() -> (Self, Address, u8) {
        let mut stage = Self::empty();
        let token = stage.deploy_token(1);
        let (contract, a, b) = stage.next_contract(stage.entity.h160());
        let contract: Contract = contract.full().accepting(&[ringfence_devchain::USDT.h160(), token.h160()]);
        let index = u8::from(contract.schedule.0[1].asset == token.h160());
        let pair = stage.propose(contract, a, b);
        stage.start_pair(pair);
        stage.mark(pair, crate::Mark::default());
        (stage, token, index)
    }
}
