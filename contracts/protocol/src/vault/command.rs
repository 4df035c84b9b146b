use super::Layer;
use crate::{
    collateral::Schedule,
    message::{
        CallExtension, CloseOutDetermination, DisputeDetermination, DisputeResolution, MutualTermination,
        PortfolioAgreement, SignerRotation, TermsAmendment,
    },
    signature::SignerSet,
    terms::Terms,
    units::{Amount, Seconds, SignedAmount, Timestamp},
    Address, Digest, Pair, Party,
};

/// Everything that can be asked of a vault but deposit, withdrawal and settlement.
#[derive(Clone, Debug)]
pub enum Command<'a> {
    /// A party accepts the terms it names by their hash.
    Accept {
        /// The hash.
        terms_hash: Digest,
    },
    /// Anyone brings a portfolio that both parties signed.
    AgreePortfolio {
        /// The portfolio.
        message: &'a PortfolioAgreement,
        /// Each party's 65 bytes.
        signatures: Pair<&'a [u8]>,
    },
    /// Anyone brings new terms that both parties signed.
    AmendTerms {
        /// What they signed.
        message: &'a TermsAmendment,
        /// The new terms.
        terms: &'a Terms,
        /// The new schedule of collateral.
        schedule: &'a Schedule,
        /// Each party's 65 bytes.
        signatures: Pair<&'a [u8]>,
    },
    /// Anyone brings new signers that both parties signed.
    RotateSigners {
        /// What they signed.
        message: &'a SignerRotation,
        /// The new signers.
        signers: &'a SignerSet,
        /// Each party's 65 bytes.
        signatures: Pair<&'a [u8]>,
    },
    /// The entity gives notice of other signers.
    NoticeRotation {
        /// Who they are.
        signers: &'a SignerSet,
    },
    /// The entity takes such a notice back.
    WithdrawRotation,
    /// Anyone has the signers of a notice take over, once its time has come.
    TakeUpRotation,
    /// A party leaves at the last value while a notice stands.
    LeaveRotation,
    /// A party posts collateral.
    PostCollateral {
        /// Its index in the schedule.
        index: usize,
        /// Base units.
        quantity: Amount,
    },
    /// A party takes collateral back that nothing needs.
    ReturnCollateral {
        /// Its index in the schedule.
        index: usize,
        /// Base units.
        quantity: Amount,
    },
    /// A party puts one asset in the place of another.
    SubstituteCollateral {
        /// Index of what comes in.
        into: usize,
        /// Base units of it.
        posted: Amount,
        /// Index of what goes out.
        out_of: usize,
        /// Base units of it.
        returned: Amount,
    },
    /// Anyone brings an extension of a call that the other party signed.
    ExtendCall {
        /// What it signed.
        message: &'a CallExtension,
        /// Its 65 bytes.
        signature: &'a [u8],
    },
    /// A party disputes the last instructions and says which value it agrees with.
    Dispute {
        /// A's cumulative entitlement as the party sees it.
        stated: SignedAmount,
    },
    /// Anyone brings the agent's re-signed value.
    DetermineDispute {
        /// Whose dispute.
        party: Party,
        /// The value.
        message: &'a DisputeDetermination,
        /// Every signer's signature.
        signatures: &'a [u8],
    },
    /// Anyone brings the value on which both parties end a dispute.
    ResolveDispute {
        /// Whose dispute.
        party: Party,
        /// The value.
        message: &'a DisputeResolution,
        /// Each party's 65 bytes.
        signatures: Pair<&'a [u8]>,
    },
    /// Anyone ends a dispute whose time is over.
    LapseDispute {
        /// Whose dispute.
        party: Party,
    },
    /// Puts a party in default.
    DeclareDefault {
        /// Which.
        party: Party,
    },
    /// A party accepts a successor to the other side, standing or for an open default.
    ApproveSuccessor {
        /// Who.
        successor: Address,
    },
    /// A party takes its acceptance back; a bid that stands stays.
    RevokeSuccessor {
        /// Who.
        successor: Address,
    },
    /// An accepted successor bids for the defaulter's side.
    BidForSide {
        /// What it wants to be paid; negative if it pays.
        price: SignedAmount,
        /// The hash of the terms with it in the defaulter's place.
        terms_hash: Digest,
    },
    /// The survivor takes the best bid before the window ends.
    AcceptBid,
    /// Anyone brings the agent's close-out amount; closes out at once if nothing stands against it.
    DetermineCloseOut {
        /// The amount.
        message: &'a CloseOutDetermination,
        /// The signatures.
        signatures: &'a [u8],
    },
    /// Anyone takes a default as far as its time allows: replacement, auction, close-out.
    ResolveDefault,
    /// Anyone buys seized collateral at its price of now.
    BuyCollateral {
        /// Its index in the schedule.
        index: usize,
        /// Base units.
        quantity: Amount,
        /// The most to pay.
        limit: Amount,
    },
    /// Anyone collects what a bond still owes an estate.
    CollectCover {
        /// The estate.
        estate: usize,
        /// The layer.
        layer: usize,
    },
    /// The shell tells that a bond paid; not for calling from outside.
    CoverPaid {
        /// The estate.
        estate: usize,
        /// The layer.
        layer: usize,
        /// How much arrived.
        amount: Amount,
    },
    /// The creditor of an estate passes its claim on.
    TransferClaim {
        /// The estate.
        estate: usize,
        /// To whom.
        to: Address,
    },
    /// Anyone pays in what was recovered from a defaulter.
    Recover {
        /// The estate.
        estate: usize,
        /// How much.
        amount: Amount,
    },
    /// Anyone passes a bond its part of a recovery.
    PassRecovery {
        /// The estate.
        estate: usize,
        /// The layer.
        layer: usize,
    },
    /// An account takes out what it can collect; the shell knows how much that is.
    Collect {
        /// The asset.
        asset: Address,
        /// All of it.
        amount: Amount,
    },
    /// Anyone brings an end that both parties signed.
    Terminate {
        /// What they signed.
        message: &'a MutualTermination,
        /// Each party's 65 bytes.
        signatures: Pair<&'a [u8]>,
    },
    /// A party leaves at the last value after the oracle has been silent for the time-out.
    LeaveSilentOracle,
    /// A party or the entity lets the pair run off.
    BeginRunOff,
    /// Anyone closes a pair that runs off and has nothing left at risk.
    CloseRunOff,
    /// A party leaves at the last value after the entity's notice.
    LeaveRunOff,
    /// The entity pauses new risk.
    Pause {
        /// For how long.
        span: Seconds,
    },
    /// The entity records capital that it has sent.
    AddFirstLoss {
        /// The vault's account at the asset.
        balance: Amount,
        /// How much.
        amount: Amount,
    },
    /// The entity takes capital back.
    ReleaseFirstLoss {
        /// How much.
        amount: Amount,
    },
    /// The entity records the reserve that it has sent.
    AddReserve {
        /// The vault's account at the asset.
        balance: Amount,
        /// How much.
        amount: Amount,
    },
    /// The entity takes its fees.
    CollectFees,
    /// The entity registers a bond.
    RegisterCover {
        /// The layer.
        layer: Layer,
        /// Sum of the limits below it.
        attachment: Amount,
        /// Until when the bond takes claims.
        claims_until: Timestamp,
        /// Until when the parties are attested to have different owners.
        attested_until: Timestamp,
    },
    /// The entity passes on until when the parties are attested to have different owners.
    AttestOwners {
        /// The last moment; zero if they are not.
        until: Timestamp,
    },
}
