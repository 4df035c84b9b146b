//! An ERC-20 that does what no asset should, one thing at a time; and a rules contract that answers whatever it was told
//! to. Anyone may mint and set the mode. For tests alone.
#![cfg_attr(not(feature = "std"), no_std, no_main)]
// ink! generates the storage struct and its references without Debug.
#![allow(missing_debug_implementations)]

pub use self::hostile_token::*;

/// Nothing wrong.
pub const HONEST: u8 = 0;
/// A transfer answers false and moves nothing.
pub const ANSWERS_FALSE: u8 = 1;
/// A transfer reverts.
pub const REVERTS: u8 = 2;
/// The receiver gets a hundredth less.
pub const TAKES_FEE: u8 = 3;
/// Whatever the target would send or receive is refused.
pub const FREEZES_TARGET: u8 = 4;
/// A transfer calls the target with the payload before it moves anything.
pub const RE_ENTERS: u8 = 5;
/// Balances are shown with a million units that are not there.
pub const SHOWS_MORE: u8 = 6;
/// A transfer answers true and moves nothing.
pub const MOVES_NOTHING: u8 = 7;
/// A transfer moves and answers with no bytes at all.
pub const ANSWERS_NOTHING: u8 = 8;
/// A transfer moves twice the amount.
pub const MOVES_TWICE: u8 = 9;
/// A transfer stops the machine.
pub const TRAPS: u8 = 10;
/// Balances can't be read.
pub const HIDES_BALANCES: u8 = 11;

#[ink::contract]
mod hostile_token {
    use super::*;
    use ink::{prelude::vec::Vec, storage::Mapping, U256};
    use ringfence_platform::{abi::raw::Opaque, message_arguments};

    /// What a balance is shown too large by.
    const INVENTED: u64 = 1_000_000;

    /// A storage value on the chain is at most 416 bytes; the payload is kept in pieces.
    const CHUNK: usize = 400;
    const MAX_CHUNKS: u32 = 12;
    /// Where it is kept what came of the last call: a value of its own, which a message that may not write can try to write.
    const OUTCOME: u32 = 1;

    #[ink(storage)]
    #[derive(Default)]
    pub struct HostileToken {
        mode: u8,
        target: Address,
        chunks: Mapping<u32, Vec<u8>>,
        balances: Mapping<Address, U256>,
        allowances: Mapping<(Address, Address), U256>,
    }

    impl HostileToken {
        /// An honest token.
        #[ink(constructor)]
        pub fn new() -> Self {
            Self::default()
        }

        /// Sets what is wrong from now on, and with whom.
        #[ink(message)]
        pub fn misbehave(&mut self, mode: u8, target: Address) {
            self.mode = mode;
            self.target = target;
        }

        /// Sets what a target is called with, and what [`Self::evaluate`] answers.
        #[ink(message)]
        pub fn load(&mut self, payload: Opaque) {
            drop(payload);
            let arguments = message_arguments();
            let mut chunks = Opaque::content(&arguments).unwrap_or_default().chunks(CHUNK);
            for index in 0..MAX_CHUNKS {
                self.chunks.insert(index, &chunks.next().unwrap_or_default().to_vec());
            }
        }

        /// Anyone mints.
        #[ink(message)]
        pub fn mint(&mut self, to: Address, value: U256) {
            self.put(to, self.held(to).saturating_add(value));
        }

        /// What came of the last call of the target: 0 there was none, 1 it was refused, 2 it went through.
        #[ink(message)]
        pub fn outcome(&self) -> u8 {
            ink::env::get_contract_storage(&OUTCOME).ok().flatten().unwrap_or(0)
        }

        /// As a rules contract: answers with the payload, reverts with it, or writes something first.
        #[ink(message)]
        pub fn evaluate(&self, request: Opaque) -> Opaque {
            drop(request);
            match self.mode {
                MOVES_TWICE => {
                    ink::env::set_contract_storage(&OUTCOME, &2u8);
                }
                REVERTS => answer(true, &self.payload()),
                TRAPS => panic!("as told"),
                ANSWERS_NOTHING => answer(false, &[]),
                _ => {}
            }
            Opaque::containing(&self.payload())
        }

        /// ERC-20.
        #[ink(message, name = "balanceOf")]
        pub fn balance_of(&self, account: Address) -> U256 {
            match self.mode {
                SHOWS_MORE => self.held(account).saturating_add(U256::from(INVENTED)),
                HIDES_BALANCES => panic!("as told"),
                _ => self.held(account),
            }
        }

        /// ERC-20.
        #[ink(message)]
        pub fn allowance(&self, owner: Address, spender: Address) -> U256 {
            self.allowances.get((owner, spender)).unwrap_or_default()
        }

        /// ERC-20.
        #[ink(message)]
        pub fn approve(&mut self, spender: Address, value: U256) -> bool {
            self.allowances.insert((self.env().caller(), spender), &value);
            true
        }

        /// ERC-20.
        #[ink(message)]
        pub fn transfer(&mut self, to: Address, value: U256) -> bool {
            self.move_value(self.env().caller(), to, value)
        }

        /// ERC-20.
        #[ink(message, name = "transferFrom")]
        pub fn transfer_from(&mut self, from: Address, to: Address, value: U256) -> bool {
            let key = (from, self.env().caller());
            let Some(left) = self.allowances.get(key).unwrap_or_default().checked_sub(value) else {
                return false;
            };
            self.allowances.insert(key, &left);
            self.move_value(from, to, value)
        }

        fn move_value(&mut self, from: Address, to: Address, value: U256) -> bool {
            let mut received = value;
            match self.mode {
                ANSWERS_FALSE => return false,
                REVERTS => answer(true, &[]),
                TRAPS => panic!("as told"),
                MOVES_NOTHING => return true,
                FREEZES_TARGET if from == self.target || to == self.target => return false,
                RE_ENTERS => {
                    let outcome: u8 = if call(&self.target, &self.payload()) { 2 } else { 1 };
                    ink::env::set_contract_storage(&OUTCOME, &outcome);
                }
                TAKES_FEE => received = value.saturating_sub(value / U256::from(100)),
                _ => {}
            }
            if self.mode == MOVES_TWICE && !self.shift(from, to, value, value) {
                return false;
            }
            let moved = self.shift(from, to, value, received);
            if self.mode == ANSWERS_NOTHING {
                answer(false, &[]);
            }
            moved
        }

        fn shift(&mut self, from: Address, to: Address, sent: U256, received: U256) -> bool {
            let Some(left) = self.held(from).checked_sub(sent) else {
                return false;
            };
            self.put(from, left);
            self.put(to, self.held(to).saturating_add(received));
            true
        }

        fn payload(&self) -> Vec<u8> {
            (0..MAX_CHUNKS).flat_map(|index| self.chunks.get(index).unwrap_or_default()).collect()
        }

        fn held(&self, account: Address) -> U256 {
            self.balances.get(account).unwrap_or_default()
        }

        fn put(&mut self, account: Address, value: U256) {
            self.balances.insert(account, &value);
        }
    }

    /// Calls with everything that is left, and lets the callee call back.
    #[cfg(target_arch = "riscv64")]
    fn call(target: &Address, input: &[u8]) -> bool {
        use pallet_revive_uapi::{CallFlags, HostFn, HostFnImpl};
        let limits = (u64::MAX, u64::MAX, [u8::MAX; 32]);
        let flags = CallFlags::ALLOW_REENTRY;
        HostFnImpl::call(flags, &target.0, limits.0, limits.1, &limits.2, &[0; 32], input, None).is_ok()
    }

    /// Ends the call with these bytes.
    #[cfg(target_arch = "riscv64")]
    fn answer(reverted: bool, bytes: &[u8]) {
        use pallet_revive_uapi::{HostFn, HostFnImpl, ReturnFlags};
        let flags = if reverted { ReturnFlags::REVERT } else { ReturnFlags::empty() };
        HostFnImpl::return_value(flags, bytes)
    }

    #[cfg(not(target_arch = "riscv64"))]
    fn call(_target: &Address, _input: &[u8]) -> bool {
        false
    }

    #[cfg(not(target_arch = "riscv64"))]
    fn answer(_reverted: bool, _bytes: &[u8]) {}
}
