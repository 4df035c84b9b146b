//! Attempts to have a bond pay for what was put at risk on purpose, and to be paid a claim twice.

use crate::{
    common::{amount, full_terms, Real, ASSET, ENTITY, KEEPER, SIGNERS, SUCCESSORS},
    fixtures::{replaced_at, successor, terms as plain, valued_under, Pair},
};
use ringfence_protocol::{
    terms::Terms,
    units::{Seconds, Timestamp},
    vault::{Command, VaultError},
    Address, Party,
};

const DAY: u64 = 86_400;

fn covered(terms: Terms, waiting: u64) -> Pair {
    let mut world = valued_under(terms);
    world.waiting = Seconds::new(waiting);
    world.register_cover(ENTITY, 1, 1_000, 1_000_000, 0).expect("accepted");
    world.now += 2 * waiting.max(5_000);
    tail(&mut world, 120, 0);
    world
}

fn tail(world: &mut Pair, value: u128, margin_b: u128) {
    world.now += 1;
    let mut message = world.instruction(0);
    message.tail_requirement = amount(value);
    message.initial_margin_b = amount(margin_b);
    world.settle(&message).expect("accepted");
}

/// B puts itself in default on the valuation there is and owes 500 more than its margin.
fn self_default_pays(world: &Pair) -> u128 {
    let mut world = world.clone();
    world.declare_default(world.address(Party::B), Party::B).expect("accepted");
    let owes = i128::try_from(world.margin(Party::B)).expect("small") + 500;
    world.determine(&world.determination(Party::B, owes), &SIGNERS).expect("accepted");
    world.vault.estates.0.first().map_or(0, |estate| estate.layers.iter().map(|layer| layer.due.get()).sum())
}

/// Both sign a root whose trades they show to nobody; the oracle can't value it. It is shown a waiting period later, and B
/// defaults on the first valuation.
#[test]
fn a_portfolio_that_nobody_valued_does_not_grow_old() {
    let mut world = covered(plain(), 901);
    world.agree().expect("accepted");
    world.now += 901;
    tail(&mut world, 900, 0);
    assert!(self_default_pays(&world) <= 120, "pays {}", self_default_pays(&world));
}

/// The same, replaced once more: the tail of the first valuation is taken for what was at risk for long.
#[test]
fn the_tail_of_a_portfolio_that_grew_old_unvalued_does_not_count_when_it_is_replaced() {
    let mut world = covered(plain(), 901);
    world.agree().expect("accepted");
    world.now += 901;
    tail(&mut world, 900, 0);
    world.agree().expect("accepted");
    tail(&mut world, 900, 0);
    assert!(self_default_pays(&world) <= 120);
}

/// The oracle values a second after the agreement, and a keeper could act only when the portfolio would count.
#[test]
fn what_a_party_does_not_post_for_does_not_grow_old() {
    let mut world = covered(plain(), 901);
    world.agree().expect("accepted");
    let agreed = world.now;
    tail(&mut world, 900, 5_000);
    world.now = agreed + 600;
    tail(&mut world, 900, 5_000);
    world.now = agreed + 901;
    let keeper = world.clone().declare_default(KEEPER, Party::B);
    assert!(keeper.is_ok() || self_default_pays(&world) <= 120, "{keeper:?}, pays {}", self_default_pays(&world));
}

/// A notification time puts the deadline of a call off by up to a day.
#[test]
fn a_notification_time_does_not_help_who_does_not_post() {
    let mut terms = plain();
    terms.periods.notification = Seconds::ZERO;
    let mut world = covered(terms, 901);
    world.agree().expect("accepted");
    tail(&mut world, 900, 5_000);
    world.now += 901;
    tail(&mut world, 900, 5_000);
    let keeper = world.clone().declare_default(KEEPER, Party::B);
    assert!(keeper.is_ok() || self_default_pays(&world) <= 120, "{keeper:?}, pays {}", self_default_pays(&world));
}

/// The other side of one owner would extend the call: not while investors are behind the pair.
#[test]
fn a_call_is_not_extended_while_investors_are_behind_the_pair() {
    let mut world = covered(plain(), 2_000);
    world.agree().expect("accepted");
    tail(&mut world, 900, 5_000);
    let extension = world.extension(Party::B, 7 * DAY);
    assert_eq!(world.extend(&extension, crate::common::PARTY_A), Err(VaultError::CoverLive));
}

/// The other side disputes one unit; its deposit comes back when the dispute lapses.
#[test]
fn a_dispute_of_a_unit_does_not_help_who_does_not_post() {
    let mut terms = full_terms::<Real>();
    terms.periods.dispute = Seconds::new(3_600);
    terms.periods.replacement = Seconds::ZERO;
    // More than three times the cure period, less than the window of a dispute.
    let mut world = covered(terms, 3_000);
    world.agree().expect("accepted");
    let (agreed, mut x) = (world.now, -1);
    world.value(x, [0, 5_000]);
    world.dispute(world.address(Party::A), x + 1).expect("accepted");
    let mut keepers = Vec::new();
    while world.now < agreed + 3_000 {
        world.now += 500;
        x -= 1;
        world.value(x, [0, 5_000]);
        keepers.push(world.clone().declare_default(KEEPER, Party::B));
    }
    assert!(
        keepers.iter().any(Result::is_ok) || self_default_pays(&world) <= 120,
        "{keepers:?}, pays {}",
        self_default_pays(&world)
    );
}

/// The attestation has lapsed, B defaults, bonds were told that nothing is claimable. Then somebody attests.
#[test]
fn an_attestation_after_the_default_does_not_revive_cover() {
    let mut world = valued_under(plain());
    world.attested_until = Timestamp::new(world.now + 100);
    world.register_cover(ENTITY, 1, 1_000, 1_000_000, 0).expect("accepted");
    world.now += 200;
    tail(&mut world, 0, 0);
    world.declare_default(world.address(Party::B), Party::B).expect("accepted");
    let bond = Address::repeat_byte(1);
    assert_eq!(world.vault.claimable(bond).expect("in range").get(), 0);
    world.now += 100;
    let _ = world.attest(Timestamp::new(world.now + DAY));
    assert_eq!(world.vault.claimable(bond).expect("in range").get(), 0, "told 0 before");
}

/// After a replacement by a successor whom nobody attested.
#[test]
fn an_attestation_after_its_default_does_not_revive_cover_for_a_successor() {
    let mut world = replaced_at(0);
    world.value(1_200, [0, 400]);
    world.declare_default(world.address(Party::B), Party::B).expect("accepted");
    let bond = Address::repeat_byte(1);
    let told = world.vault.claimable(bond).expect("in range").get();
    let _ = world.attest(Timestamp::new(world.now + DAY));
    assert_eq!(world.vault.claimable(bond).expect("in range").get(), told);
}

/// A successor whose price a bond still owes. Returns what it took out before the pair was valued again, its margin, and what
/// is called of it after the move that the price was for.
fn taken_out(transfer: bool) -> (u128, u128, u128) {
    let mut world = replaced_at(300);
    assert_eq!(world.estate(0).layers[0].due.get(), 300);
    let pocket = successor(SUCCESSORS[2]);
    if transfer {
        let moved = world.run(successor(SUCCESSORS[0]), Command::TransferClaim { estate: 0, to: pocket });
        assert_eq!(moved, Err(VaultError::ClaimPledged));
    }
    world.bonds_pay = true;
    world.keep(Command::CollectCover { estate: 0, layer: 0 }).expect("paid");
    let out = world.credit_of(pocket, ASSET);
    if out > 0 {
        world.collect(pocket, ASSET).expect("out");
    }
    let margin = world.margin(Party::B);
    world.value(1_500, [0, 400]);
    (out, margin, world.vault.state.shortfall(Party::B).expect("in range").get())
}

/// The price stays behind the side until it is valued: `replace` says so.
#[test]
fn a_successor_can_not_take_the_price_out_before_its_side_is_valued() {
    assert_eq!(taken_out(false), (0, 700, 0));
    assert_eq!(taken_out(true).0, 0);
}

/// What a lower layer must not pay, an upper one of the same waiting period does not either.
#[test]
fn the_bound_of_a_lower_layer_is_not_passed_on_to_an_upper_one() {
    let mut world = valued_under(plain());
    world.waiting = Seconds::new(5_000);
    world.register_cover(ENTITY, 1, 600, 1_000_000, 0).expect("accepted");
    world.now += 1_000;
    world.register_cover(ENTITY, 2, 1_000, 1_000_000, 600).expect("accepted");
    world.now += 4_000;
    tail(&mut world, 120, 0);
    // The second still waits, and so does nobody pay in the place of the first.
    assert_eq!(self_default_pays(&world), 500);
    world.now += 10_000;
    tail(&mut world, 120, 0);
    world.agree().expect("accepted");
    tail(&mut world, 120, 0);
    assert_eq!(self_default_pays(&world), 120);
}

/// A series with a long waiting period is over; the one in its place remembers for its own alone.
#[test]
fn an_ended_series_does_not_make_the_memory_of_the_next_one_longer() {
    let mut world = valued_under(plain());
    world.waiting = Seconds::new(30 * DAY);
    world.register_cover(ENTITY, 1, 1, 31 * DAY, 0).expect("accepted");
    world.now += 40 * DAY;
    world.waiting = Seconds::new(901);
    world.register_cover(ENTITY, 2, 1_000, 400 * DAY, 1).expect("accepted");
    tail(&mut world, 20, 0);
    world.agree().expect("accepted");
    for _ in 0..25 {
        world.now += DAY;
        tail(&mut world, 700, 0);
        world.agree().expect("accepted");
    }
    tail(&mut world, 700, 0);
    assert_eq!(self_default_pays(&world), 500);
}

/// Against a list of all changes: no layer pays more than the least of what was replaced in its waiting period, whatever the
/// order of changes and registrations.
#[test]
fn the_two_stretches_never_allow_more_than_the_list_does() {
    let mut seed = 7u64;
    let mut random = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let waits = [0, 901, 1_500, 4_000];
    for _ in 0..150 {
        let mut world = valued_under(plain());
        let mut layers: Vec<(u64, u64)> = Vec::new();
        let mut changes: Vec<(u64, u128)> = Vec::new();
        for _ in 0..30 {
            world.now += random(3) * random(1_200);
            match random(6) {
                0 if layers.len() < 4 => {
                    let pick = usize::try_from(random(4)).expect("small");
                    let below = layers.last().map_or(0, |(_, waiting)| *waiting);
                    world.waiting = Seconds::new(waits[pick].max(below));
                    let index = u8::try_from(layers.len()).expect("small");
                    let attachment = u128::from(index) * 1_000_000;
                    world.register_cover(ENTITY, index + 1, 1_000_000, 10_000_000, attachment).expect("accepted");
                    layers.push((world.now, world.waiting.get()));
                }
                1..=3 => {
                    let tail_before = world.vault.state.tail_requirement.get();
                    world.agree().expect("accepted");
                    if !layers.is_empty() {
                        changes.push((world.now, tail_before));
                    }
                }
                _ => tail(&mut world, u128::from(random(1_000)), 0),
            }
            let at = Timestamp::new(world.now);
            let mut below = 0;
            for (limit, (starts, waiting)) in world.vault.cover_limits(at).into_iter().zip(&layers) {
                let from = world.now.saturating_sub(*waiting);
                let least = changes.iter().filter(|(when, _)| *when > from).map(|(_, tail)| *tail).min();
                if world.now < starts + waiting {
                    assert_eq!(limit, 0);
                } else if let Some(least) = least {
                    assert!(below + limit <= least.max(below), "{limit} above {below}, least {least}");
                }
                below += limit;
            }
        }
    }
}

trait Limits {
    fn cover_limits(&self, at: Timestamp) -> Vec<u128>;
}

impl Limits for ringfence_protocol::vault::Vault {
    /// `limits_at` is private: what bonds are told during a default is the same.
    fn cover_limits(&self, at: Timestamp) -> Vec<u128> {
        let mut vault = self.clone();
        vault.state.phase = ringfence_protocol::vault::Phase::Defaulted { party: Party::B, since: at };
        let bonds: Vec<_> = vault.cover.layers().iter().map(|layer| layer.bond).collect();
        bonds.into_iter().map(|bond| vault.claimable(bond).expect("in range").get()).collect()
    }
}

/// What was recovered during an open default for first loss moves the bound, not what is reached in sum.
#[test]
fn a_recovery_for_first_loss_in_an_open_default_moves_nothing_from_or_to_bonds_but_itself() {
    let mut world = covered(plain(), 901);
    world.add_first_loss(ENTITY, 30, 30).expect("accepted");
    world.agree().expect("accepted");
    tail(&mut world, 900, 0);
    world.declare_default(world.address(Party::B), Party::B).expect("accepted");
    let bond = Address::repeat_byte(1);
    assert_eq!(world.vault.claimable(bond).expect("in range").get(), 90);
    assert_eq!(world.clone().add_first_loss(ENTITY, 30, 30), Err(VaultError::NotActive));
    world.vault.state.first_loss = amount(80);
    assert_eq!(world.vault.claimable(bond).expect("in range").get(), 40);
}

/// The tail of the portfolio that stands is not bounded by what it was: a forward start, an option that comes into the money.
/// (Not a defect of the two stretches: shows what "counts whole" means.)
#[test]
fn a_standing_portfolio_counts_whole_whatever_its_tail_was_until_now() {
    let mut world = covered(plain(), 901);
    world.agree().expect("accepted");
    for _ in 0..4 {
        world.now += 300;
        tail(&mut world, 0, 0);
    }
    tail(&mut world, 900, 0);
    assert_eq!(self_default_pays(&world), 500);
}

/// Paid once, to whom the claim belongs when it is paid; the one before has nothing.
#[test]
fn a_claim_is_paid_once() {
    let mut world = valued_under(plain());
    world.register_cover(ENTITY, 1, 300, 100_000, 0).expect("accepted");
    world.declare_default(world.address(Party::B), Party::B).expect("accepted");
    world.determine(&world.determination(Party::B, 1_400), &SIGNERS).expect("accepted");
    let (a, buyer) = (world.address(Party::A), successor(SUCCESSORS[0]));
    let before = world.margin(Party::A);
    world.run(a, Command::TransferClaim { estate: 0, to: buyer }).expect("accepted");
    assert_eq!(world.run(a, Command::TransferClaim { estate: 0, to: KEEPER }), Err(VaultError::NotTheCreditor));
    world.bonds_pay = true;
    world.keep(Command::CollectCover { estate: 0, layer: 0 }).expect("paid");
    assert_eq!(world.keep(Command::CollectCover { estate: 0, layer: 0 }), Err(VaultError::NothingDue));
    world.keep(Command::Recover { estate: 0, amount: amount(450) }).expect("accepted");
    // 300 of the bond, 100 of residual; 50 of 300 go back to the bond.
    assert_eq!((world.credit_of(buyer, ASSET), world.margin(Party::A)), (400, before));
    assert_eq!(world.surplus(ASSET), 0);
}
