use alloy_primitives::B256;
use alloy_sol_types::SolEventInterface;
use ringfence_bindings::IMarginVault::IMarginVaultEvents;
use ringfence_bindings::ITailRiskBond::ITailRiskBondEvents;
use ringfence_protocol::{Address, Digest};

/// Something a contract of ours said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainEvent {
    /// Height of its block.
    pub block: u64,
    /// Hash of its block.
    pub block_hash: Digest,
    /// Its place among the block's events.
    pub index: u64,
    /// The vault or bond that said it.
    pub contract: Address,
    /// Its name in `interfaces.sol`.
    pub name: String,
    /// Its fields in words, as Rust prints them.
    pub fields: String,
}

impl ChainEvent {
    /// Name and fields of an event of a vault or a bond; none for any other.
    pub fn read(topics: &[B256], data: &[u8]) -> Option<(String, String)> {
        let vault = IMarginVaultEvents::decode_raw_log(topics, data).map(|event| format!("{event:?}"));
        let text =
            vault.or_else(|_| ITailRiskBondEvents::decode_raw_log(topics, data).map(|event| format!("{event:?}")));
        // The derived form of an enum is `Name(Fields)`.
        let text = text.ok()?;
        let (name, fields) = text.split_once('(')?;
        Some((name.to_owned(), fields.strip_suffix(')')?.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_sol_types::SolEvent;
    use ringfence_bindings::IMarginVault::CallMet;

    #[test]
    fn events_have_the_names_of_the_interface() {
        let event = CallMet { party: alloy_primitives::Address::repeat_byte(7) };
        let log = event.encode_log_data();
        let (name, fields) = ChainEvent::read(log.topics(), &log.data).unwrap();
        assert_eq!(name, "CallMet");
        assert!(fields.contains("party: 0x0707"), "{fields}");
        assert_eq!(ChainEvent::read(&[B256::ZERO], &[]), None);
        assert_eq!(ChainEvent::read(&[], &[]), None);
    }
}
