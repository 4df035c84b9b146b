//! The clock: time and block number move together, and only when told to.

use crate::{
    runtime::{AllPalletsWithSystem, RuntimeOrigin, System, Timestamp, MAX_BLOCK_WEIGHT},
    session::Session,
};
use frame_support::{
    traits::{OnFinalize, OnIdle, OnInitialize},
    weights::Weight,
};

/// Seconds from one block to the next.
pub const BLOCK_SECONDS: u64 = 6;
/// Timestamp of the first block by default: 1 January 2026, 00:00 UTC.
pub const START_TIME: u64 = 1_767_225_600;

impl Session {
    /// Timestamp of the open block, in seconds: what a contract reads.
    pub fn now(&mut self) -> u64 {
        self.execute_with(Timestamp::get) / 1_000
    }

    /// Number of the open block.
    pub fn block_number(&mut self) -> u32 {
        self.execute_with(System::block_number)
    }

    /// Seals the open block and opens the next, [`BLOCK_SECONDS`] later.
    pub fn next_block(&mut self) {
        self.advance(BLOCK_SECONDS);
    }

    /// Seals and opens `count` blocks, each [`BLOCK_SECONDS`] after the one before.
    pub fn produce_blocks(&mut self, count: u32) {
        for _ in 0..count {
            self.next_block();
        }
    }

    /// Seals the open block and opens one `seconds` later. The block number moves by as many blocks as fit into that
    /// time, at least one, but the quiet blocks in between are not run. Zero seconds do nothing.
    pub fn advance(&mut self, seconds: u64) {
        let time = self.now().saturating_add(seconds);
        if seconds > 0 {
            self.set_time(time);
        }
    }

    /// Seals the open block and opens one at this timestamp, in seconds. See [`Session::advance`].
    ///
    /// # Panics
    /// If the timestamp is not later than [`Session::now`]: time never goes back, except by [`Session::restore`].
    pub fn set_time(&mut self, seconds: u64) {
        let now = self.now();
        assert!(seconds > now, "time must move on: asked for {seconds}, but it is {now} already");
        let blocks = u32::try_from((seconds - now) / BLOCK_SECONDS).unwrap_or(u32::MAX);
        let number = self.block_number().saturating_add(blocks.max(1));
        self.open_block(number, seconds);
    }

    /// Seals the open block, if there is one, and opens block `number` at `seconds`.
    pub(crate) fn open_block(&mut self, number: u32, seconds: u64) {
        let remaining = MAX_BLOCK_WEIGHT.saturating_sub(self.block_weight);
        self.execute_with(|| {
            let parent = seal(remaining);
            // FRAME insists on consecutive numbers, so skipped blocks are written off just before.
            System::set_block_number(number.saturating_sub(1));
            System::initialize(&number, &parent, &Default::default());
            AllPalletsWithSystem::on_initialize(number);
            Timestamp::set(RuntimeOrigin::none(), seconds.saturating_mul(1_000))
                .expect("the inherent accepts a timestamp later than the last");
            System::note_finished_initialize();
            System::reset_events();
        });
        // Sealing hashes every change that is not in the state yet, so a chain that never put them there would slow down.
        self.externalities().commit_all().expect("no storage transaction is open between calls");
        self.block_events.clear();
        self.block_weight = Weight::zero();
    }
}

/// Seals the open block, with idle work in what weight is left, and answers with its hash.
fn seal(remaining: Weight) -> sp_core::H256 {
    let number = System::block_number();
    if number > 0 {
        AllPalletsWithSystem::on_idle(number, remaining);
        AllPalletsWithSystem::on_finalize(number);
    }
    System::finalize().hash()
}
