use super::{
    Agreement, Command, CoverBook, Crypto, DefaultCase, DisputeFile, Effects, Env, Estates, Mandate, Phase, Standing,
    Successors, VaultError, VaultState,
};
use crate::{
    collateral::{CollateralBook, Schedule},
    signature::SignerSet,
    terms::{Terms, TermsError},
    units::{Amount, ArithmeticError},
    Address, Keccak256, Party,
};

/// All that a vault stores, value by value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vault {
    /// The ledger.
    pub state: VaultState,
    /// The terms.
    pub agreement: Agreement,
    /// Who values the pair, and what.
    pub mandate: Mandate,
    /// The bonds behind it.
    pub cover: CoverBook,
    /// Eligible and posted collateral.
    pub collateral: CollateralBook,
    /// What is kept beside the ledger.
    pub standing: Standing,
    /// Open disputes.
    pub disputes: DisputeFile,
    /// The open default.
    pub case: DefaultCase,
    /// Whom each side accepts in the other's place.
    pub successors: Successors,
    /// What past defaults left.
    pub estates: Estates,
}

impl Vault {
    /// The vault of a pair under valid terms. It holds nothing until both parties have accepted them.
    pub fn new<H: Keccak256>(terms: Terms, schedule: Schedule, signers: SignerSet) -> Result<Self, TermsError> {
        Ok(Self {
            state: VaultState::default(),
            agreement: Agreement::new::<H>(terms, &schedule, &signers)?,
            mandate: Mandate::new(signers),
            cover: CoverBook::default(),
            collateral: CollateralBook::new(schedule),
            standing: Standing::default(),
            disputes: DisputeFile::default(),
            case: DefaultCase::default(),
            successors: Successors::default(),
            estates: Estates::default(),
        })
    }

    /// All that the vault owes in the settlement asset: its balance is at least this, and equal unless something was sent
    /// by mistake.
    pub fn liabilities(&self) -> Result<Amount, ArithmeticError> {
        let Standing { reserve, escrow, collectable, .. } = self.standing;
        self.state.liabilities()?.add(reserve)?.add(escrow)?.add(collectable)
    }

    /// Carries a command out: the vault after it, and what else has to happen.
    pub fn execute<C: Crypto>(mut self, env: &Env, command: Command<'_>) -> Result<(Self, Effects), VaultError> {
        let mut effects = Effects::default();
        let fx = &mut effects;
        match command {
            Command::Accept { terms_hash } => self.accept(env, fx, terms_hash),
            Command::AgreePortfolio { message, signatures } => self.agree_portfolio::<C>(env, fx, message, signatures),
            Command::AmendTerms { message, terms, schedule, signatures } => {
                self.amend::<C>(env, fx, message, *terms, schedule, signatures)
            }
            Command::RotateSigners { message, signers, signatures } => {
                self.rotate::<C>(env, fx, message, signers, signatures)
            }
            Command::NoticeRotation { signers } => self.notice_rotation::<C>(env, fx, signers),
            Command::WithdrawRotation => self.withdraw_rotation(env, fx),
            Command::TakeUpRotation => self.take_up_rotation::<C>(env, fx),
            Command::LeaveRotation => self.leave_rotation(env, fx),
            Command::PostCollateral { index, quantity } => self.post_collateral(env, fx, index, quantity),
            Command::ReturnCollateral { index, quantity } => self.return_collateral(env, fx, index, quantity),
            Command::SubstituteCollateral { into, posted, out_of, returned } => {
                self.substitute_collateral(env, fx, (into, posted), (out_of, returned))
            }
            Command::ExtendCall { message, signature } => self.extend_call::<C>(env, fx, message, signature),
            Command::Dispute { stated } => self.dispute(env, fx, stated),
            Command::DetermineDispute { party, message, signatures } => {
                self.determine_dispute::<C>(env, fx, party, message, signatures)
            }
            Command::ResolveDispute { party, message, signatures } => {
                self.resolve_dispute::<C>(env, fx, party, message, signatures)
            }
            Command::LapseDispute { party } => self.lapse_dispute(env, fx, party),
            Command::DeclareDefault { party } => self.declare_default(env, fx, party),
            Command::ApproveSuccessor { successor } => self.approve_successor(env, fx, successor),
            Command::RevokeSuccessor { successor } => self.revoke_successor(env, fx, successor),
            Command::BidForSide { price, terms_hash } => self.bid::<C>(env, fx, price, terms_hash),
            Command::AcceptBid => self.accept_bid::<C>(env, fx),
            Command::DetermineCloseOut { message, signatures } => {
                self.determine_close_out::<C>(env, fx, message, signatures)
            }
            Command::ResolveDefault => self.resolve_default::<C>(env, fx),
            Command::BuyCollateral { index, quantity, limit } => self.buy_collateral(env, fx, index, quantity, limit),
            Command::CollectCover { estate, layer } => self.collect_cover(fx, estate, layer),
            Command::CoverPaid { estate, layer, amount } => self.cover_paid(env, fx, estate, layer, amount),
            Command::TransferClaim { estate, to } => self.transfer_claim(env, fx, estate, to),
            Command::Recover { estate, amount } => self.recover(env, fx, estate, amount),
            Command::PassRecovery { estate, layer } => self.pass_recovery(fx, estate, layer),
            Command::Collect { asset, amount } => self.collect(env, fx, asset, amount),
            Command::Terminate { message, signatures } => self.terminate::<C>(env, fx, message, signatures),
            Command::LeaveSilentOracle => self.leave_silent_oracle(env, fx),
            Command::BeginRunOff => self.begin_run_off(env, fx),
            Command::CloseRunOff => self.close_run_off(env, fx),
            Command::LeaveRunOff => self.leave_run_off(env, fx),
            Command::Pause { span } => self.pause(env, fx, span),
            Command::AddFirstLoss { balance, amount } => self.add_first_loss(env, fx, balance, amount),
            Command::ReleaseFirstLoss { amount } => self.release_first_loss(env, fx, amount),
            Command::AddReserve { balance, amount } => self.add_reserve(env, fx, balance, amount),
            Command::CollectFees => self.collect_fees(env, fx),
            Command::RegisterCover { layer, attachment, claims_until, attested_until } => {
                self.register_cover(env, fx, layer, attachment, claims_until, attested_until)
            }
            Command::AttestOwners { until } => self.attest_owners(env, fx, until),
        }?;
        Ok((self, effects))
    }

    /// The default that is open.
    pub(super) fn default(&self) -> Result<(Party, crate::units::Timestamp), VaultError> {
        match self.state.phase {
            Phase::Defaulted { party, since } => Ok((party, since)),
            _ => Err(VaultError::NotDefaulted),
        }
    }

    /// Passes while the pair runs.
    pub(super) fn check_active(&self) -> Result<(), VaultError> {
        match self.state.phase {
            Phase::Active => Ok(()),
            _ => Err(VaultError::NotActive),
        }
    }

    /// Lets an account collect an amount of the settlement asset.
    pub(super) fn credit(&mut self, fx: &mut Effects, to: Address, amount: Amount) -> Result<(), ArithmeticError> {
        if amount.is_zero() {
            return Ok(());
        }
        self.standing.collectable.put(amount)?;
        fx.credits.push(super::Credit { to, asset: self.agreement.terms.asset, amount });
        Ok(())
    }

    /// Gives an amount to the margin of a side if `to` is its party, as a deposit would, and to the account itself
    /// otherwise. While a default is open what a side owes is in the claim, and paid with it.
    pub(super) fn give(&mut self, env: &Env, fx: &mut Effects, to: Address, amount: Amount) -> Result<(), VaultError> {
        let Some(party) = self.agreement.terms.party(to) else {
            return Ok(self.credit(fx, to, amount)?);
        };
        self.state.margin.of_mut(party).put(amount)?;
        if self.state.phase == Phase::Active {
            self.state.pay_deficit(party)?;
            self.refresh(env, fx)?;
        }
        Ok(())
    }

    /// An account takes out what it can collect.
    fn collect(&mut self, env: &Env, fx: &mut Effects, asset: Address, amount: Amount) -> Result<(), VaultError> {
        if amount.is_zero() {
            return Err(VaultError::NothingDue);
        }
        if asset == self.agreement.terms.asset {
            self.standing.collectable.take(amount)?;
            fx.pay(env.caller, amount);
        } else {
            fx.pay_token(asset, env.caller, amount);
        }
        fx.events.push(super::VaultEvent::Collected { account: env.caller, asset, amount });
        Ok(())
    }
}
