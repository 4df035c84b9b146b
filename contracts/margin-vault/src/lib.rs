//! The margin vault of one pair.
//!
//! # Accounting
//! In the settlement asset the vault owes each party its margin, the entity its first-loss capital and earned fees, and
//! what is in escrow or can be collected; its balance is at least their sum, and equal unless something was sent by
//! mistake. Of each collateral asset it owes what the parties have posted and what can be collected. What is sent without
//! a message is credited to nobody.
//!
//! # Rounding
//! Deliveries round up and returns round down to the debtor's rounding amount; shares of an uncovered tail round up;
//! interest, fees and the value of collateral round down.
//!
//! # Trigger
//! Margin moves between the parties only by an instruction with the agreed number of signatures, on this vault and chain,
//! in sequence, fresh and unexpired; by a dispute of such an instruction; by the default waterfall; or by both parties'
//! signatures.
//!
//! # Roles
//! Parties deposit, withdraw, post collateral, dispute, accept successors. Successors that the survivor accepts bid for a
//! defaulter's side. The entity adds and releases its own capital, takes its fees up to the cap of the terms, registers
//! cover, passes on who attests the parties' owners to be different, and may pause new risk for 72 hours. It may give notice
//! of other signers: at least seven days, and three days more than the oracle's time-out, a dispute or a call can hold a party
//! up; either may leave in it. Everything that needs only facts (an instruction, a passed deadline) may be
//! brought by anyone. Nobody else can move anything.
//!
//! # Ways out
//! | state | who | when | message |
//! |---|---|---|---|
//! | proposed | the entity, its capital | at once | `releaseFirstLoss` |
//! | active, no portfolio | a party | at once | `withdraw`, `returnCollateral` |
//! | active | a party, its excess | valuation fresh, no call on it, no dispute | `withdraw`, `returnCollateral` |
//! | active | both | at once | `terminate` |
//! | active | a party | oracle silent for the time-out | `leaveSilentOracle` |
//! | active, run-off | anyone | nothing at risk, valuation fresh | `closeRunOff` |
//! | active, run-off by the entity | a party | a day's notice over, valuation fresh | `leaveRunOff` |
//! | active, notice of other signers | a party | a day's notice over, valuation fresh | `leaveRotation` |
//! | dispute open | anyone | dispute window over | `lapseDispute` |
//! | defaulted | anyone | amount determined or close-out deadline over; collateral sold or auction over | `resolveDefault` |
//! | defaulted | the survivor | amount determined | `acceptBid`, `resolveDefault` |
//! | closed | each party, the entity | at once | `withdraw`, `returnCollateral`, `releaseFirstLoss` |
//! | any | an account, what is credited to it | at once | `collect` |
//! | any | the entity | at once | `collectFees` |
//!
//! From a default to the last payment it takes at most the close-out period and an auction.
//!
//! # Structure
//! Settlement, deposit and withdrawal are here. For everything else the vault asks the rules contract that its terms name
//! and does what it answers: see `ringfence_platform::vault`.
//!
//! # Known limits
//! The issuer of an asset can freeze any account, the vault's included. A bond that can't pay when it is claimed stays due
//! and can be collected later by anyone. An amount below the asset's minimum balance can't be paid to an account that
//! holds none of the asset, and a payer can't leave itself with less than that: the asset would take the dust along, and
//! the vault refuses inexact transfers. Disputes are of the variation margin; a requirement moves nothing. A pair can have
//! two replacements that cost more than the defaulter's margin; a third such default closes it.
#![cfg_attr(not(feature = "std"), no_std, no_main)]
// ink! generates the storage struct and its references without Debug.
#![allow(missing_debug_implementations)]

mod error;
mod event;

pub use self::margin_vault::*;
pub use error::Error;
pub use event::*;

#[ink::contract]
mod margin_vault {
    use ink::{
        prelude::vec::Vec,
        storage::{traits::ManualKey, Lazy, Mapping},
    };
    use ringfence_platform::{
        abi::{raw, selector, Reader, Writer},
        ask, chain_id, constructor_arguments, deposit_event, message_arguments, this,
        vault::{
            hot_event, instruction_of, preview, roles_of, uint128_of, Answer, Request, Values, VaultCall, Wire,
            WireBond, VALUES,
        },
        Asset, Bytes, Encoded, Host, Message, Refusal, Stored,
    };
    use ringfence_protocol::{
        collateral::CollateralBook,
        eip712::Domain,
        units::{Amount, Timestamp as UnixTime},
        vault::{
            Agreement, CoverBook, DefaultCase, DisputeFile, Env as Context, Estate, Mandate, SignedInstruction,
            Standing, Successors, VaultError, VaultEvent, VaultState, VaultStep,
        },
        Transfer,
    };
    use scale::{Decode, Encode};

    /// The ledger, which nearly every message writes, is the root value; the others are values of their own, so that a
    /// message loads only what it needs. Their keys are their places in a request to the rules.
    #[ink(storage)]
    pub struct MarginVault {
        state: Encoded<VaultState>,
        agreement: Lazy<Stored<Agreement>, ManualKey<1>>,
        mandate: Lazy<Stored<Mandate>, ManualKey<2>>,
        cover: Lazy<Stored<CoverBook>, ManualKey<3>>,
        collateral: Lazy<Stored<CollateralBook>, ManualKey<4>>,
        standing: Lazy<Stored<Standing>, ManualKey<5>>,
        disputes: Lazy<Stored<DisputeFile>, ManualKey<6>>,
        case: Lazy<Stored<DefaultCase>, ManualKey<7>>,
        successors: Lazy<Stored<Successors>, ManualKey<8>>,
        estate_0: Lazy<Stored<Estate>, ManualKey<9>>,
        estate_1: Lazy<Stored<Estate>, ManualKey<10>>,
        estate_2: Lazy<Stored<Estate>, ManualKey<11>>,
        collectable: Mapping<(Address, Address), u128>,
    }

    impl MarginVault {
        /// Makes the vault of a pair under `terms`. It holds nothing until both parties have accepted them.
        #[ink(constructor)]
        pub fn new(terms: raw::CsaTerms) -> Result<Self, Refusal> {
            let mut vault = Self {
                state: Encoded::new(&VaultState::default()),
                agreement: Lazy::new(),
                mandate: Lazy::new(),
                cover: Lazy::new(),
                collateral: Lazy::new(),
                standing: Lazy::new(),
                disputes: Lazy::new(),
                case: Lazy::new(),
                successors: Lazy::new(),
                estate_0: Lazy::new(),
                estate_1: Lazy::new(),
                estate_2: Lazy::new(),
                collectable: Mapping::new(),
            };
            drop(terms);
            let arguments = constructor_arguments();
            let rules = roles_of(&arguments)?.rules;
            let answer = vault.consult(rules, VaultCall::New, arguments, 0, Values::new())?;
            vault.store(answer.values)?;
            Ok(vault)
        }

        /// A party adds margin, by an allowance given to the vault. Effects: pays an unpaid settlement, may close a call.
        #[ink(message)]
        pub fn deposit(&mut self, amount: raw::Quantity) -> Result<(), Refusal> {
            let agreement = self.agreement();
            let amount = sent_amount(amount)?;
            let step = self.ledger()?.deposit(&self.context(), &agreement, amount)?;
            self.apply(&agreement, step)
        }

        /// A party takes out margin above what it has to hold, or all of it once the pair is closed.
        #[ink(message)]
        pub fn withdraw(&mut self, amount: raw::Quantity) -> Result<(), Refusal> {
            let agreement = self.agreement();
            let amount = sent_amount(amount)?;
            let step = self.ledger()?.withdraw(&self.context(), &agreement, amount)?;
            self.apply(&agreement, step)
        }

        /// Lets a signed instruction take effect. Signatures: at least the threshold's number of 65 bytes each, by strictly
        /// ascending address. The chain id says for which chain they were made. Anyone may bring it.
        #[ink(message)]
        pub fn settle(&mut self, signed: raw::SignedInstruction) -> Result<(), Refusal> {
            let arguments = sent(signed);
            let agreement = self.agreement();
            let (chain_id, message, signatures) = instruction_of(&arguments)?;
            let signed = SignedInstruction { chain_id, message: &message, signatures };
            let (mandate, mut cover, mut book) = self.valued_by(&agreement);
            let context = self.context();
            let mut ledger = self.ledger()?;
            let first_valuation = cover.awaits_valuation();
            let events =
                ledger.settle_in_place::<Host>(&context, &agreement, &mandate, &mut cover, &mut book, &signed)?;
            self.state = Encoded::new(&ledger);
            if first_valuation {
                self.cover.set(&Stored(cover));
            }
            if agreement.takes_collateral {
                self.collateral.set(&Stored(book));
            }
            emit(&events, &agreement);
            Ok(())
        }

        /// What an instruction would do with enough signatures; they are not looked at.
        #[ink(message, name = "previewSettle")]
        pub fn preview_settle(&self, signed: raw::SignedInstruction) -> Result<raw::Preview, Refusal> {
            let arguments = sent(signed);
            let agreement = self.agreement();
            let (chain_id, message, signatures) = instruction_of(&arguments)?;
            let signed = SignedInstruction { chain_id, message: &message, signatures };
            let (mandate, mut cover, mut book) = self.valued_by(&agreement);
            let step = self.ledger()?.preview(&self.context(), &agreement, &mandate, &mut cover, &mut book, &signed)?;
            Ok(raw::Preview(preview(&step)))
        }

        /// A party accepts the terms by their EIP-712 hash; with the second acceptance the pair is active.
        #[ink(message)]
        pub fn accept(&mut self, terms_hash: raw::Hash) -> Result<(), Refusal> {
            self.forward(VaultCall::Accept, terms_hash, 0)
        }

        /// Records a portfolio signed by both parties (65 bytes each, `r || s || v`). Anyone may bring it.
        #[ink(message, name = "agreePortfolio")]
        pub fn agree_portfolio(&mut self, signed: raw::SignedPortfolio) -> Result<(), Refusal> {
            self.forward(VaultCall::AgreePortfolio, signed, 0)
        }

        /// Replaces the terms by new ones signed by both parties, while no bond is live and no call or dispute open.
        #[ink(message, name = "amendTerms")]
        pub fn amend_terms(&mut self, signed: raw::SignedAmendment) -> Result<(), Refusal> {
            self.forward(VaultCall::AmendTerms, signed, 0)
        }

        /// Replaces the valuation agent's signers by ones signed by both parties.
        #[ink(message, name = "rotateSigners")]
        pub fn rotate_signers(&mut self, signed: raw::SignedRotation) -> Result<(), Refusal> {
            self.forward(VaultCall::RotateSigners, signed, 0)
        }

        /// The entity gives notice of other signers. After a day and until they are taken up either party may leave.
        #[ink(message, name = "noticeRotation")]
        pub fn notice_rotation(&mut self, signers: raw::NoticedSigners) -> Result<(), Refusal> {
            self.forward(VaultCall::NoticeRotation, signers, 0)
        }

        /// The entity takes such a notice back.
        #[ink(message, name = "withdrawRotation")]
        pub fn withdraw_rotation(&mut self) -> Result<(), Refusal> {
            self.forward(VaultCall::WithdrawRotation, (), 0)
        }

        /// Has the signers of a notice take over once its time is over: at least seven days, and three days more than what could
        /// hold a party up. Not after a default or a dispute in the meantime. Anyone may.
        #[ink(message, name = "takeUpRotation")]
        pub fn take_up_rotation(&mut self) -> Result<(), Refusal> {
            self.forward(VaultCall::TakeUpRotation, (), 0)
        }

        /// A party leaves at the last value while the entity's notice of other signers stands.
        #[ink(message, name = "leaveRotation")]
        pub fn leave_rotation(&mut self) -> Result<(), Refusal> {
            self.forward(VaultCall::LeaveRotation, (), 0)
        }

        /// A party posts collateral for its requirement, by an allowance of the asset.
        #[ink(message, name = "postCollateral")]
        pub fn post_collateral(&mut self, posted: raw::CollateralMove) -> Result<(), Refusal> {
            self.forward(VaultCall::PostCollateral, posted, 0)
        }

        /// A party takes collateral back that nothing needs.
        #[ink(message, name = "returnCollateral")]
        pub fn return_collateral(&mut self, returned: raw::CollateralMove) -> Result<(), Refusal> {
            self.forward(VaultCall::ReturnCollateral, returned, 0)
        }

        /// A party puts one collateral asset in the place of another.
        #[ink(message, name = "substituteCollateral")]
        pub fn substitute_collateral(&mut self, substitution: raw::Substitution) -> Result<(), Refusal> {
            self.forward(VaultCall::SubstituteCollateral, substitution, 0)
        }

        /// Moves the deadline of a margin call to a later one signed by the other party.
        #[ink(message, name = "extendCall")]
        pub fn extend_call(&mut self, signed: raw::SignedExtension) -> Result<(), Refusal> {
            self.forward(VaultCall::ExtendCall, signed, 0)
        }

        /// A party disputes what the last instructions moved against it, states the entitlement it agrees with, and pays the
        /// deposit of the terms. The disputed part waits in escrow.
        #[ink(message)]
        pub fn dispute(&mut self, stated: raw::Value) -> Result<(), Refusal> {
            self.forward(VaultCall::Dispute, stated, 0)
        }

        /// Ends a dispute at the value that every signer signed.
        #[ink(message, name = "determineDispute")]
        pub fn determine_dispute(&mut self, signed: raw::DeterminedDispute) -> Result<(), Refusal> {
            self.forward(VaultCall::DetermineDispute, signed, 0)
        }

        /// Ends a dispute at the value that both parties signed.
        #[ink(message, name = "resolveDispute")]
        pub fn resolve_dispute(&mut self, signed: raw::ResolvedDispute) -> Result<(), Refusal> {
            self.forward(VaultCall::ResolveDispute, signed, 0)
        }

        /// Ends a dispute after its deadline: the value stands as first instructed. Anyone may.
        #[ink(message, name = "lapseDispute")]
        pub fn lapse_dispute(&mut self, party: raw::Account) -> Result<(), Refusal> {
            self.forward(VaultCall::LapseDispute, party, 0)
        }

        /// Puts a party in default: anyone after its call's deadline, or itself. The last valuation has to be fresh.
        #[ink(message, name = "declareDefault")]
        pub fn declare_default(&mut self, party: raw::Account) -> Result<(), Refusal> {
            self.forward(VaultCall::DeclareDefault, party, 0)
        }

        /// A party accepts a successor to the other side, standing or for an open default.
        #[ink(message, name = "approveSuccessor")]
        pub fn approve_successor(&mut self, successor: raw::Account) -> Result<(), Refusal> {
            self.forward(VaultCall::ApproveSuccessor, successor, 0)
        }

        /// A party takes such an acceptance back. A bid that stands stays.
        #[ink(message, name = "revokeSuccessor")]
        pub fn revoke_successor(&mut self, successor: raw::Account) -> Result<(), Refusal> {
            self.forward(VaultCall::RevokeSuccessor, successor, 0)
        }

        /// A successor that the survivor accepts bids for the defaulter's side and pays in what the side has to hold. The
        /// lowest price wins; a bid that is beaten can be collected at once.
        #[ink(message, name = "bidForSide")]
        pub fn bid_for_side(&mut self, bid: raw::SideBid) -> Result<(), Refusal> {
            self.forward(VaultCall::BidForSide, bid, 0)
        }

        /// The survivor takes the best bid before the window ends, at most at the determined close-out amount.
        #[ink(message, name = "acceptBid")]
        pub fn accept_bid(&mut self) -> Result<(), Refusal> {
            self.forward(VaultCall::AcceptBid, (), 0)
        }

        /// Brings the valuation agent's close-out amount, and replaces, sells or closes out if nothing stands against it.
        #[ink(message, name = "closeOut")]
        pub fn close_out(&mut self, signed: raw::SignedDetermination) -> Result<(), Refusal> {
            self.forward(VaultCall::CloseOut, signed, 0)
        }

        /// Takes a default as far as its time allows: replacement, sale of collateral, close-out. Anyone may.
        #[ink(message, name = "resolveDefault")]
        pub fn resolve_default(&mut self) -> Result<(), Refusal> {
            self.forward(VaultCall::ResolveDefault, (), 0)
        }

        /// Buys collateral that is for sale, at its price of now or the buyer's limit. Anyone may.
        #[ink(message, name = "buyCollateral")]
        pub fn buy_collateral(&mut self, purchase: raw::Purchase) -> Result<(), Refusal> {
            self.forward(VaultCall::BuyCollateral, purchase, 0)
        }

        /// Pays in what was recovered from a defaulter; it repays in the reverse order of the losses. Anyone may.
        #[ink(message)]
        pub fn recover(&mut self, recovery: raw::Recovery) -> Result<(), Refusal> {
            self.forward(VaultCall::Recover, recovery, 0)
        }

        /// Sends a bond its part of a recovery. Anyone may.
        #[ink(message, name = "passRecovery")]
        pub fn pass_recovery(&mut self, layer: raw::EstateLayer) -> Result<(), Refusal> {
            self.forward(VaultCall::PassRecovery, layer, 0)
        }

        /// Ends the pair at a value that both parties signed, paid in full from the debtor's margin.
        #[ink(message)]
        pub fn terminate(&mut self, signed: raw::SignedTermination) -> Result<(), Refusal> {
            self.forward(VaultCall::Terminate, signed, 0)
        }

        /// A party leaves at the last value after the oracle has been silent for the time-out.
        #[ink(message, name = "leaveSilentOracle")]
        pub fn leave_silent_oracle(&mut self) -> Result<(), Refusal> {
            self.forward(VaultCall::LeaveSilentOracle, (), 0)
        }

        /// A party or the entity lets the pair run off: it takes no new trades.
        #[ink(message, name = "beginRunOff")]
        pub fn begin_run_off(&mut self) -> Result<(), Refusal> {
            self.forward(VaultCall::BeginRunOff, (), 0)
        }

        /// Closes a pair that runs off and has nothing left at risk. Anyone may.
        #[ink(message, name = "closeRunOff")]
        pub fn close_run_off(&mut self) -> Result<(), Refusal> {
            self.forward(VaultCall::CloseRunOff, (), 0)
        }

        /// A party leaves at the last value after the entity's notice of a run-off.
        #[ink(message, name = "leaveRunOff")]
        pub fn leave_run_off(&mut self) -> Result<(), Refusal> {
            self.forward(VaultCall::LeaveRunOff, (), 0)
        }

        /// The entity pauses new risk, for at most 72 hours.
        #[ink(message)]
        pub fn pause(&mut self, span: raw::Span) -> Result<(), Refusal> {
            self.forward(VaultCall::Pause, span, 0)
        }

        /// The entity records capital that it has sent here.
        #[ink(message, name = "addFirstLoss")]
        pub fn add_first_loss(&mut self, amount: raw::Quantity) -> Result<(), Refusal> {
            let balance = self.balance()?;
            self.forward(VaultCall::AddFirstLoss, amount, balance)
        }

        /// The entity takes capital back that the tail does not need.
        #[ink(message, name = "releaseFirstLoss")]
        pub fn release_first_loss(&mut self, amount: raw::Quantity) -> Result<(), Refusal> {
            self.forward(VaultCall::ReleaseFirstLoss, amount, 0)
        }

        /// The entity records the reserve that it has sent here.
        #[ink(message, name = "addReserve")]
        pub fn add_reserve(&mut self, amount: raw::Quantity) -> Result<(), Refusal> {
            let balance = self.balance()?;
            self.forward(VaultCall::AddReserve, amount, balance)
        }

        /// The entity takes its fees.
        #[ink(message, name = "collectFees")]
        pub fn collect_fees(&mut self) -> Result<(), Refusal> {
            self.forward(VaultCall::CollectFees, (), 0)
        }

        /// The entity registers a bond.
        #[ink(message, name = "registerCover")]
        pub fn register_cover(&mut self, cover: raw::CoverTerms) -> Result<(), Refusal> {
            self.forward(VaultCall::RegisterCover, cover, 0)
        }

        /// The entity passes on until when it has attested the parties to have different owners. Seven days from now at the
        /// earliest, if it was later before.
        #[ink(message, name = "attestOwners")]
        pub fn attest_owners(&mut self, until: raw::Span) -> Result<(), Refusal> {
            self.forward(VaultCall::AttestOwners, until, 0)
        }

        /// The creditor of an estate passes its claim on.
        #[ink(message, name = "transferClaim")]
        pub fn transfer_claim(&mut self, claim: raw::ClaimTransfer) -> Result<(), Refusal> {
            self.forward(VaultCall::TransferClaim, claim, 0)
        }

        /// Claims what a bond still owes an estate. Anyone may.
        #[ink(message, name = "collectCover")]
        pub fn collect_cover(&mut self, layer: raw::EstateLayer) -> Result<(), Refusal> {
            match self.carry_out(VaultCall::CollectCover, sent(layer), 0)? {
                true => Ok(()),
                false => Err(VaultError::AssetTransferFailed.into()),
            }
        }

        /// The caller takes out what it can collect of an asset.
        #[ink(message)]
        pub fn collect(&mut self, asset: raw::Account) -> Result<(), Refusal> {
            let key = (self.env().caller(), Reader::new(&message_arguments()).address()?);
            let amount = self.collectable.get(key).unwrap_or(0);
            self.collectable.insert(key, &0);
            self.forward(VaultCall::Collect, asset, amount)
        }

        /// What an account can collect of an asset.
        #[ink(message)]
        pub fn collectable(&self, holding: raw::Holding) -> Result<raw::Quantity, Refusal> {
            let arguments = sent(holding);
            let mut holding = Reader::new(&arguments);
            let amount = self.collectable.get((holding.address()?, holding.address()?)).unwrap_or(0);
            Ok(raw::Quantity(Writer::new().uint(amount).finish()))
        }

        /// The pair in one read.
        #[ink(message)]
        pub fn status(&self) -> Result<raw::VaultStatus, Refusal> {
            self.view(VaultCall::Status, ()).map(raw::VaultStatus)
        }

        /// The terms.
        #[ink(message)]
        pub fn terms(&self) -> Result<raw::CsaTerms, Refusal> {
            self.view(VaultCall::Terms, ()).map(raw::CsaTerms)
        }

        /// The EIP-712 hash of the terms.
        #[ink(message, name = "termsHash")]
        pub fn terms_hash(&self) -> Result<raw::Hash, Refusal> {
            self.view(VaultCall::TermsHash, ()).map(raw::Hash)
        }

        /// All that the vault owes in the settlement asset; its balance is at least this.
        #[ink(message)]
        pub fn liabilities(&self) -> Result<raw::Quantity, Refusal> {
            self.view(VaultCall::Liabilities, ()).map(raw::Quantity)
        }

        /// The agreed portfolio, and how often the signers were replaced.
        #[ink(message)]
        pub fn mandate(&self) -> Result<raw::Mandate, Refusal> {
            self.view(VaultCall::Mandate, ()).map(raw::Mandate)
        }

        /// The valuation agent's signers.
        #[ink(message)]
        pub fn signers(&self) -> Result<raw::Accounts, Refusal> {
            self.view(VaultCall::Signers, ()).map(raw::Accounts)
        }

        /// The signers that the entity has given notice of; zeros if none.
        #[ink(message, name = "rotationNotice")]
        pub fn rotation_notice(&self) -> Result<raw::RotationNotice, Refusal> {
            self.view(VaultCall::RotationNotice, ()).map(raw::RotationNotice)
        }

        /// A bond layer.
        #[ink(message)]
        pub fn layer(&self, index: raw::Index) -> Result<raw::Layer, Refusal> {
            self.view(VaultCall::Layer, index).map(raw::Layer)
        }

        /// An eligible collateral asset.
        #[ink(message)]
        pub fn collateral(&self, index: raw::Index) -> Result<raw::Collateral, Refusal> {
            self.view(VaultCall::Collateral, index).map(raw::Collateral)
        }

        /// A party's open dispute; zeros if there is none.
        #[ink(message, name = "openDispute")]
        pub fn open_dispute(&self, party: raw::Account) -> Result<raw::Dispute, Refusal> {
            self.view(VaultCall::OpenDispute, party).map(raw::Dispute)
        }

        /// What is known of the open default.
        #[ink(message, name = "defaultCase")]
        pub fn default_case(&self) -> Result<raw::DefaultCase, Refusal> {
            self.view(VaultCall::DefaultCase, ()).map(raw::DefaultCase)
        }

        /// Whom a party accepts in the place of the other.
        #[ink(message)]
        pub fn successors(&self, party: raw::Account) -> Result<raw::Accounts, Refusal> {
            self.view(VaultCall::Successors, party).map(raw::Accounts)
        }

        /// What a defaulter still owes, and to whom.
        #[ink(message)]
        pub fn estate(&self, index: raw::Index) -> Result<raw::Estate, Refusal> {
            self.view(VaultCall::Estate, index).map(raw::Estate)
        }

        /// The most that a bond may still have to pay.
        #[ink(message)]
        pub fn claimable(&self, bond: raw::Account) -> Result<raw::Quantity, Refusal> {
            self.view(VaultCall::Claimable, bond).map(raw::Quantity)
        }

        /// What a party could withdraw now, or the selector of the error that stands against it.
        #[ink(message)]
        pub fn withdrawable(&self, party: raw::Account) -> Result<raw::Withdrawable, Refusal> {
            self.view(VaultCall::Withdrawable, party).map(raw::Withdrawable)
        }

        /// What a quantity of collateral that is for sale costs now.
        #[ink(message, name = "auctionPrice")]
        pub fn auction_price(&self, collateral: raw::CollateralMove) -> Result<raw::Quantity, Refusal> {
            self.view(VaultCall::AuctionPrice, collateral).map(raw::Quantity)
        }

        fn context(&self) -> Context {
            Context {
                now: UnixTime::new(self.env().block_timestamp()),
                caller: self.env().caller(),
                domain: Domain { chain_id: chain_id(), verifying_contract: this() },
            }
        }

        fn ledger(&self) -> Result<VaultState, Refusal> {
            VaultState::of_stored(self.state.as_bytes()).ok_or_else(|| VaultError::MalformedInput.into())
        }

        fn agreement(&self) -> Agreement {
            self.agreement.get().expect("set by the constructor").0
        }

        /// What a settlement reads beside ledger and terms.
        fn valued_by(&self, agreement: &Agreement) -> (Mandate, CoverBook, CollateralBook) {
            let mandate = self.mandate.get().expect("set by the constructor").0;
            let cover = self.cover.get().expect("set by the constructor").0;
            // Where nothing but the settlement asset is eligible, the book is not worth a read.
            let book = if agreement.takes_collateral {
                self.collateral.get().expect("set by the constructor").0
            } else {
                CollateralBook::default()
            };
            (mandate, cover, book)
        }

        /// The vault's account at the settlement asset.
        fn balance(&self) -> Result<u128, Refusal> {
            Ok(Asset(self.agreement().terms.asset).own_balance()?.get())
        }

        /// Stores, emits, transfers: effects before interactions. ink! stores the root value when a message returns, so it
        /// is written here too if anybody is called before.
        fn apply(&mut self, agreement: &Agreement, step: VaultStep) -> Result<(), Refusal> {
            self.state = Encoded::new(&step.state);
            if !step.transfers.is_empty() {
                self.commit();
            }
            emit(&step.events, agreement);
            Asset(agreement.terms.asset).make(&step.transfers)?;
            Ok(())
        }

        /// Passes a message to the rules and does what they answer.
        fn forward<T>(&mut self, call: VaultCall, declared: T, known: u128) -> Result<(), Refusal> {
            self.carry_out(call, sent(declared), known).map(drop)
        }

        /// The same; false if a bond did not pay what was claimed from it. That holds up nobody: the amount stays due.
        fn carry_out(&mut self, call: VaultCall, arguments: Vec<u8>, known: u128) -> Result<bool, Refusal> {
            let answer = self.consult(self.agreement().terms.rules, call, arguments, known, self.values())?;
            self.store(answer.values)?;
            if !(answer.transfers.is_empty() && answer.bonds.is_empty()) {
                self.commit();
            }
            for (account, asset, amount) in answer.credits {
                let before = self.collectable.get((account, asset)).unwrap_or(0);
                let after = before.checked_add(amount).ok_or(VaultError::ArithmeticOverflow)?;
                self.collectable.insert((account, asset), &after);
            }
            for event in &answer.events {
                deposit_event(&event.topics, &event.data);
            }
            for Wire { asset, incoming, other, amount } in answer.transfers {
                let amount = Amount::new(amount);
                let transfer =
                    if incoming { Transfer::In { from: other, amount } } else { Transfer::Out { to: other, amount } };
                Asset(asset).make(&[transfer])?;
            }
            let mut all_paid = true;
            for call in answer.bonds {
                all_paid &= self.call_bond(call)?;
            }
            Ok(all_paid)
        }

        /// Claims from a bond and books what arrived, or tells it of a recovery. False if the bond refused a claim.
        fn call_bond(&mut self, call: WireBond) -> Result<bool, Refusal> {
            let Some((estate, layer)) = call.claim else {
                let told = Message::new(const { selector("recovered(uint128)") }).uint(call.amount).send(call.bond);
                return told.map(|_| true).map_err(|_| VaultError::AssetTransferFailed.into());
            };
            let before = self.balance()?;
            if Message::new(const { selector("claim(uint128)") }).uint(call.amount).send(call.bond).is_err() {
                return Ok(false);
            }
            if Some(self.balance()?) != before.checked_add(call.amount) {
                return Err(VaultError::AssetTransferInexact.into());
            }
            let arguments = Writer::new().uint(estate).uint(layer).uint(call.amount).finish();
            self.carry_out(VaultCall::CoverPaid, arguments, 0)
        }

        /// Passes a view to the rules and hands back their answer.
        fn view<T>(&self, call: VaultCall, declared: T) -> Result<Vec<u8>, Refusal> {
            let answer = self.consult(self.agreement().terms.rules, call, sent(declared), 0, self.values())?;
            Ok(answer.output)
        }

        /// Asks the rules; what they revert with is the refusal.
        fn consult(
            &self,
            rules: Address,
            call: VaultCall,
            arguments: Vec<u8>,
            known: u128,
            values: Values,
        ) -> Result<Answer, Refusal> {
            let request = Request {
                call,
                arguments,
                now: self.env().block_timestamp(),
                caller: self.env().caller(),
                chain_id: chain_id(),
                vault: this(),
                known,
                values,
            };
            let input = Writer::calling(const { selector("evaluate(bytes)") }).last_bytes(0, &request.encode());
            let output = ask(rules, input.as_bytes()).map_err(Refusal)?;
            Answer::decode(&mut raw::Opaque::content(&output)?).map_err(|_| VaultError::MalformedInput.into())
        }

        /// Every stored value, encoded, in order.
        fn values(&self) -> Values {
            let mut values = Values::with_capacity(VALUES);
            values.push(self.state.as_bytes().to_vec());
            values.extend((1..VALUES).map(read));
            values
        }

        /// Stores the values that changed.
        fn store(&mut self, values: Vec<(u8, Vec<u8>)>) -> Result<(), Refusal> {
            for (place, value) in values {
                if place == 0 {
                    self.state = Encoded::of_bytes(value);
                } else {
                    ink::env::set_contract_storage(&u32::from(place), &Bytes(value));
                }
            }
            Ok(())
        }

        /// Writes the root value.
        fn commit(&self) {
            ink::env::set_contract_storage(&<Self as ink::storage::traits::StorageKey>::KEY, self);
        }
    }

    /// Emits the events of settlement, deposit and withdrawal.
    fn emit(events: &[VaultEvent], agreement: &Agreement) {
        for event in events {
            hot_event(event, &agreement.terms, deposit_event);
        }
    }

    /// The bytes of a message's declared argument, which itself only stands for its type in the ABI.
    fn sent<T>(_declared: T) -> Vec<u8> {
        message_arguments()
    }

    /// The amount that is a message's only argument.
    fn sent_amount(declared: raw::Quantity) -> Result<Amount, Refusal> {
        Ok(Amount::new(uint128_of(&sent(declared))?))
    }

    /// The value at a place, as it is stored; empty if there is none.
    fn read(place: usize) -> Vec<u8> {
        let key = u32::try_from(place).unwrap_or(u32::MAX);
        match ink::env::get_contract_storage(&key) {
            Ok(Some(Bytes(value))) => value,
            _ => Vec::new(),
        }
    }
}
