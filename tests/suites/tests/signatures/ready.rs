//! A running pair and its next instruction.

use alloy_sol_types::SolError;
use ringfence_protocol::{message::MarginInstruction, Party};
use ringfence_suites::{calls, Mark, Stage, MARGIN, USD};

/// What the next instruction moves to A.
pub(crate) const MOVE: u128 = 20_000 * USD;

/// A stage and an instruction that is valid in every respect.
pub(crate) struct Ready {
    pub(crate) stage: Stage,
    pub(crate) message: MarginInstruction,
}

impl Ready {
    /// Two pairs; the first has had one valuation.
    pub(crate) fn new() -> Self {
        let mut stage = Stage::open(2);
        stage.mark(0, Mark::default());
        stage.session.next_block();
        let message = stage.instruction(0, Mark { x: 20_000 * 1_000_000, ..Mark::default() });
        Self { stage, message }
    }

    /// Asserts that a changed message, properly signed by two keys, is refused.
    #[track_caller]
    pub(crate) fn refuses<E: SolError>(&mut self, message: &MarginInstruction) {
        let signatures = self.stage.signed_by(&[0, 1], self.stage.pairs[0].digest(message));
        self.refuses_signed::<E>(message, signatures);
    }

    /// Asserts that a message with these signatures is refused.
    #[track_caller]
    pub(crate) fn refuses_signed<E: SolError>(&mut self, message: &MarginInstruction, signatures: Vec<u8>) {
        let (keeper, vault) = (self.stage.keeper.clone(), self.stage.vault(0));
        self.stage.assert_refused::<E>(&keeper, vault, calls::settle(message, signatures));
    }

    /// The control: the untouched message takes effect, to the unit.
    #[track_caller]
    pub(crate) fn accepts(mut self) {
        let message = self.message.clone();
        self.stage.settle(0, &message, &[0, 1]);
        assert_eq!(self.stage.side(0, Party::A).margin, MARGIN + MOVE);
        assert_eq!(self.stage.side(0, Party::B).margin, MARGIN - MOVE);
        self.stage.assert_conserved();
    }
}
