//! Variation margin as an ISDA Credit Support Annex computes it.
//!
//! Source: 2016 Credit Support Annex for Variation Margin (ISDA, New York law), paragraph 3(a) and (b) (delivery and
//! return amount) and paragraph 13(c)(vii) (minimum transfer amount, rounding). That form has no threshold; it is as in
//! the 1994 Credit Support Annex, paragraph 3 (credit support amount). The exposure is the cumulative entitlement X;
//! the posted credit support balance is what has been settled, S.

use crate::{
    terms::PartyTerms,
    units::{Amount, ArithmeticError, SignedAmount},
    Pair, Party,
};

/// A transfer due from one party to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// Who pays.
    pub debtor: Party,
    /// How much; zero if nothing is due.
    pub amount: Amount,
}

/// The credit support balance that the exposure calls for: exposure beyond the debtor's threshold.
pub fn credit_support_amount(exposure: SignedAmount, csa: &Pair<PartyTerms>) -> Result<SignedAmount, ArithmeticError> {
    let creditor = if exposure.get() >= 0 { Party::A } else { Party::B };
    let debtor = creditor.other();
    let beyond = exposure.magnitude().saturating_sub(csa.of(debtor).threshold);
    SignedAmount::owing(creditor, beyond)
}

/// What is due, given the entitlement and what has been settled so far.
///
/// The debtor first returns what it holds of the creditor's, rounded down, then delivers of its own, rounded up; the sum
/// is zero below the debtor's minimum transfer amount.
pub fn transfer_due(
    entitlement: SignedAmount,
    settled: SignedAmount,
    csa: &Pair<PartyTerms>,
) -> Result<Due, ArithmeticError> {
    let target = credit_support_amount(entitlement, csa)?;
    let change = target.sub(settled)?;
    let creditor = if change.get() >= 0 { Party::A } else { Party::B };
    let debtor = creditor.other();
    let terms = csa.of(debtor);

    let held_by_debtor = settled.owed_to(debtor);
    let to_return = change.magnitude().min(held_by_debtor).round_down_to(terms.rounding_amount);
    let to_deliver = change.magnitude().saturating_sub(held_by_debtor).round_up_to(terms.rounding_amount)?;

    let total = to_return.add(to_deliver)?;
    let amount = if total < terms.minimum_transfer_amount { Amount::ZERO } else { total };
    Ok(Due { debtor, amount })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn csa(threshold: u128, minimum: u128, rounding: u128) -> Pair<PartyTerms> {
        let terms = PartyTerms {
            threshold: Amount::new(threshold),
            minimum_transfer_amount: Amount::new(minimum),
            rounding_amount: Amount::new(rounding),
            independent_amount: Amount::ZERO,
        };
        Pair { a: terms, b: terms }
    }

    fn due(x: i128, s: i128, csa: &Pair<PartyTerms>) -> (Party, u128) {
        let due = transfer_due(SignedAmount::new(x), SignedAmount::new(s), csa).expect("in range");
        (due.debtor, due.amount.get())
    }

    #[test]
    fn exposure_within_the_threshold_is_not_collateralised() {
        assert_eq!(due(100, 0, &csa(100, 0, 0)).1, 0);
        assert_eq!(due(101, 0, &csa(100, 0, 0)), (Party::B, 1));
        assert_eq!(due(-101, 0, &csa(100, 0, 0)), (Party::A, 1));
    }

    #[test]
    fn transfers_below_the_minimum_are_not_made_and_at_it_are() {
        assert_eq!(due(49, 0, &csa(0, 50, 0)).1, 0);
        assert_eq!(due(50, 0, &csa(0, 50, 0)), (Party::B, 50));
    }

    #[test]
    fn deliveries_round_up_and_returns_round_down() {
        assert_eq!(due(101, 0, &csa(0, 0, 10)), (Party::B, 110));
        assert_eq!(due(101, 110, &csa(0, 0, 10)), (Party::A, 0));
        assert_eq!(due(85, 110, &csa(0, 0, 10)), (Party::A, 20));
    }

    #[test]
    fn a_swing_through_zero_returns_and_then_delivers() {
        // A holds 40 of B's; the exposure turns to 25 in B's favour: A returns 40 and delivers 25.
        assert_eq!(due(-25, 40, &csa(0, 0, 0)), (Party::A, 65));
        assert_eq!(due(-25, 40, &csa(0, 0, 10)), (Party::A, 70));
        // Within A's threshold it only returns.
        assert_eq!(due(-25, 40, &csa(25, 0, 0)), (Party::A, 40));
    }
}
