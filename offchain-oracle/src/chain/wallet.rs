//! The account that pays for submissions. It moves no margin: whoever holds its key can only spend its gas.

use super::Fees;
use crate::sign::{LocalKey, SignError, SigningKey};
use alloy_consensus::{SignableTransaction, TxEip1559, TxEnvelope};
use alloy_eips::eip2718::Encodable2718;
use alloy_primitives::{Bytes, Signature, TxKind, U256};
use ringfence_protocol::{Address, Digest};

/// Signs transactions of one account on one chain, and nothing but transactions.
#[derive(Debug)]
pub struct Wallet {
    key: LocalKey,
    chain_id: u64,
}

/// A call to put into a transaction.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call<'a> {
    pub(super) to: Address,
    pub(super) data: &'a [u8],
    pub(super) nonce: u64,
    pub(super) gas: u64,
    pub(super) fees: Fees,
}

impl Wallet {
    /// An account on a chain.
    pub const fn new(key: LocalKey, chain_id: u64) -> Self {
        Self { key, chain_id }
    }

    /// The account.
    pub fn address(&self) -> Address {
        self.key.address()
    }

    /// The chain that its transactions are for.
    pub const fn chain_id(&self) -> u64 {
        self.chain_id
    }

    /// A signed EIP-1559 transaction: its hash and its bytes.
    pub(super) fn sign(&self, call: &Call<'_>) -> Result<(Digest, Vec<u8>), SignError> {
        let transaction = TxEip1559 {
            chain_id: self.chain_id,
            nonce: call.nonce,
            gas_limit: call.gas,
            max_fee_per_gas: call.fees.max,
            max_priority_fee_per_gas: call.fees.tip,
            to: TxKind::Call(call.to.0.into()),
            value: U256::ZERO,
            access_list: Default::default(),
            input: Bytes::copy_from_slice(call.data),
        };
        // The hash covers the type byte 0x02, the message of EIP-712 begins with 0x19: no instruction can be signed this way.
        let bytes = self.key.sign_transaction(&transaction.signature_hash().0);
        let invalid = |_| SignError::KeyMalformed("submitter".to_owned());
        let signature = Signature::from_raw(&bytes).map_err(invalid)?;
        let envelope = TxEnvelope::Eip1559(transaction.into_signed(signature));
        Ok((Digest(envelope.tx_hash().0), envelope.encoded_2718()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_consensus::transaction::SignerRecoverable;
    use alloy_eips::eip2718::Decodable2718;

    #[test]
    fn a_transaction_recovers_to_the_account_and_carries_the_call() {
        let wallet = Wallet::new(LocalKey::from_secret(&[7; 32]).unwrap(), 420_420_417);
        let fees = Fees { max: 10, tip: 2 };
        let call = Call { to: Address([3; 20]), data: &[1, 2, 3], nonce: 9, gas: 21_000, fees };
        let (hash, raw) = wallet.sign(&call).unwrap();
        let read = TxEnvelope::decode_2718(&mut raw.as_slice()).unwrap();
        assert_eq!(read.recover_signer().unwrap().0, wallet.address().0);
        assert_eq!(read.tx_hash().0, hash.0);
        let TxEnvelope::Eip1559(signed) = read else { panic!("another type") };
        let read = signed.tx();
        assert_eq!((read.nonce, read.gas_limit, read.chain_id), (9, 21_000, 420_420_417));
        assert_eq!((read.max_fee_per_gas, read.max_priority_fee_per_gas), (10, 2));
        assert_eq!((read.to, read.input.as_ref()), (TxKind::Call([3; 20].into()), [1, 2, 3].as_slice()));
        // RFC 6979: the same call gives the same bytes, so that sending again is no second transaction.
        assert_eq!(wallet.sign(&call).unwrap(), (hash, raw));
    }
}
