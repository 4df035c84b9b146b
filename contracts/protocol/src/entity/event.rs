use super::{Claim, ClassAccount, Founding, Identity, PairRecord, Reason, Role, Scheduled, SeriesRecord, CLASSES};
use crate::{
    units::{Amount, Timestamp},
    Address, Digest,
};

/// What happened; the register can be rebuilt from these alone.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "fields are those of the ABI, or records that are documented where they are declared")]
pub enum EntityEvent {
    /// The entity was founded.
    Founded { founder: Address, founding: Founding },
    /// Name, LEI and jurisdiction are these now.
    IdentityChanged { identity: Identity },
    /// The hash of a document is this now; zero: it was taken out.
    DocumentChanged { place: u8, hash: Digest },
    /// Somebody may take over a role.
    RoleNominated { role: Role, nominee: Address },
    /// The nominee took over.
    RoleTaken { role: Role, holder: Address },
    /// A change was scheduled.
    ChangeScheduled { scheduled: Scheduled },
    /// A pending change gave way to another one.
    ChangeReplaced { number: u32 },
    /// A pending change was taken back.
    ChangeCancelled { number: u32 },
    /// A change was executed.
    ChangeExecuted { number: u32 },
    /// A value of the charter or the capital requirement is this now.
    ValueChanged { subject: u8, value: Digest },
    /// No new pairs and series until then.
    NewRiskPaused { until: Timestamp },
    /// The owner of a party was attested.
    OwnerAttested { party: Address, owner: Digest, until: Timestamp },
    /// An attestation was taken back.
    AttestationRevoked { party: Address },
    /// A pair was opened.
    PairOpened { record: PairRecord },
    /// A pair's record was read again.
    PairUpdated { record: PairRecord },
    /// A series was issued.
    SeriesIssued { record: SeriesRecord, limit: Amount, premium: Amount },
    /// Somebody paid capital in.
    CapitalDeposited { from: Address, amount: Amount },
    /// The admin took free capital out.
    CapitalWithdrawn { to: Address, amount: Amount },
    /// Free capital was ring-fenced to a vault, or paid to a bond.
    CapitalAllocated { vault: Address, amount: Amount },
    /// A vault or a bond gave capital back.
    CapitalReturned { from: Address, amount: Amount },
    /// Free capital is below its requirement.
    CapitalFellShort { startable_after: Timestamp },
    /// Free capital is at its requirement again.
    CapitalRestored,
    /// The resolution agent gave notice.
    NoticeGiven { until: Timestamp },
    /// The resolution agent took its notice back.
    NoticeWithdrawn,
    /// The resolution began.
    ResolutionStarted { reason: Reason, claims_until: Timestamp },
    /// As many pairs were told to run off.
    PairsTold { told: u32 },
    /// A pair was ticked off.
    PairSettled { vault: Address },
    /// A claim was admitted.
    ClaimAdmitted { number: u32, claim: Claim },
    /// A claim was lowered.
    ClaimReduced { number: u32, amount: Amount },
    /// A claim was passed on.
    ClaimTransferred { number: u32, from: Address, to: Address },
    /// A holder took out what was distributed to its claim.
    ClaimPaid { number: u32, holder: Address, amount: Amount },
    /// Free capital was distributed to the classes.
    Distributed { assigned: [Amount; CLASSES], surplus: Amount },
    /// The admin took out surplus.
    SurplusWithdrawn { to: Address, amount: Amount },
    /// The final report.
    Reported { reason: Reason, since: Timestamp, classes: [ClassAccount; CLASSES], surplus: Amount },
}
