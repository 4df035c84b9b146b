//! Random terms and actions: mostly such that a pair lives, with the ends of every range among them.

use crate::{
    action::{Action, Flaw, Settlement, Size, Step, Who},
    common::{amount, plain_terms, Stub},
};
use proptest::prelude::*;
use ringfence_protocol::{
    terms::{PartyTerms, Periods, Terms, NO_CUT_OFF},
    units::{Amount, Bps, Seconds},
    Party,
};

const MOST: u128 = Amount::MAX.get();

fn any_party() -> impl Strategy<Value = Party> {
    prop_oneof![Just(Party::A), Just(Party::B)]
}

fn party_mostly() -> impl Strategy<Value = Who> {
    prop_oneof![
        16 => any_party().prop_map(Who::Party),
        1 => Just(Who::Entity),
        1 => Just(Who::Keeper),
        1 => (0..3usize).prop_map(Who::Successor),
    ]
}

fn entity_mostly() -> impl Strategy<Value = Who> {
    prop_oneof![8 => Just(Who::Entity), 1 => any_party().prop_map(Who::Party), 1 => Just(Who::Keeper)]
}

fn anybody() -> impl Strategy<Value = Who> {
    prop_oneof![
        3 => any_party().prop_map(Who::Party),
        1 => Just(Who::Entity),
        3 => Just(Who::Keeper),
        2 => (0..3usize).prop_map(Who::Successor),
        1 => any_party().prop_map(Who::First),
    ]
}

fn any_value() -> impl Strategy<Value = u128> {
    prop_oneof![24 => 1..2_000u128, 4 => 1..20u128, 1 => Just(0), 1 => Just(MOST), 1 => Just(MOST + 1), 1 => 1..MOST]
}

fn any_size() -> impl Strategy<Value = Size> {
    prop_oneof![any_value().prop_map(Size::Exactly), Just(Size::AllAnd(0)), Just(Size::AllAnd(1))]
}

fn any_entitlement() -> impl Strategy<Value = i128> {
    let most = i128::try_from(MOST).expect("fits");
    prop_oneof![40 => -3_000..3_000i128, 8 => -50..50i128, 1 => Just(most), 1 => Just(-most), 1 => -most..most]
}

fn any_requirement() -> impl Strategy<Value = u128> {
    prop_oneof![12 => Just(0), 24 => 0..1_500u128, 1 => Just(MOST)]
}

/// An instruction after which nothing is at risk.
fn calm() -> impl Strategy<Value = Action> {
    (-300..300i128).prop_map(|entitlement| {
        Action::Settle(Settlement {
            entitlement,
            margins: [0; 2],
            tail: 0,
            growth: 10_000,
            fee: 0,
            prices: [100; 2],
            age: 0,
            everyone: true,
            flaw: None,
        })
    })
}

prop_compose! {
    fn any_settlement()(
        entitlement in any_entitlement(),
        margins in [any_requirement(), any_requirement()],
        tail in any_requirement(),
        growth in prop_oneof![6 => Just(10_000), 3 => 9_900..10_200u16, 1 => 1..60_000u16],
        (fee, prices) in (0..2_000u16, [0..300u128, 0..300u128]),
        age in prop_oneof![4 => Just(0), 1 => 0..700u64],
        everyone in prop::bool::weighted(0.7),
        flaw in prop::option::weighted(0.15, prop::sample::select(Flaw::ALL.to_vec())),
    ) -> Action {
        Action::Settle(Settlement { entitlement, margins, tail, growth, fee, prices, age, everyone, flaw })
    }
}

fn any_risk_action() -> impl Strategy<Value = Action> {
    prop_oneof![
        4 => (party_mostly(), 0..3usize, any_value()).prop_map(|(who, index, quantity)| Action::Post(who, index, quantity)),
        3 => (party_mostly(), 0..3usize, any_size()).prop_map(|(who, index, size)| Action::TakeBack(who, index, size)),
        3 => (party_mostly(), (0..2u128, any_value()), (0..2u128, any_value()))
            .prop_map(|(who, posted, returned)| Action::Substitute(who, posted.into(), returned.into())),
        1 => (any_party(), 1..3_000u64, prop::bool::weighted(0.8))
            .prop_map(|(party, more, by_other)| Action::Extend { party, more, by_other }),
        5 => (party_mostly(), any_entitlement()).prop_map(|(who, stated)| Action::Dispute(who, stated)),
        2 => (any_party(), any_entitlement(), prop::bool::weighted(0.8))
            .prop_map(|(party, value, everyone)| Action::DetermineDispute { party, value, everyone }),
        2 => (any_party(), any_entitlement(), prop::bool::weighted(0.8))
            .prop_map(|(party, value, by_both)| Action::ResolveDispute { party, value, by_both }),
        2 => any_party().prop_map(Action::LapseDispute),
    ]
}

fn any_default_action() -> impl Strategy<Value = Action> {
    let near = || prop_oneof![6 => -300..1_200i128, 1 => any_entitlement()];
    prop_oneof![
        1 => (anybody(), any_party()).prop_map(|(who, party)| Action::DeclareDefault(who, party)),
        3 => (party_mostly(), 0..3usize).prop_map(|(who, index)| Action::Approve(who, index)),
        8 => (0..3usize, near()).prop_map(|(index, price)| Action::Bid(index, price)),
        8 => party_mostly().prop_map(Action::AcceptBid),
        5 => (anybody(), near(), prop::bool::weighted(0.7), prop::bool::weighted(0.9)).prop_map(
            |(caller, value, everyone, of_defaulter)| Action::Determine { caller, value, everyone, of_defaulter }
        ),
        6 => anybody().prop_map(Action::Resolve),
        6 => (0..3usize, prop_oneof![1..300u128, any_value()]).prop_map(|(index, quantity)| Action::Buy { index, quantity }),
        1 => prop::bool::weighted(0.8).prop_map(|by_both| Action::Rotate { by_both }),
        1 => any_claim_action(),
        10 => any_wait(),
    ]
}

/// Claims on bonds and estates, which live in every phase.
fn any_claim_action() -> impl Strategy<Value = Action> {
    prop_oneof![
        3 => (0..2usize, 0..4usize).prop_map(|(estate, layer)| Action::CollectCover(estate, layer)),
        2 => any::<bool>().prop_map(Action::BondsPay),
        4 => (0..2usize, any_value()).prop_map(|(estate, value)| Action::Recover(estate, value)),
        3 => (0..2usize, 0..4usize).prop_map(|(estate, layer)| Action::PassRecovery(estate, layer)),
        4 => (anybody(), 0..3usize).prop_map(|(who, index)| Action::Collect(who, index)),
        2 => (anybody(), 0..2usize, 0..3usize).prop_map(|(who, estate, to)| Action::TransferClaim(who, estate, to)),
    ]
}

fn any_closed_action() -> impl Strategy<Value = Action> {
    prop_oneof![
        4 => any_claim_action(),
        1 => (party_mostly(), any_size()).prop_map(|(who, size)| Action::Withdraw(who, size)),
        1 => (party_mostly(), 0..3usize, any_size()).prop_map(|(who, index, size)| Action::TakeBack(who, index, size)),
        1 => any_entity_action(),
    ]
}

fn any_exit_action() -> impl Strategy<Value = Action> {
    prop_oneof![
        1 => (any_entitlement(), prop::bool::weighted(0.8))
            .prop_map(|(entitlement, by_both)| Action::Terminate { entitlement, by_both }),
        2 => party_mostly().prop_map(Action::Leave),
        2 => prop_oneof![party_mostly(), entity_mostly()].prop_map(Action::BeginRunOff),
        3 => Just(Action::CloseRunOff),
        6 => party_mostly().prop_map(Action::LeaveRunOff),
        6 => party_mostly().prop_map(Action::LeaveRotation),
        2 => Just(Action::TakeUpRotation),
    ]
}

fn any_wait() -> impl Strategy<Value = Action> {
    prop_oneof![12 => 1..400u64, 6 => 400..2_000u64, 1 => 2_000..90_000u64].prop_map(Action::Wait)
}

fn any_entity_action() -> impl Strategy<Value = Action> {
    prop_oneof![
        1 => (entity_mostly(), 0..300_000u64).prop_map(|(who, span)| Action::Pause(who, span)),
        3 => (entity_mostly(), any_value(), prop::bool::weighted(0.8))
            .prop_map(|(who, value, sent)| Action::AddFirstLoss { who, value, sent }),
        3 => (entity_mostly(), any_size()).prop_map(|(who, size)| Action::ReleaseFirstLoss(who, size)),
        1 => (entity_mostly(), 0..50u128).prop_map(|(who, value)| Action::AddReserve(who, value)),
        2 => entity_mostly().prop_map(Action::CollectFees),
        3 => (entity_mostly(), 1..6u8, 0..1_000u128, prop_oneof![6 => Just(0), 1 => Just(1)], 0..20_000u64)
            .prop_map(|(who, bond, limit, gap, term)| {
                Action::RegisterCover { who, bond, limit, gap, term, waits: term % 2 == 1 }
            }),
        1 => (entity_mostly(), prop_oneof![1 => Just(0), 3 => 0..60_000u64]).prop_map(|(who, span)| Action::Attest(who, span)),
        1 => entity_mostly().prop_map(Action::NoticeRotation),
        1 => entity_mostly().prop_map(Action::WithdrawRotation),
        1 => (any_value(), prop::bool::weighted(0.8))
            .prop_map(|(max_move, by_both)| Action::Amend { max_move, by_both }),
        1 => prop::bool::weighted(0.8).prop_map(|by_both| Action::Rotate { by_both }),
        1 => (0..3usize, 0..100u128).prop_map(|(index, value)| Action::Donate(index, value)),
    ]
}

fn any_active_action() -> impl Strategy<Value = Action> {
    prop_oneof![
        6 => (party_mostly(), any_value()).prop_map(|(who, value)| Action::Deposit(who, value)),
        5 => (party_mostly(), any_size()).prop_map(|(who, size)| Action::Withdraw(who, size)),
        1 => prop::bool::weighted(0.8).prop_map(|by_both| Action::Agree { by_both }),
        18 => any_settlement(),
        4 => calm(),
        1 => any::<usize>().prop_map(Action::Replay),
        16 => any_risk_action(),
        3 => (anybody(), any_party()).prop_map(|(who, party)| Action::DeclareDefault(who, party)),
        2 => (party_mostly(), 0..3usize).prop_map(|(who, index)| Action::Approve(who, index)),
        1 => (party_mostly(), 0..3usize).prop_map(|(who, index)| Action::Revoke(who, index)),
        2 => any_claim_action(),
        3 => any_exit_action(),
        6 => any_entity_action(),
        14 => any_wait(),
    ]
}

pub(crate) fn any_step() -> impl Strategy<Value = Step> {
    let anyway = prop_oneof![
        1 => party_mostly().prop_map(Action::Accept),
        2 => any_active_action(),
        1 => any_default_action(),
        1 => any_closed_action(),
    ];
    let anyway = prop::option::weighted(0.15, anyway);
    (any_active_action(), any_default_action(), any_closed_action(), anyway)
        .prop_map(|(active, defaulted, closed, anyway)| Step { active, defaulted, closed, anyway })
}

prop_compose! {
    fn any_party_terms()(
        threshold in prop_oneof![2 => Just(0), 1 => 0..500u128],
        minimum in prop_oneof![1 => Just(0), 1 => 0..200u128],
        rounding in prop_oneof![1 => 0..2u128, 1 => 2..100u128],
        independent in prop_oneof![2 => Just(0), 1 => 0..300u128],
    ) -> PartyTerms {
        PartyTerms {
            threshold: amount(threshold),
            minimum_transfer_amount: amount(minimum),
            rounding_amount: amount(rounding),
            independent_amount: amount(independent),
        }
    }
}

prop_compose! {
    fn any_periods()(
        (cure, max_staleness, close_out, extra) in (300..1_200u64, 60..900u64, 300..5_000u64, 0..5_000u64),
        notification in prop_oneof![3 => Just(NO_CUT_OFF.get()), 1 => 0..86_400u64],
        dispute in prop_oneof![1 => Just(0), 4 => 1..3_000u64],
        (replacement, auction) in (prop_oneof![1 => Just(0), 4 => 1..5_000u64], 300..3_000u64),
    ) -> Periods {
        Periods {
            cure: Seconds::new(cure),
            notification: Seconds::new(notification),
            max_staleness: Seconds::new(max_staleness),
            dispute: Seconds::new(dispute),
            replacement: Seconds::new(replacement.min(close_out)),
            close_out: Seconds::new(close_out),
            auction: Seconds::new(auction),
            oracle_timeout: Seconds::new(cure + max_staleness + extra),
        }
    }
}

prop_compose! {
    pub(crate) fn any_terms()(
        (a, b) in (any_party_terms(), any_party_terms()),
        periods in any_periods(),
        max_move in prop_oneof![Just(0), 0..4_000u128, Just(MOST)],
        (deposit, tolerance) in (prop_oneof![Just(0), 0..200u128], 0..100u128),
        (fee_cap, share) in (0..=1_000u16, prop_oneof![Just(5_000), 0..=10_000u16]),
    ) -> Terms {
        let mut terms = plain_terms::<Stub>();
        terms.csa = ringfence_protocol::Pair { a, b };
        terms.periods = periods;
        terms.max_move = amount(max_move);
        terms.dispute_deposit = amount(deposit);
        terms.dispute_tolerance = amount(tolerance);
        terms.fee_cap = Bps::new(fee_cap);
        terms.tail_share_a = Bps::new(share);
        terms
    }
}

/// How far a case has come before it is random: nothing, running, with layers, valued with collateral, then in
/// default, after the entity's notice of a run-off or of other signers, or behind a layer that waits.
pub(crate) fn beginning(stage: u8, margins: [u128; 2]) -> Vec<Action> {
    let [a, b] = Party::BOTH.map(Who::Party);
    let mut actions = Vec::new();
    if stage > 0 {
        actions.extend([
            Action::Accept(a),
            Action::Accept(b),
            Action::Deposit(a, margins[0]),
            Action::Deposit(b, margins[1]),
        ]);
        actions.push(Action::Agree { by_both: true });
    }
    if stage > 1 {
        let layer = |bond: u8, limit, term| Action::RegisterCover {
            who: Who::Entity,
            bond: 100 + bond,
            limit,
            gap: 0,
            term,
            waits: false,
        };
        actions.push(Action::AddFirstLoss { who: Who::Entity, value: 100, sent: true });
        actions.extend([layer(0, 200, 30_000), layer(1, 150, 3_000), layer(2, 300, 30_000), Action::BondsPay(true)]);
    }
    if stage > 2 {
        let settlement = Settlement {
            entitlement: 150,
            margins: [300, 400],
            tail: 500,
            growth: 10_000,
            fee: 10,
            prices: [100, 100],
            age: 0,
            everyone: true,
            flaw: None,
        };
        actions.extend([Action::Post(a, 0, 200), Action::Post(b, 0, 500), Action::Post(b, 1, 400)]);
        actions.extend([
            Action::Settle(settlement),
            Action::Approve(a, 0),
            Action::Approve(a, 1),
            Action::Approve(b, 2),
        ]);
    }
    if stage == 5 {
        actions.extend([Action::BeginRunOff(Who::Entity), Action::Wait(86_401)]);
    }
    if stage == 7 {
        actions.extend([Action::NoticeRotation(Who::Entity), Action::Wait(86_401)]);
    }
    if stage == 8 {
        actions.extend([Action::NoticeRotation(Who::Entity), Action::Wait(604_801)]);
    }
    // New trades while a layer waits.
    if stage == 9 {
        let waits =
            Action::RegisterCover { who: Who::Entity, bond: 103, limit: 250, gap: 0, term: 30_000, waits: true };
        actions.extend([waits, Action::Agree { by_both: true }, Action::Wait(2_000)]);
    }
    if stage == 4 || stage == 6 {
        actions.extend([Action::Wait(30), Action::DeclareDefault(b, Party::B)]);
    }
    // A close-out beyond margin and capital, while the bonds do not pay.
    if stage == 6 {
        let determine = Action::Determine { caller: Who::Keeper, value: 2_500, everyone: true, of_defaulter: true };
        let end = [Action::Wait(901), Action::Resolve(Who::Keeper)];
        actions.extend([Action::BondsPay(false), determine].into_iter().chain(end));
    }
    actions
}
