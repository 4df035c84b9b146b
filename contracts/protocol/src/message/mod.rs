//! The typed messages that move a vault. Each has its own counter and an expiry: nothing signed stays valid for ever.

mod close_out;
mod instruction;
mod portfolio;
mod rotation;
mod termination;

pub use close_out::CloseOutDetermination;
pub use instruction::MarginInstruction;
pub use portfolio::PortfolioAgreement;
pub use rotation::SignerRotation;
pub use termination::MutualTermination;
