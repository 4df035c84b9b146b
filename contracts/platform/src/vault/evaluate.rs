//! What the rules contract does: reads a request, asks the protocol, writes an answer.

use super::{
    answer::{Answer, Wire, WireBond},
    codec, event, view, Request, Values, VaultCall, VALUES,
};
use crate::{abi::Reader, Host};
use ink::prelude::vec::Vec;
use ringfence_protocol::{
    eip712::Domain,
    message::{DisputeDetermination, DisputeResolution},
    terms::Terms,
    units::{Amount, Timestamp},
    vault::{Command, Effects, Env, Estates, Layer, Vault, VaultError, VaultEvent},
    Party,
};
use scale::{Decode, Encode};

/// Answers a request, or refuses it with the vault's error.
pub fn evaluate(request: &Request) -> Result<Answer, VaultError> {
    let arguments = &mut Reader::new(&request.arguments);
    if request.call == VaultCall::New {
        let (terms, schedule, signers) = codec::terms(&mut arguments.dynamic()?)?;
        let vault = Vault::new::<Host>(terms, schedule, signers)?;
        return Ok(Answer { values: changed(&vault, &Values::new()), ..Answer::default() });
    }
    let vault = load(&request.values)?;
    let env = Env {
        now: Timestamp::new(request.now),
        caller: request.caller,
        domain: Domain { chain_id: request.chain_id, verifying_contract: request.vault },
    };
    if let Some(output) = view::answer(request, arguments, &vault, &env)? {
        return Ok(Answer { output, ..Answer::default() });
    }
    let terms = vault.agreement.terms;
    let (vault, effects) = execute(request, arguments, vault, &env)?;
    Ok(respond(&terms, effects, changed(&vault, &request.values)))
}

/// Reads a message's arguments and carries it out.
#[inline(never)]
fn execute(
    request: &Request,
    arguments: &mut Reader<'_>,
    vault: Vault,
    env: &Env,
) -> Result<(Vault, Effects), VaultError> {
    let known = Amount::new(request.known);
    let party = |vault: &Vault, account| vault.agreement.party(account);
    let command = match request.call {
        VaultCall::Accept => Command::Accept { terms_hash: arguments.digest()? },
        VaultCall::AgreePortfolio => {
            let mut signed = arguments.dynamic()?;
            let message = &codec::portfolio(&mut signed)?;
            let signatures = signed.both_signatures()?;
            return vault.execute::<Host>(env, Command::AgreePortfolio { message, signatures });
        }
        VaultCall::AmendTerms => {
            let mut signed = arguments.dynamic()?;
            let message = &codec::amendment(&mut signed)?;
            let (terms, schedule, signers) = &codec::terms(&mut signed.dynamic()?)?;
            let signatures = signed.both_signatures()?;
            if *signers != vault.mandate.signers {
                return Err(VaultError::SignersMismatch);
            }
            return vault.execute::<Host>(env, Command::AmendTerms { message, terms, schedule, signatures });
        }
        VaultCall::RotateSigners => {
            let mut signed = arguments.dynamic()?;
            let message = &codec::rotation(&mut signed)?;
            let signers = &codec::signer_set(codec::signers(&mut signed)?, message.threshold)?;
            let signatures = signed.both_signatures()?;
            return vault.execute::<Host>(env, Command::RotateSigners { message, signers, signatures });
        }
        VaultCall::NoticeRotation => {
            let mut tuple = arguments.dynamic()?;
            let signers = codec::signers(&mut tuple)?;
            let signers = &codec::signer_set(signers, tuple.uint()?)?;
            return vault.execute::<Host>(env, Command::NoticeRotation { signers });
        }
        VaultCall::WithdrawRotation => Command::WithdrawRotation,
        VaultCall::TakeUpRotation => Command::TakeUpRotation,
        VaultCall::LeaveRotation => Command::LeaveRotation,
        VaultCall::PostCollateral => {
            Command::PostCollateral { index: arguments.index()?, quantity: arguments.amount()? }
        }
        VaultCall::ReturnCollateral => {
            Command::ReturnCollateral { index: arguments.index()?, quantity: arguments.amount()? }
        }
        VaultCall::SubstituteCollateral => Command::SubstituteCollateral {
            into: arguments.index()?,
            posted: arguments.amount()?,
            out_of: arguments.index()?,
            returned: arguments.amount()?,
        },
        VaultCall::ExtendCall => {
            let mut signed = arguments.dynamic()?;
            let message = &codec::extension(&mut signed)?;
            let signature = signed.bytes()?;
            return vault.execute::<Host>(env, Command::ExtendCall { message, signature });
        }
        VaultCall::Dispute => Command::Dispute { stated: arguments.signed()? },
        VaultCall::DetermineDispute => {
            let mut signed = arguments.dynamic()?;
            let party = party(&vault, signed.address()?)?;
            let message = &DisputeDetermination(codec::disputed_value(&mut signed)?);
            let signatures = signed.bytes()?;
            return vault.execute::<Host>(env, Command::DetermineDispute { party, message, signatures });
        }
        VaultCall::ResolveDispute => {
            let mut signed = arguments.dynamic()?;
            let party = party(&vault, signed.address()?)?;
            let message = &DisputeResolution(codec::disputed_value(&mut signed)?);
            let signatures = signed.both_signatures()?;
            return vault.execute::<Host>(env, Command::ResolveDispute { party, message, signatures });
        }
        VaultCall::LapseDispute => Command::LapseDispute { party: party(&vault, arguments.address()?)? },
        VaultCall::DeclareDefault => Command::DeclareDefault { party: party(&vault, arguments.address()?)? },
        VaultCall::ApproveSuccessor => Command::ApproveSuccessor { successor: arguments.address()? },
        VaultCall::RevokeSuccessor => Command::RevokeSuccessor { successor: arguments.address()? },
        VaultCall::BidForSide => Command::BidForSide { price: arguments.signed()?, terms_hash: arguments.digest()? },
        VaultCall::AcceptBid => Command::AcceptBid,
        VaultCall::CloseOut => {
            let mut signed = arguments.dynamic()?;
            let message = &codec::determination(&mut signed)?;
            let signatures = signed.bytes()?;
            return vault.execute::<Host>(env, Command::DetermineCloseOut { message, signatures });
        }
        VaultCall::ResolveDefault => Command::ResolveDefault,
        VaultCall::BuyCollateral => Command::BuyCollateral {
            index: arguments.index()?,
            quantity: arguments.amount()?,
            limit: arguments.amount()?,
        },
        VaultCall::CollectCover => Command::CollectCover { estate: arguments.index()?, layer: arguments.index()? },
        VaultCall::CoverPaid => {
            Command::CoverPaid { estate: arguments.index()?, layer: arguments.index()?, amount: arguments.amount()? }
        }
        VaultCall::TransferClaim => Command::TransferClaim { estate: arguments.index()?, to: arguments.address()? },
        VaultCall::Recover => Command::Recover { estate: arguments.index()?, amount: arguments.amount()? },
        VaultCall::PassRecovery => Command::PassRecovery { estate: arguments.index()?, layer: arguments.index()? },
        VaultCall::Collect => Command::Collect { asset: arguments.address()?, amount: known },
        VaultCall::Terminate => {
            let mut signed = arguments.dynamic()?;
            let message = &codec::termination(&mut signed)?;
            let signatures = signed.both_signatures()?;
            return vault.execute::<Host>(env, Command::Terminate { message, signatures });
        }
        VaultCall::LeaveSilentOracle => Command::LeaveSilentOracle,
        VaultCall::BeginRunOff => Command::BeginRunOff,
        VaultCall::CloseRunOff => Command::CloseRunOff,
        VaultCall::LeaveRunOff => Command::LeaveRunOff,
        VaultCall::Pause => Command::Pause { span: arguments.span()? },
        VaultCall::AddFirstLoss => Command::AddFirstLoss { balance: known, amount: arguments.amount()? },
        VaultCall::ReleaseFirstLoss => Command::ReleaseFirstLoss { amount: arguments.amount()? },
        VaultCall::AddReserve => Command::AddReserve { balance: known, amount: arguments.amount()? },
        VaultCall::CollectFees => Command::CollectFees,
        VaultCall::RegisterCover => {
            let (bond, attachment) = (arguments.address()?, arguments.amount()?);
            let layer = Layer {
                bond,
                limit: arguments.amount()?,
                claimed: Amount::ZERO,
                starts: arguments.time()?,
                ends: arguments.time()?,
                waiting: arguments.span()?,
            };
            let (claims_until, attested_until) = (arguments.time()?, arguments.time()?);
            Command::RegisterCover { layer, attachment, claims_until, attested_until }
        }
        VaultCall::AttestOwners => Command::AttestOwners { until: arguments.time()? },
        // The constructor and the views were answered before.
        _ => return Err(VaultError::MalformedInput),
    };
    vault.execute::<Host>(env, command)
}

/// Writes down what has to happen.
#[inline(never)]
fn respond(terms: &Terms, effects: Effects, values: Vec<(u8, Vec<u8>)>) -> Answer {
    let mut answer = Answer { values, ..Answer::default() };
    let mut terms = *terms;
    for event in &effects.events {
        answer.events.push(event::raw_event(event, &terms));
        if let VaultEvent::Replaced { party, successor, .. } = event {
            *terms.parties.of_mut(*party) = *successor;
        }
    }
    effects.credits.into_iter().for_each(|credit| answer.credit(credit));
    answer.transfers.extend(effects.transfers.into_iter().map(|transfer| Wire::new(terms.asset, transfer)));
    answer.transfers.extend(effects.tokens.into_iter().map(Wire::from));
    answer.bonds.extend(effects.bonds.into_iter().map(WireBond::from));
    answer
}

/// The values of a vault that differ from those before.
#[inline(never)]
fn changed(vault: &Vault, before: &Values) -> Vec<(u8, Vec<u8>)> {
    let mut after: Values = ink::prelude::vec![
        vault.state.encode(),
        vault.agreement.encode(),
        vault.mandate.encode(),
        vault.cover.encode(),
        vault.collateral.encode(),
        vault.standing.encode(),
        vault.disputes.encode(),
        vault.case.encode(),
        vault.successors.encode(),
    ];
    after.extend(vault.estates.0.iter().map(Encode::encode));
    let places = 0u8..;
    let differs = |(place, value): &(u8, Vec<u8>)| before.get(usize::from(*place)) != Some(value);
    places.zip(after).filter(differs).collect()
}

/// Reads the values of a vault.
#[inline(never)]
fn load(values: &Values) -> Result<Vault, VaultError> {
    if values.len() != VALUES {
        return Err(VaultError::MalformedInput);
    }
    let estates = values.iter().skip(9).filter(|value| !value.is_empty()).map(|value| decode(value));
    Ok(Vault {
        state: at(values, 0)?,
        agreement: at(values, 1)?,
        mandate: at(values, 2)?,
        cover: at(values, 3)?,
        collateral: at(values, 4)?,
        standing: at(values, 5)?,
        disputes: at(values, 6)?,
        case: at(values, 7)?,
        successors: at(values, 8)?,
        estates: Estates(estates.collect::<Result<_, _>>()?),
    })
}

fn at<T: Decode>(values: &Values, place: usize) -> Result<T, VaultError> {
    decode(values.get(place).ok_or(VaultError::MalformedInput)?)
}

fn decode<T: Decode>(mut value: &[u8]) -> Result<T, VaultError> {
    T::decode(&mut value).map_err(|_| VaultError::MalformedInput)
}

/// The side that an account is on.
pub(super) fn side_of(vault: &Vault, arguments: &mut Reader<'_>) -> Result<Party, VaultError> {
    vault.agreement.party(arguments.address()?)
}
