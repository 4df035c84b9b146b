use super::SignError;
use ringfence_protocol::Address;

/// What one signer said to one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Who.
    pub signer: Address,
    /// The vault of the instruction.
    pub vault: Address,
    /// What.
    pub said: Said,
}

/// How a signer answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// It signed.
    Signed,
    /// It does not sign this: its own figures are others, or it is not the number's turn.
    Refused(String),
    /// It has signed something else for the number.
    Conflict(String),
    /// It can't be reached, or can't sign anything.
    Failed(String),
}

impl From<&SignError> for Said {
    fn from(error: &SignError) -> Self {
        let text = error.to_string();
        match error {
            SignError::Conflict { .. } => Self::Conflict(text),
            SignError::Journal(journal) if journal.is_refusal() => Self::Refused(text),
            _ => Self::Failed(text),
        }
    }
}
