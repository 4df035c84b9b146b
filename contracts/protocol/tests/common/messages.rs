//! The next message of each kind, and its way to the vault.

use super::{pack, signed, TestCrypto, World, KEEPER, SIGNERS};
use ringfence_protocol::{
    collateral::{Mark, Schedule, PRICE_UNIT},
    eip712::TypedMessage,
    message::{
        CallExtension, CloseOutDetermination, DisputeDetermination, DisputeResolution, DisputedValue,
        MarginInstruction, MutualTermination, PortfolioAgreement, SignerRotation, TermsAmendment,
    },
    signature::SignerSet,
    terms::Terms,
    units::{Amount, Bps, Timestamp, Wad},
    vault::{Command, SignedInstruction, VaultError},
    Address, Digest, Keccak256, Pair, Party,
};

impl<C: TestCrypto> World<C> {
    fn expiry(&self) -> Timestamp {
        Timestamp::new(self.now + 60)
    }

    fn signatures(&self, message: &impl TypedMessage, keys: [u8; 2]) -> [[u8; 65]; 2] {
        keys.map(|key| C::sign(key, &message.digest::<C>(&self.domain)))
    }

    /// The next portfolio agreement.
    pub fn portfolio(&self) -> PortfolioAgreement {
        let version = self.vault.mandate.portfolio_version + 1;
        PortfolioAgreement {
            version,
            portfolio_root: C::keccak256(&version.to_be_bytes()),
            terms_hash: self.vault.agreement.hash,
            expiry: self.expiry(),
        }
    }

    pub fn submit_portfolio(&mut self, message: &PortfolioAgreement, keys: [u8; 2]) -> Result<(), VaultError> {
        let [a, b] = self.signatures(message, keys);
        self.keep(Command::AgreePortfolio { message, signatures: Pair { a: &a, b: &b } })
    }

    pub fn agree(&mut self) -> Result<(), VaultError> {
        self.submit_portfolio(&self.portfolio(), self.keys())
    }

    /// The next instruction, valued now, with requirements of zero, no interest since the last, and each token worth one
    /// unit of the settlement asset at the haircut of the terms.
    pub fn instruction(&self, entitlement_a: i128) -> MarginInstruction {
        let index = self.vault.state.interest_index;
        let eligible = &self.vault.collateral.schedule.0;
        MarginInstruction {
            vault: self.domain.verifying_contract,
            terms_hash: self.vault.agreement.hash,
            sequence: self.vault.state.sequence + 1,
            valuation_time: Timestamp::new(self.now),
            expiry: self.expiry(),
            portfolio_root: self.vault.mandate.portfolio_root,
            entitlement_a: signed(entitlement_a),
            initial_margin_a: Amount::ZERO,
            initial_margin_b: Amount::ZERO,
            tail_requirement: Amount::ZERO,
            interest_index: if index == Wad::ZERO { Wad::new(Wad::SCALE) } else { index },
            fee_rate: Bps::new(0),
            collateral: eligible
                .iter()
                .map(|eligible| Mark { price: Amount::new(PRICE_UNIT), haircut: eligible.haircut })
                .collect(),
            market_data_root: Digest::repeat_byte(0x5a),
            model_version: 1,
        }
    }

    /// Submits an instruction with packed signatures as they are.
    pub fn submit(&mut self, chain_id: u64, message: &MarginInstruction, signatures: &[u8]) -> Result<(), VaultError> {
        let signed = SignedInstruction { chain_id, message, signatures };
        let (vault, mut cover, mut book) = (&self.vault, self.vault.cover.clone(), self.vault.collateral.clone());
        let (env, awaited) = (self.env(KEEPER), cover.awaits_valuation());
        let step = vault.state.settle::<C>(&env, &vault.agreement, &vault.mandate, &mut cover, &mut book, &signed)?;
        assert!(awaited || cover == self.vault.cover, "the shell stores the cover only if it awaited a valuation");
        (self.vault.cover, self.vault.collateral) = (cover, book);
        self.apply(step);
        Ok(())
    }

    /// Signs by `keys` and submits.
    pub fn settle_by(&mut self, message: &MarginInstruction, keys: &[u8]) -> Result<(), VaultError> {
        let packed = pack::<C>(&message.digest::<C>(&self.domain), keys);
        self.submit(self.domain.chain_id, message, &packed)
    }

    /// Signs by everyone and submits.
    pub fn settle(&mut self, message: &MarginInstruction) -> Result<(), VaultError> {
        self.settle_by(message, &SIGNERS)
    }

    /// Settles an entitlement with initial margins, a second later if the last valuation is of this second.
    pub fn value(&mut self, entitlement_a: i128, [a, b]: [u128; 2]) {
        if self.vault.state.valuation_time.get() == self.now {
            self.now += 1;
        }
        let mut message = self.instruction(entitlement_a);
        (message.initial_margin_a, message.initial_margin_b) = (Amount::new(a), Amount::new(b));
        self.settle(&message).expect("accepted");
    }

    /// The next determination for a default of `party`.
    pub fn determination(&self, party: Party, value: i128) -> CloseOutDetermination {
        CloseOutDetermination {
            sequence: self.vault.standing.close_out_sequence + 1,
            defaulter: self.address(party),
            amount: signed(value),
            evidence_root: Digest::repeat_byte(0x5b),
            expiry: self.expiry(),
        }
    }

    pub fn determine(&mut self, message: &CloseOutDetermination, keys: &[u8]) -> Result<(), VaultError> {
        self.determine_as(KEEPER, message, keys)
    }

    pub fn determine_as(
        &mut self,
        caller: Address,
        message: &CloseOutDetermination,
        keys: &[u8],
    ) -> Result<(), VaultError> {
        let signatures = pack::<C>(&message.digest::<C>(&self.domain), keys);
        self.run(caller, Command::DetermineCloseOut { message, signatures: &signatures })
    }

    /// A mutual termination at `entitlement_a`.
    pub fn termination(&self, entitlement_a: i128) -> MutualTermination {
        MutualTermination {
            terms_hash: self.vault.agreement.hash,
            nonce: self.vault.state.sequence + 1,
            entitlement_a: signed(entitlement_a),
            expiry: self.expiry(),
        }
    }

    pub fn terminate(&mut self, message: &MutualTermination, keys: [u8; 2]) -> Result<(), VaultError> {
        let [a, b] = self.signatures(message, keys);
        self.keep(Command::Terminate { message, signatures: Pair { a: &a, b: &b } })
    }

    /// An extension of the open call of `party` by `more` seconds.
    pub fn extension(&self, party: Party, more: u64) -> CallExtension {
        let deadline = self.vault.state.call.of(party).map(|call| call.deadline).unwrap_or_default();
        CallExtension {
            party: self.address(party),
            deadline,
            extended: Timestamp::new(deadline.get() + more),
            expiry: self.expiry(),
        }
    }

    pub fn extend(&mut self, message: &CallExtension, key: u8) -> Result<(), VaultError> {
        let signature = C::sign(key, &message.digest::<C>(&self.domain));
        self.keep(Command::ExtendCall { message, signature: &signature })
    }

    pub fn dispute(&mut self, caller: Address, stated: i128) -> Result<(), VaultError> {
        self.run(caller, Command::Dispute { stated: signed(stated) })
    }

    /// A value for the last dispute.
    pub fn disputed_value(&self, entitlement_a: i128) -> DisputedValue {
        let dispute = self.vault.disputes.count;
        DisputedValue { dispute, entitlement_a: signed(entitlement_a), expiry: self.expiry() }
    }

    pub fn determine_dispute(&mut self, party: Party, value: DisputedValue, keys: &[u8]) -> Result<(), VaultError> {
        let message = &DisputeDetermination(value);
        let signatures = pack::<C>(&message.digest::<C>(&self.domain), keys);
        self.keep(Command::DetermineDispute { party, message, signatures: &signatures })
    }

    pub fn resolve_dispute(&mut self, party: Party, value: DisputedValue, keys: [u8; 2]) -> Result<(), VaultError> {
        let message = &DisputeResolution(value);
        let [a, b] = self.signatures(message, keys);
        self.keep(Command::ResolveDispute { party, message, signatures: Pair { a: &a, b: &b } })
    }

    /// The terms' hash with `successor` on the side of `party`.
    pub fn novated(&self, party: Party, successor: Address) -> Digest {
        let mut terms = self.vault.agreement.terms;
        *terms.parties.of_mut(party) = successor;
        terms.hash::<C>(&self.vault.collateral.schedule, &self.vault.mandate.signers)
    }

    /// The account of `key` bids for the side in default.
    pub fn bid(&mut self, key: u8, price: i128) -> Result<(), VaultError> {
        let party = match self.vault.state.phase {
            ringfence_protocol::vault::Phase::Defaulted { party, .. } => party,
            _ => Party::B,
        };
        let terms_hash = self.novated(party, C::address(key));
        self.run(C::address(key), Command::BidForSide { price: signed(price), terms_hash })
    }

    /// `party` accepts the account of `key` in the other's place.
    pub fn approve(&mut self, party: Party, key: u8) -> Result<(), VaultError> {
        self.run(self.address(party), Command::ApproveSuccessor { successor: C::address(key) })
    }

    /// An amendment to `terms` with the schedule in force.
    pub fn amendment(&self, terms: &Terms, schedule: &Schedule) -> TermsAmendment {
        TermsAmendment {
            nonce: self.vault.standing.amendments + 1,
            from: self.vault.agreement.hash,
            to: terms.hash::<C>(schedule, &self.vault.mandate.signers),
            expiry: self.expiry(),
        }
    }

    pub fn amend(
        &mut self,
        message: &TermsAmendment,
        terms: &Terms,
        schedule: &Schedule,
        keys: [u8; 2],
    ) -> Result<(), VaultError> {
        let [a, b] = self.signatures(message, keys);
        self.keep(Command::AmendTerms { message, terms, schedule, signatures: Pair { a: &a, b: &b } })
    }

    pub fn rotation(&self, signers: &SignerSet) -> SignerRotation {
        SignerRotation {
            terms_hash: self.vault.agreement.hash,
            epoch: self.vault.mandate.epoch + 1,
            signers_hash: signers.hash::<C>(),
            threshold: signers.threshold(),
            expiry: self.expiry(),
        }
    }

    pub fn rotate(&mut self, message: &SignerRotation, signers: &SignerSet, keys: [u8; 2]) -> Result<(), VaultError> {
        let [a, b] = self.signatures(message, keys);
        self.keep(Command::RotateSigners { message, signers, signatures: Pair { a: &a, b: &b } })
    }
}
