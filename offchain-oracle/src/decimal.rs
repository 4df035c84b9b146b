//! Exact decimal text to scaled integers. No float is involved: what is signed is what was written.

use thiserror::Error;

/// Most digits accepted in one number; 10^30 still fits `i128` after scaling by 10^8.
const MAX_DIGITS: usize = 30;

/// Why a text is not a usable decimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DecimalError {
    /// The text is empty.
    #[error("is empty")]
    Empty,
    /// The text says "not a number".
    #[error("is NaN")]
    NotANumber,
    /// The text says infinity.
    #[error("is infinite")]
    Infinite,
    /// Not `-?digits(.digits)?`.
    #[error("is not a decimal number")]
    Malformed,
    /// Digits that the unit can't hold.
    #[error("has more than {0} decimals")]
    TooPrecise(u32),
    /// Longer than any sensible number, or outside the bounds of its unit.
    #[error("is out of range")]
    OutOfRange,
    /// Below zero where that makes no sense.
    #[error("is negative")]
    Negative,
    /// Zero where that makes no sense.
    #[error("is zero")]
    Zero,
}

/// `text` times `10^decimals`, exactly. Trailing zeros beyond `decimals` are accepted, other digits are not.
///
/// # Errors
/// See [`DecimalError`]. Signs other than a leading `-`, exponents, spaces and separators are malformed.
pub fn parse(text: &str, decimals: u32) -> Result<i128, DecimalError> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    reject_words(digits)?;
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(w, f)| (w, Some(f)));
    if whole.is_empty() || fraction == Some("") {
        return Err(DecimalError::Malformed);
    }
    let fraction = fraction.unwrap_or_default().trim_end_matches('0');
    if !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
        return Err(DecimalError::Malformed);
    }
    let places = u32::try_from(fraction.len()).map_err(|_| DecimalError::TooPrecise(decimals))?;
    let missing = decimals.checked_sub(places).ok_or(DecimalError::TooPrecise(decimals))?;
    if whole.len() > MAX_DIGITS {
        return Err(DecimalError::OutOfRange);
    }
    let joined: i128 = [whole, fraction].concat().parse().map_err(|_| DecimalError::OutOfRange)?;
    let scale = 10_i128.checked_pow(missing).ok_or(DecimalError::OutOfRange)?;
    let value = joined.checked_mul(scale).ok_or(DecimalError::OutOfRange)?;
    Ok(if negative { value.saturating_neg() } else { value })
}

fn reject_words(text: &str) -> Result<(), DecimalError> {
    match text.to_ascii_lowercase().as_str() {
        "" => Err(DecimalError::Empty),
        "nan" => Err(DecimalError::NotANumber),
        "inf" | "infinity" | "+inf" => Err(DecimalError::Infinite),
        _ => Ok(()),
    }
}

/// `value / 10^decimals` as text without trailing zeros, exactly.
pub fn format(value: i128, decimals: u32) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let digits =
        format!("{:0>width$}", value.unsigned_abs(), width = usize::try_from(decimals).unwrap_or(0).saturating_add(1));
    let split = digits.len().saturating_sub(usize::try_from(decimals).unwrap_or(0));
    let (whole, fraction) = digits.split_at(split);
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{fraction}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn decimals_are_exact() {
        assert_eq!(parse("117624.03", 8), Ok(11_762_403_000_000));
        assert_eq!(parse("-0.00000001", 8), Ok(-1));
        assert_eq!(parse("2.720000000000", 2), Ok(272));
        assert_eq!(parse("007", 0), Ok(7));
    }

    #[test]
    fn everything_else_is_refused_with_its_own_reason() {
        for (text, error) in [
            ("", DecimalError::Empty),
            ("-", DecimalError::Empty),
            ("NaN", DecimalError::NotANumber),
            ("-nan", DecimalError::NotANumber),
            ("inf", DecimalError::Infinite),
            ("-Infinity", DecimalError::Infinite),
            ("1e5", DecimalError::Malformed),
            ("+1", DecimalError::Malformed),
            ("1,000", DecimalError::Malformed),
            (" 1", DecimalError::Malformed),
            ("1.", DecimalError::Malformed),
            (".5", DecimalError::Malformed),
            ("1.2.3", DecimalError::Malformed),
            ("--1", DecimalError::Malformed),
            ("0.123", DecimalError::TooPrecise(2)),
            ("1000000000000000000000000000000000000000", DecimalError::OutOfRange),
        ] {
            assert_eq!(parse(text, 2), Err(error), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn text_round_trips(value in -1_000_000_000_000_000_000_000_i128..1_000_000_000_000_000_000_000) {
            prop_assert_eq!(parse(&format(value, 8), 8), Ok(value));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,40}") {
            let _ = parse(&text, 8);
        }
    }
}
