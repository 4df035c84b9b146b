//! Web3 secret storage, version 3: a key under a passphrase, as Ethereum clients and wallets keep it.
//!
//! The passphrase and a salt give 32 bytes by scrypt or PBKDF2-HMAC-SHA-256; the first half is the AES-128-CTR key, the
//! second half and the ciphertext give the authentication code, a Keccak-256. Source: "Web3 Secret Storage Definition",
//! ethereum.org. Its PBKDF2 vector and a document written by go-ethereum are in the tests below. Its scrypt vector has
//! N = 2^18 with r = 1, which RFC 7914 (section 6: N below 2^(128 r / 8)) does not allow; such documents are refused.

use super::local::random_bytes;
use super::{LocalKey, Passphrase, SignError, SigningKey};
use crate::keccak::keccak256;
use aes::cipher::{KeyIvInit, StreamCipher};
use ringfence_protocol::Address;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Largest keystore document.
pub const MAX_KEYSTORE_BYTES: usize = 4_096;
/// Most memory that scrypt may ask for; a document from elsewhere must not exhaust the machine.
pub const MAX_SCRYPT_BYTES: u64 = 512 * 1024 * 1024;
/// Most work that scrypt may ask for, in blocks of 128 bytes mixed: `n * r * p`, eight times the standard.
pub const MAX_SCRYPT_WORK: u64 = 1 << 24;
/// Most rounds of PBKDF2.
pub const MAX_PBKDF2_ROUNDS: u32 = 10_000_000;

/// What deriving a key costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// scrypt's N as a power of two.
    pub log_n: u8,
    /// Block size.
    pub r: u32,
    /// Parallelism.
    pub p: u32,
}

impl Cost {
    /// What clients write for keys that guard money: N = 2^18, r = 8, p = 1; 256 MiB.
    pub const STANDARD: Self = Self { log_n: 18, r: 8, p: 1 };
}

/// A keystore document, checked but not unlocked.
#[derive(Debug)]
pub struct Keystore {
    file: String,
    text: Document,
}

#[derive(Debug, Serialize, Deserialize)]
struct Document {
    version: u32,
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    address: Option<String>,
    #[serde(alias = "Crypto")]
    crypto: Crypto,
}

#[derive(Debug, Serialize, Deserialize)]
struct Crypto {
    cipher: String,
    cipherparams: CipherParams,
    ciphertext: String,
    kdf: String,
    kdfparams: KdfParams,
    mac: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct CipherParams {
    iv: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum KdfParams {
    Scrypt { dklen: u32, n: u64, p: u32, r: u32, salt: String },
    Pbkdf2 { dklen: u32, c: u32, prf: String, salt: String },
}

type Derived = Zeroizing<[u8; 32]>;

impl Keystore {
    /// Reads a document; `file` stands in messages.
    ///
    /// # Errors
    /// [`SignError::KeystoreMalformed`].
    pub fn parse(file: &str, bytes: &[u8]) -> Result<Self, SignError> {
        if bytes.len() > MAX_KEYSTORE_BYTES {
            return Err(malformed(file, "longer than 4096 bytes"));
        }
        let text: Document = serde_json::from_slice(bytes).map_err(|_| malformed(file, "not the JSON expected"))?;
        if text.version != 3 {
            return Err(malformed(file, "version is not 3"));
        }
        if text.crypto.cipher != "aes-128-ctr" {
            return Err(malformed(file, "cipher is not aes-128-ctr"));
        }
        Ok(Self { file: file.to_owned(), text })
    }

    /// Decrypts the key.
    ///
    /// # Errors
    /// A wrong passphrase; parameters beyond the bounds; a key that is none, or not of the address the document names.
    pub fn unlock(&self, passphrase: &Passphrase) -> Result<LocalKey, SignError> {
        let crypto = &self.text.crypto;
        let fail = |what| malformed(&self.file, what);
        let mut secret = Zeroizing::new(hex::decode(&crypto.ciphertext).map_err(|_| fail("ciphertext is not hex"))?);
        let iv: [u8; 16] = bytes(&crypto.cipherparams.iv).ok_or_else(|| fail("iv is not 16 bytes"))?;
        let mac: [u8; 32] = bytes(&crypto.mac).ok_or_else(|| fail("mac is not 32 bytes"))?;
        let derived = self.derive(passphrase)?;
        let (key, mac_key) = derived.split_at(16);
        let expected = keccak256(&Zeroizing::new([mac_key, &secret].concat()));
        if !bool::from(expected.as_bytes()[..].ct_eq(&mac[..])) {
            return Err(SignError::WrongPassphrase(self.file.clone()));
        }
        crypt(key, &iv, &mut secret).ok_or_else(|| fail("key or iv has the wrong length"))?;
        let secret: &[u8; 32] = secret.as_slice().try_into().map_err(|_| fail("ciphertext is not 32 bytes"))?;
        let key = LocalKey::from_secret(secret).ok_or_else(|| fail("holds no secp256k1 key"))?;
        self.check_address(key.address())?;
        Ok(key)
    }

    fn check_address(&self, found: Address) -> Result<(), SignError> {
        let Some(text) = &self.text.address else { return Ok(()) };
        match bytes::<20>(text.strip_prefix("0x").unwrap_or(text)) {
            Some(named) if Address(named) == found => Ok(()),
            _ => Err(malformed(&self.file, "names another address than its key has")),
        }
    }

    fn derive(&self, passphrase: &Passphrase) -> Result<Derived, SignError> {
        let fail = |what| malformed(&self.file, what);
        let salt = |text: &str| hex::decode(text).map_err(|_| fail("salt is not hex"));
        match (&self.text.crypto.kdfparams, self.text.crypto.kdf.as_str()) {
            (KdfParams::Scrypt { dklen: 32, n, p, r, salt: text }, "scrypt") => {
                let log_n = u8::try_from(n.trailing_zeros()).unwrap_or(u8::MAX);
                if !n.is_power_of_two() {
                    return Err(fail("scrypt n is not a power of two"));
                }
                let cost = Cost { log_n, r: *r, p: *p };
                scrypt_key(passphrase, &salt(text)?, cost).ok_or_else(|| fail("scrypt parameters are out of bounds"))
            }
            (KdfParams::Pbkdf2 { dklen: 32, c, prf, salt: text }, "pbkdf2") if prf == "hmac-sha256" => {
                if *c == 0 || *c > MAX_PBKDF2_ROUNDS {
                    return Err(fail("pbkdf2 c is out of bounds"));
                }
                let mut derived = Derived::default();
                pbkdf2::pbkdf2_hmac::<sha2::Sha256>(passphrase.bytes(), &salt(text)?, *c, derived.as_mut_slice());
                Ok(derived)
            }
            _ => Err(fail("kdf is neither scrypt nor pbkdf2 with hmac-sha256, of 32 bytes")),
        }
    }
}

/// A document that holds `key` under `passphrase`, with fresh salt and vector.
///
/// # Errors
/// No randomness, or a cost out of bounds.
pub fn seal(key: &LocalKey, passphrase: &Passphrase, cost: Cost) -> Result<String, SignError> {
    let out_of_bounds = || malformed("the new keystore", "scrypt parameters are out of bounds");
    let (salt, iv, id) = (random_bytes::<32>()?, random_bytes::<16>()?, random_bytes::<16>()?);
    let derived = scrypt_key(passphrase, salt.as_slice(), cost).ok_or_else(out_of_bounds)?;
    let (cipher_key, mac_key) = derived.split_at(16);
    let mut ciphertext = Zeroizing::new(key.secret().to_vec());
    crypt(cipher_key, &iv, &mut ciphertext).ok_or_else(out_of_bounds)?;
    let document = Document {
        version: 3,
        id: Some(uuid(*id)),
        address: Some(hex::encode(key.address())),
        crypto: Crypto {
            cipher: "aes-128-ctr".to_owned(),
            cipherparams: CipherParams { iv: hex::encode(*iv) },
            mac: hex::encode(keccak256(&Zeroizing::new([mac_key, &ciphertext].concat()))),
            ciphertext: hex::encode(ciphertext.as_slice()),
            kdf: "scrypt".to_owned(),
            kdfparams: KdfParams::Scrypt {
                dklen: 32,
                n: 1_u64.checked_shl(cost.log_n.into()).unwrap_or(0),
                p: cost.p,
                r: cost.r,
                salt: hex::encode(*salt),
            },
        },
    };
    serde_json::to_string_pretty(&document).map_err(|_| malformed("the new keystore", "can't be written as JSON"))
}

/// Nothing if the cost is out of bounds.
fn scrypt_key(passphrase: &Passphrase, salt: &[u8], cost: Cost) -> Option<Derived> {
    let n = 1_u64.checked_shl(cost.log_n.into())?;
    let blocks = n.checked_mul(cost.r.into())?;
    if blocks.checked_mul(128)? > MAX_SCRYPT_BYTES || blocks.checked_mul(cost.p.into())? > MAX_SCRYPT_WORK {
        return None;
    }
    let params = scrypt::Params::new(cost.log_n, cost.r, cost.p, 32).ok()?;
    let mut derived = Derived::default();
    scrypt::scrypt(passphrase.bytes(), salt, &params, derived.as_mut_slice()).ok()?;
    Some(derived)
}

/// AES-128-CTR, which is its own inverse.
fn crypt(key: &[u8], iv: &[u8; 16], data: &mut [u8]) -> Option<()> {
    let mut cipher = ctr::Ctr128BE::<aes::Aes128>::new_from_slices(key, iv).ok()?;
    cipher.try_apply_keystream(data).ok()
}

fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).ok()?;
    Some(bytes)
}

/// A random UUID (RFC 9562, version 4).
fn uuid(mut bytes: [u8; 16]) -> String {
    let [_, _, _, _, _, _, version, _, variant, ..] = &mut bytes;
    *version = (*version & 0x0f) | 0x40;
    *variant = (*variant & 0x3f) | 0x80;
    let digits = hex::encode(bytes);
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}

fn malformed(file: &str, what: &'static str) -> SignError {
    SignError::KeystoreMalformed { file: file.to_owned(), what }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUICK: Cost = Cost { log_n: 4, r: 8, p: 1 };
    const SECRET: &str = "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d";

    fn vector(kdf: &str, params: &str, iv: &str, ciphertext: &str, mac: &str) -> String {
        format!(
            r#"{{"crypto":{{"cipher":"aes-128-ctr","cipherparams":{{"iv":"{iv}"}},"ciphertext":"{ciphertext}",
            "kdf":"{kdf}","kdfparams":{params},"mac":"{mac}"}},"id":"3198bc9c-6672-5ab3-d995-4942343ae5b6","version":3}}"#
        )
    }

    fn pbkdf2() -> String {
        vector(
            "pbkdf2",
            r#"{"c":262144,"dklen":32,"prf":"hmac-sha256",
            "salt":"ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd"}"#,
            "6087dab2f9fdbbfaddc31a909735c1e6",
            "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46",
            "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2",
        )
    }

    /// Written by go-ethereum: the test account of web3.py.
    fn scrypt() -> String {
        vector(
            "scrypt",
            r#"{"dklen":32,"n":262144,"p":1,"r":8,
            "salt":"9fdf0764eb3645ffc184e166537f6fe70516bf0e34dc7311dea21f100f0c9263"}"#,
            "aa5d0a5370ef65395c1a6607af857124",
            "52e06bc9397ea9fa2f0dae8de2b3e8116e92a2ecca9ad5ff0061d1c449704e98",
            "4e0b51f42b865c15c485f4faefdd1f01a38637e5247f8c75ffe6a8c0eba856f6",
        )
        .replace("\"version\"", "\"address\":\"dc544d1aa88ff8bbd2f2aec754b1f1e99e1812fd\",\"version\"")
    }

    fn pass(text: &str) -> Passphrase {
        Passphrase::new("test", text.as_bytes()).unwrap()
    }

    fn unlock(text: &str, passphrase: &str) -> Result<LocalKey, SignError> {
        Keystore::parse("k.json", text.as_bytes())?.unlock(&pass(passphrase))
    }

    #[test]
    fn the_published_vectors_unlock() {
        const GETH: &str = "58d23b55bc9cdce1f18c2500f40ff4ab7245df9a89505e9b1fa4851f623d241d";
        for (text, passphrase, secret) in [(pbkdf2(), "testpassword", SECRET), (scrypt(), "web3py-test", GETH)] {
            assert_eq!(hex::encode(*unlock(&text, passphrase).unwrap().secret()), secret);
            assert_eq!(unlock(&text, "testpasswort").unwrap_err(), SignError::WrongPassphrase("k.json".to_owned()));
        }
    }

    #[test]
    fn what_is_sealed_unlocks_and_never_looks_the_same_twice() {
        let key = LocalKey::from_secret(&[7; 32]).unwrap();
        let text = seal(&key, &pass("correct horse"), QUICK).unwrap();
        assert_eq!(unlock(&text, "correct horse").unwrap().address(), key.address());
        assert!(matches!(unlock(&text, "battery staple"), Err(SignError::WrongPassphrase(_))));
        assert_ne!(seal(&key, &pass("correct horse"), QUICK).unwrap(), text);
        assert!(!text.contains(&"07".repeat(32)));
        let other = text.replace(&hex::encode(key.address()), &"11".repeat(20));
        assert!(unlock(&other, "correct horse").unwrap_err().to_string().contains("another address"));
    }

    #[test]
    fn bad_documents_are_refused_and_costs_are_bounded() {
        let good = scrypt();
        for (from, to, what) in [
            ("\"version\":3", "\"version\":1", "version is not 3"),
            ("aes-128-ctr", "aes-256-gcm", "cipher is not"),
            ("\"n\":262144", "\"n\":262143", "power of two"),
            ("\"n\":262144", "\"n\":0", "power of two"),
            ("\"n\":262144", "\"n\":1073741824", "out of bounds"),
            ("\"p\":1", "\"p\":4000000000", "out of bounds"),
            ("\"p\":1", "\"p\":0", "out of bounds"),
            ("\"r\":8", "\"r\":4294967295", "out of bounds"),
            ("\"r\":8", "\"r\":1", "out of bounds"),
            ("\"dklen\":32", "\"dklen\":16", "kdf is neither"),
            ("\"scrypt\"", "\"argon2\"", "kdf is neither"),
            ("aa5d0a53", "aa5d0a", "iv is not 16 bytes"),
            ("4e0b51f4", "4e0b51f", "mac is not 32 bytes"),
            ("9fdf0764", "zfdf0764", "salt is not hex"),
            ("52e06bc9", "52e06bc", "ciphertext is not hex"),
        ] {
            let error = unlock(&good.replacen(from, to, 1), "testpassword").unwrap_err().to_string();
            assert!(error.contains(what), "{error}\nexpected {what}");
        }
        let slow = pbkdf2().replace("262144", "10000001");
        assert!(unlock(&slow, "x").unwrap_err().to_string().contains("c is out of bounds"));
        assert!(Keystore::parse("k", &[b' '; MAX_KEYSTORE_BYTES + 1]).is_err());
        assert!(Passphrase::new("p", b"").is_err() && Passphrase::new("p", &[1; 1_025]).is_err());
    }
}
