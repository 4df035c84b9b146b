use super::Slot;
use ringfence_protocol::{Address, Digest};
use std::fmt;

/// Somebody asked for a second digest for a slot: a fault, or an attack on the signer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Who was asked.
    pub signer: Address,
    /// For what.
    pub slot: Slot,
    /// The digest that the slot stands for.
    pub signed: Digest,
    /// The digest that was refused.
    pub refused: Digest,
}

impl fmt::Display for Alert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { signer, slot, signed, refused } = self;
        write!(f, "ALARM second digest refused: signer {signer:?}, {slot}, signed {signed:?}, refused {refused:?}")
    }
}

/// Where alarms go.
pub trait Alarm: fmt::Debug + Send {
    /// Raises one. It must not fail: the refusal stands whatever happens here.
    fn raise(&mut self, alert: &Alert);
}

/// One line on standard error, for whatever watches the process.
#[derive(Clone, Copy, Debug, Default)]
pub struct StandardError;

impl Alarm for StandardError {
    fn raise(&mut self, alert: &Alert) {
        eprintln!("{alert}");
    }
}
