"""Writes eip712.json: golden vectors of every typed message, by eth-account (see README.md). Deterministic."""

import json
from importlib.metadata import version
from pathlib import Path

from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils import keccak

PINNED = "0.14.0"
HERE = Path(__file__).parent

# Test keys: the private key is the byte repeated 32 times. Never used anywhere but in tests.
KEYS = [bytes([byte]) * 32 for byte in (0x11, 0x22, 0x33)]

DOMAIN_FIELDS = [
    {"name": "name", "type": "string"},
    {"name": "version", "type": "string"},
    {"name": "chainId", "type": "uint256"},
    {"name": "verifyingContract", "type": "address"},
]

TYPES = {
    "MarginInstruction": "address vault,bytes32 termsHash,uint64 sequence,uint64 valuationTime,uint64 expiry,"
    "bytes32 portfolioRoot,int128 entitlementA,uint128 initialMarginA,uint128 initialMarginB,uint128 tailRequirement,"
    "uint128 interestIndex,uint16 feeRate,CollateralMark[] collateral,bytes32 marketDataRoot,uint32 modelVersion",
    "CollateralMark": "uint128 price,uint16 haircut",
    "PortfolioAgreement": "uint64 version,bytes32 portfolioRoot,bytes32 termsHash,uint64 expiry",
    "MutualTermination": "bytes32 termsHash,uint64 nonce,int128 entitlementA,uint64 expiry",
    "CloseOutDetermination": "uint64 sequence,address defaulter,int128 amount,bytes32 evidenceRoot,uint64 expiry",
    "SignerRotation": "bytes32 termsHash,uint64 epoch,bytes32 signersHash,uint8 threshold,uint64 expiry",
    "TermsAmendment": "uint64 nonce,bytes32 from,bytes32 to,uint64 expiry",
    "CallExtension": "address party,uint64 deadline,uint64 extended,uint64 expiry",
    "DisputeDetermination": "uint64 dispute,int128 entitlementA,uint64 expiry",
    "DisputeResolution": "uint64 dispute,int128 entitlementA,uint64 expiry",
    "CsaTerms": "address asset,address entity,address rules,address partyA,address partyB,PartyTerms termsA,"
    "PartyTerms termsB,Periods periods,uint128 maxMove,uint128 disputeDeposit,uint128 disputeTolerance,uint16 feeCap,"
    "uint16 tailShareA,EligibleCollateral[] collateral,address[] signers,uint8 signerThreshold",
    "EligibleCollateral": "address asset,uint16 haircut,uint128 limit",
    "PartyTerms": "uint128 threshold,uint128 minimumTransferAmount,uint128 roundingAmount,uint128 independentAmount",
    "Periods": "uint64 cure,uint64 notification,uint64 maxStaleness,uint64 dispute,uint64 replacement,uint64 closeOut,"
    "uint64 auction,uint64 oracleTimeout",
}
SIGNED = ["MarginInstruction", "PortfolioAgreement", "MutualTermination", "CloseOutDetermination", "SignerRotation",
          "TermsAmendment", "CallExtension", "DisputeDetermination", "DisputeResolution", "CsaTerms"]
REFERS_TO = {"MarginInstruction": ["CollateralMark"], "CsaTerms": ["EligibleCollateral", "PartyTerms", "Periods"]}
# A list of structs has between no and this many members.
MOST_MEMBERS = 4


def fields(name):
    return [dict(zip(("type", "name"), field.split(" "))) for field in TYPES[name].split(",")]


def address(byte):
    return "0x" + bytes([byte] * 20).hex()


DOMAINS = [
    {"name": "Ringfence", "version": "1", "chainId": chain, "verifyingContract": contract}
    for chain, contract in [
        (1, address(0xAA)),
        (0, address(0x00)),
        (2**64 - 1, address(0xFF)),
        (420_420_417, "0x00000000000000000000000000000000deadbeef"),
        (1337, address(0x01)),
    ]
]


def limits(kind):
    """Lowest, smallest above nothing, below zero if there is such a thing, and highest value of a type."""
    if kind.startswith("uint"):
        top = 2 ** int(kind[4:]) - 1
        return [0, 1, 2, top - 1, top]
    if kind.startswith("int"):
        half = 2 ** (int(kind[3:]) - 1)
        return [0, 1, -1, -half, half - 1]
    if kind == "bytes32":
        return ["0x" + word.hex() for word in (bytes(32), bytes(31) + b"\x01", keccak(b""), keccak(b"x"), b"\xff" * 32)]
    if kind == "address":
        return [address(byte) for byte in (0x00, 0x01, 0x7F, 0xFE)] + ["0x" + "ff" * 20]
    raise ValueError(kind)


# A signer set can't be empty; one signer up to the most there can be, ascending.
SIGNERS = [[address(0x01)], [address(0x10), address(0x20), address(0x30)], [address(byte) for byte in range(1, 9)],
           [address(0x02), "0x" + "ff" * 20], [address(byte) for byte in (5, 6, 7, 8, 9)]]


def value(kind, pick):
    if kind in TYPES:
        # Members differ from each other, so that swapping two of them is seen.
        return {field["name"]: value(field["type"], pick + index) for index, field in enumerate(fields(kind))}
    if kind == "address[]":
        return SIGNERS[pick % len(SIGNERS)]
    if kind.endswith("[]"):
        return [value(kind[:-2], pick + index) for index in range(pick % (MOST_MEMBERS + 1))]
    choices = limits(kind)
    return choices[pick % len(choices)]


def uniform(name, pick):
    """All members at the same end of their range."""
    message = {}
    for field in fields(name):
        kind = field["type"]
        if kind in TYPES:
            message[field["name"]] = uniform(kind, pick)
        elif kind[:-2] in TYPES:
            message[field["name"]] = [uniform(kind[:-2], pick)] * MOST_MEMBERS
        else:
            message[field["name"]] = value(kind, pick)
    return message


def ordinary(name, seed):
    """Values of everyday size, different in every member."""
    message = {}
    for index, field in enumerate(fields(name)):
        kind, tag = field["type"], f"{seed}/{name}/{field['name']}/{index}".encode()
        number = int.from_bytes(keccak(tag), "big")
        if kind in TYPES:
            message[field["name"]] = ordinary(kind, f"{seed}/{field['name']}")
        elif kind[:-2] in TYPES:
            members = range(1 + number % MOST_MEMBERS)
            message[field["name"]] = [ordinary(kind[:-2], f"{seed}/{field['name']}/{member}") for member in members]
        elif kind == "address[]":
            message[field["name"]] = SIGNERS[number % len(SIGNERS)]
        elif kind == "address":
            message[field["name"]] = "0x" + keccak(tag)[12:].hex()
        elif kind == "bytes32":
            message[field["name"]] = "0x" + keccak(tag).hex()
        elif kind.startswith("uint"):
            message[field["name"]] = number % (2 ** min(int(kind[4:]), 48))
        else:
            message[field["name"]] = number % (2**48) - 2**47
    return message


def fix_signer_threshold(message):
    """Terms carry a majority threshold, as the protocol can't build any other."""
    if "signerThreshold" in message:
        message["signerThreshold"] = len(message["signers"]) // 2 + 1
    return message


def text(value):
    """Integers as decimal strings: JSON numbers end at 2^53."""
    if isinstance(value, dict):
        return {key: text(member) for key, member in value.items()}
    if isinstance(value, list):
        return [text(member) for member in value]
    return str(value) if isinstance(value, int) else value


def vector(name, domain_index, message, key):
    types = {"EIP712Domain": DOMAIN_FIELDS, name: fields(name)}
    types.update({other: fields(other) for other in REFERS_TO.get(name, [])})
    encoded = encode_typed_data(full_message={
        "types": types, "primaryType": name, "domain": DOMAINS[domain_index], "message": message,
    })
    digest = keccak(b"\x19\x01" + encoded.header + encoded.body)
    signed = Account.sign_message(encoded, key)
    assert bytes(signed.message_hash) == digest
    return {
        "domain": domain_index,
        "message": text(message),
        "structHash": "0x" + encoded.body.hex(),
        "digest": "0x" + digest.hex(),
        "signer": Account.from_key(key).address.lower(),
        "signature": "0x" + bytes(signed.signature).hex(),
    }, encoded.header


def main():
    assert version("eth-account") == PINNED, f"needs eth-account {PINNED}"
    separators, messages = {}, {}
    for name in SIGNED:
        picks = [uniform(name, pick) for pick in range(5)]
        picks += [{f["name"]: value(f["type"], i + shift) for i, f in enumerate(fields(name))} for shift in range(5)]
        picks += [ordinary(name, seed) for seed in range(4)]
        messages[name] = []
        for index, message in enumerate(picks):
            domain = index % len(DOMAINS)
            made, header = vector(name, domain, fix_signer_threshold(message), KEYS[index % len(KEYS)])
            separators[domain] = header
            messages[name].append(made)
    document = {
        "generator": f"eth-account {PINNED}",
        "domains": [
            {"chainId": str(d["chainId"]), "verifyingContract": d["verifyingContract"],
             "separator": "0x" + separators[i].hex()}
            for i, d in enumerate(DOMAINS)
        ],
        "messages": messages,
    }
    (HERE / "eip712.json").write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
