//! Which host functions a blob may import.

/// The host functions of `pallet-revive` 0.18 (what Polkadot Hub ran in mid 2026) and 0.20.2, the same list in both.
///
/// Checked against the `define_env` modules of both versions, and for 0.20.2 by the test
/// `host_functions_are_those_of_the_pallet`.
pub const HOST_FUNCTIONS: [&str; 40] = [
    "address",
    "balance",
    "balance_of",
    "base_fee",
    "block_author",
    "block_hash",
    "block_number",
    "call",
    "call_data_copy",
    "call_data_load",
    "call_data_size",
    "call_evm",
    "caller",
    "chain_id",
    "code_hash",
    "code_size",
    "consume_all_gas",
    "delegate_call",
    "delegate_call_evm",
    "deposit_event",
    "ecdsa_to_eth_address",
    "gas_limit",
    "gas_price",
    "get_immutable_data",
    "get_storage",
    "get_storage_or_zero",
    "hash_keccak_256",
    "instantiate",
    "now",
    "origin",
    "ref_time_left",
    "return_data_copy",
    "return_data_size",
    "seal_return",
    "set_immutable_data",
    "set_storage",
    "set_storage_or_clear",
    "sr25519_verify",
    "terminate",
    "value_transferred",
];

/// Host functions that exist and that these contracts renounce: running contracts are immutable, so no foreign code in
/// their storage and no self-destruct; and they call through `call` alone.
pub const RENOUNCED: [(&str, &str); 4] = [
    ("call_evm", "call through `call`"),
    ("delegate_call", "runs foreign code on our storage (`Mapping::contains`, `take` and `remove` use it: read with `get`, write a zero value)"),
    ("delegate_call_evm", "runs foreign code on our storage"),
    ("terminate", "no contract here destroys itself"),
];

/// Why `import` may not be imported; `None` when it may.
#[must_use]
pub fn refusal(import: &str) -> Option<String> {
    if let Some((_, why)) = RENOUNCED.iter().find(|(name, _)| *name == import) {
        return Some(format!("import `{import}` is renounced: {why}"));
    }
    if !HOST_FUNCTIONS.contains(&import) {
        return Some(format!("import `{import}` is no host function of the chain: the upload would be refused"));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use pallet_revive_types::runtime_api::PolkavmSyscallV1;
    use std::collections::BTreeSet;

    /// The pallet asserts, in its own tests, that this enumeration is its `list_syscalls` plus the synthetic step
    /// `pvm_fuel`; `noop` exists for benchmarks only.
    #[test]
    fn host_functions_are_those_of_the_pallet() {
        let pallet: BTreeSet<String> = (0..=u8::MAX)
            .filter_map(|index| PolkavmSyscallV1::try_from(index).ok())
            .map(|call| call.to_string())
            .filter(|name| name != "noop" && name != "pvm_fuel")
            .collect();
        let ours: BTreeSet<String> = HOST_FUNCTIONS.iter().map(ToString::to_string).collect();

        assert_eq!(ours, pallet);
    }

    #[test]
    fn renounced_functions_exist_and_are_refused() {
        for (name, _) in RENOUNCED {
            assert!(HOST_FUNCTIONS.contains(&name), "{name}");
            assert!(refusal(name).is_some_and(|why| why.contains("renounced")));
        }
    }

    #[test]
    fn functions_that_no_chain_has_are_refused() {
        for name in ["set_code_hash", "weight_to_fee", "noop", "pvm_fuel", ""] {
            assert!(refusal(name).is_some(), "{name}");
        }
    }

    #[test]
    fn everything_else_is_allowed() {
        let allowed = HOST_FUNCTIONS.iter().filter(|name| refusal(name).is_none()).count();

        assert_eq!(allowed, HOST_FUNCTIONS.len() - RENOUNCED.len());
    }
}
