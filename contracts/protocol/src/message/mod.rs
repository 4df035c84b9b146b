//! The typed messages that move a vault. Each has its own counter and an expiry: nothing signed stays valid for ever.

mod amendment;
mod close_out;
mod dispute;
mod extension;
mod instruction;
mod portfolio;
mod rotation;
mod termination;

pub use amendment::TermsAmendment;
pub use close_out::CloseOutDetermination;
pub use dispute::{DisputeDetermination, DisputeResolution, DisputedValue};
pub use extension::CallExtension;
pub use instruction::MarginInstruction;
pub use portfolio::PortfolioAgreement;
pub use rotation::SignerRotation;
pub use termination::MutualTermination;
