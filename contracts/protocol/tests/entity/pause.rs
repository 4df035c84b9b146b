//! The guardian's pause: new risk only, at most 72 hours, over by itself.

use crate::office::{guards, refused, Office, CAROL, DAY, FOUNDER};
use ringfence_protocol::{
    entity::EntityError,
    vault::{MAX_PAUSE, PAUSE_COOL_DOWN},
};

fn paused() -> Office {
    let mut office = Office::with_free(1_000);
    office.open(FOUNDER, 0).expect("accepted");
    office.pause(FOUNDER, MAX_PAUSE.get()).expect("the guardian");
    office
}

#[test]
fn a_pause_stops_pairs_and_series_up_to_its_last_second_and_nothing_else() {
    let mut office = paused();
    office.now += MAX_PAUSE.get();
    assert_eq!(refused(&mut office, |office| office.issue(FOUNDER, 0, 10)), EntityError::NewRiskStopped);
    assert_eq!(office.state.check_cover(&office.env(CAROL), None, None), Err(EntityError::NewRiskStopped));
    office.deposit(CAROL, 10).expect("accepted");
    office.withdraw(FOUNDER, 10).expect("accepted");
    office.allocate(FOUNDER, CAROL, 10).expect("accepted");
    office.attest(FOUNDER, CAROL, 1, office.now + DAY).expect("accepted");
    office.now += 1;
    office.open(FOUNDER, 1).expect("the pause is over");
    office.issue(FOUNDER, 0, 10).expect("the pause is over");
}

guards! {
    NewRiskStopped: no_pair_is_opened_in_a_pause { refused(&mut paused(), |office| office.open(FOUNDER, 1)) }
    PauseOutOfBounds: a_pause_has_a_length {
        for span in [MAX_PAUSE.get() + 1, u64::MAX] {
            let error = refused(&mut Office::founded(), |office| office.pause(FOUNDER, span));
            assert_eq!(error, EntityError::PauseOutOfBounds);
        }
        refused(&mut Office::founded(), |office| office.pause(FOUNDER, 0))
    }
    PausedBefore: pauses_are_not_strung_together {
        let mut office = paused();
        office.now += MAX_PAUSE.get() + PAUSE_COOL_DOWN.get();
        let mut later = office.clone();
        later.now += 1;
        later.pause(FOUNDER, 1).expect("accepted");
        refused(&mut office, |office| office.pause(FOUNDER, 1))
    }
}
