//! Native balances: what pays for storage deposits and approvals.

use crate::{
    located::{account_of, Located},
    runtime::{Balance, Balances, TransactionPayment},
    session::Session,
};
use frame_support::{
    traits::fungible::{Inspect, Mutate},
    weights::Weight,
};

impl Session {
    /// Creates `amount` plancks on the account of `who`.
    ///
    /// # Panics
    /// If `amount` is below [`EXISTENTIAL_DEPOSIT`](crate::EXISTENTIAL_DEPOSIT) and the account does not exist yet.
    pub fn fund(&mut self, who: impl Located, amount: Balance) {
        let who = who.h160();
        self.administer(|| Balances::mint_into(&account_of(who), amount).map(drop))
            .expect("the amount keeps the account alive and total issuance does not overflow");
    }

    /// Plancks of `who` that are neither held nor reserved.
    pub fn native_free(&mut self, who: impl Located) -> Balance {
        let who = who.h160();
        self.execute_with(|| Balances::free_balance(account_of(who)))
    }

    /// Plancks of `who` that are put aside: storage deposits held on a contract, and deposits reserved for approvals.
    pub fn native_reserved(&mut self, who: impl Located) -> Balance {
        let who = who.h160();
        // Holds are booked in the same field as reserves.
        self.execute_with(|| Balances::reserved_balance(account_of(who)))
    }

    /// Everything `who` owns, in plancks: free and reserved.
    pub fn native_total(&mut self, who: impl Located) -> Balance {
        let who = who.h160();
        self.execute_with(|| <Balances as Inspect<_>>::total_balance(&account_of(who)))
    }

    /// The fee for this weight in plancks, without the part for the transaction's length. Nobody is charged it here.
    pub fn fee_for(&mut self, weight: Weight) -> Balance {
        self.execute_with(|| TransactionPayment::weight_to_fee(weight))
    }
}
