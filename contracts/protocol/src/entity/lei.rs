use super::EntityError;
use scale::{Decode, Encode, MaxEncodedLen};

/// A legal entity identifier: eighteen letters and digits, then two check digits.
///
/// Source: ISO 17442-1:2020, section 4 (structure) and annex A (check digits); ISO/IEC 7064:2003, MOD 97-10.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct Lei([u8; 20]);

/// Characters before the check digits.
const BODY: usize = 18;

impl Lei {
    /// Reads the twenty characters and verifies the check digits. Lower case is refused: the standard has none.
    ///
    /// # Errors
    /// [`EntityError::LeiMalformed`] for another length or character, [`EntityError::LeiChecksum`] for other check digits
    /// than those of the first eighteen characters.
    pub fn parse(text: &[u8]) -> Result<Self, EntityError> {
        let characters: [u8; 20] = text.try_into().map_err(|_| EntityError::LeiMalformed)?;
        let (body, check) = characters.split_at(BODY);
        let &[tens, units] = check else { return Err(EntityError::LeiMalformed) };
        let (tens, units) = (digit(tens)?, digit(units)?);
        // Compared with the one right value, and not by the remainder of all twenty: 00, 01 and 99 would pass that too.
        if tens.saturating_mul(10).saturating_add(units) != check_digits(body)? {
            return Err(EntityError::LeiChecksum);
        }
        Ok(Self(characters))
    }

    /// The twenty characters.
    pub const fn as_bytes(&self) -> &[u8; 20] {
        &self.0
    }
}

/// The number from 2 to 98 that makes the whole, read as a number with A = 10 to Z = 35, one modulo 97.
fn check_digits(body: &[u8]) -> Result<u32, EntityError> {
    let shifted = body.iter().try_fold(0, |rest, character| append(rest, value(*character)?))?;
    let rest = append(append(shifted, 0)?, 0)?;
    Ok(98_u32.saturating_sub(rest))
}

/// The remainder modulo 97 of a number with the digits of `value` behind it.
fn append(rest: u32, value: u32) -> Result<u32, EntityError> {
    let shift = if value > 9 { 100 } else { 10 };
    let number = rest.checked_mul(shift).and_then(|number| number.checked_add(value));
    number.and_then(|number| number.checked_rem(97)).ok_or(EntityError::ArithmeticOverflow)
}

fn value(character: u8) -> Result<u32, EntityError> {
    char::from(character).to_digit(36).filter(|_| !character.is_ascii_lowercase()).ok_or(EntityError::LeiMalformed)
}

fn digit(character: u8) -> Result<u32, EntityError> {
    char::from(character).to_digit(10).ok_or(EntityError::LeiMalformed)
}
