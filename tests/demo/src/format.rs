//! How amounts, times and addresses read in tables and in the report.

/// Base units of USDC in a cent.
const CENT: u128 = 10_000;

/// Base units of USDC in a dollar.
const DOLLAR: u128 = 1_000_000;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Dollars and cents, rounded half up: `1,234,567.89`.
pub(crate) fn usd(amount: u128) -> String {
    let cents = rounded(amount, CENT);
    format!("{}.{:02}", thousands(cents / 100), cents % 100)
}

/// Whole dollars, rounded half up: `1,234,568`.
pub(crate) fn usd_whole(amount: u128) -> String {
    thousands(rounded(amount, DOLLAR))
}

/// Whole dollars with their sign, `+1,235` or `-1,235`; what rounds to zero has none.
pub(crate) fn usd_signed(amount: i128) -> String {
    let size = rounded(amount.unsigned_abs(), DOLLAR);
    let sign = match (size, amount) {
        (0, _) => "",
        (_, ..0) => "-",
        _ => "+",
    };
    format!("{sign}{}", thousands(size))
}

/// Dollars and cents with their sign; what rounds to zero has none.
pub(crate) fn usd_change(amount: i128) -> String {
    let size = usd(amount.unsigned_abs());
    match amount {
        _ if size == "0.00" => size,
        ..0 => format!("-{size}"),
        _ => format!("+{size}"),
    }
}

/// Millions of dollars with two decimals: `1.23`.
pub(crate) fn usd_millions(amount: u128) -> String {
    let hundredths = rounded(amount, 10_000 * DOLLAR);
    format!("{}.{:02}", thousands(hundredths / 100), hundredths % 100)
}

/// A whole number with commas: `1,234,567`.
pub(crate) fn thousands(number: impl Into<u128>) -> String {
    let digits = number.into().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Basis points as per cent with two decimals.
pub(crate) fn rate(bps: u16) -> String {
    format!("{}.{:02}", bps / 100, bps % 100)
}

/// A share as a percentage with one decimal and its sign: `-18.3 %`; what rounds to zero has no sign.
pub(crate) fn percent(share: f64) -> String {
    let text = format!("{:+.1} %", share * 100.0);
    if text == "+0.0 %" || text == "-0.0 %" {
        return "0.0 %".into();
    }
    text
}

/// A count and its noun: `1 margin call`, `3 margin calls`.
pub(crate) fn count(number: impl Into<u128>, noun: &str) -> String {
    let number = number.into();
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", thousands(number))
}

/// Time of day in UTC: `21:20`.
pub(crate) fn clock(time: u64) -> String {
    format!("{:02}:{:02}", time / 3_600 % 24, time / 60 % 60)
}

/// Date in UTC: `10 October 2025`. The algorithm is Howard Hinnant's `civil_from_days`.
pub(crate) fn date(time: u64) -> String {
    let days = time / 86_400 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // Months count from March, so that the leap day ends the year.
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = (shifted + 2) % 12;
    let year = year_of_era + era * 400 + u64::from(month < 2);
    let name = usize::try_from(month).ok().and_then(|month| MONTHS.get(month)).copied().unwrap_or("?");
    format!("{day} {name} {year}")
}

/// An address or a hash by its ends: `0x1234…cdef`.
pub(crate) fn short(hex: &str) -> String {
    let length = hex.chars().count();
    if length <= 12 {
        return hex.into();
    }
    let (head, tail) = (hex.chars().take(6), hex.chars().skip(length - 4));
    head.chain(['…']).chain(tail).collect()
}

/// Half up, without overflow at the top of the range.
fn rounded(amount: u128, unit: u128) -> u128 {
    amount / unit + u128::from(amount % unit >= unit / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_reads_as_dollars_at_every_size() {
        assert_eq!(usd(0), "0.00");
        assert_eq!(usd(4_999), "0.00");
        assert_eq!(usd(5_000), "0.01");
        assert_eq!(usd(999_995_000), "1,000.00");
        assert_eq!(usd(1_234_567_891_234), "1,234,567.89");
        assert_eq!(usd(u128::MAX), "340,282,366,920,938,463,463,374,607,431,768.21");
        assert_eq!(usd_whole(u128::MAX), "340,282,366,920,938,463,463,374,607,431,768");
        assert_eq!(usd_millions(1_234_567_000_000), "1.23");
    }

    #[test]
    fn signed_money_carries_its_sign_and_zero_none() {
        assert_eq!(usd_signed(0), "0");
        assert_eq!(usd_signed(-1), "0");
        assert_eq!(usd_signed(-1_234_560_000), "-1,235");
        assert_eq!(usd_signed(1_234_560_000), "+1,235");
        assert_eq!((usd_change(-4_999), usd_change(4_999)), ("0.00".into(), "0.00".into()));
        assert_eq!((usd_change(-5_000), usd_change(1_234_560_000)), ("-0.01".into(), "+1,234.56".into()));
        assert_eq!(usd_signed(i128::MIN), "-170,141,183,460,469,231,731,687,303,715,884");
        assert_eq!(usd_signed(i128::MAX), "+170,141,183,460,469,231,731,687,303,715,884");
    }

    #[test]
    fn times_are_utc() {
        assert_eq!((clock(0), date(0)), ("00:00".into(), "1 January 1970".into()));
        assert_eq!((clock(1_760_131_200), date(1_760_131_200)), ("21:20".into(), "10 October 2025".into()));
        assert_eq!(date(1_709_164_800), "29 February 2024");
        assert_eq!(date(1_735_689_599), "31 December 2024");
    }

    #[test]
    fn addresses_keep_their_ends() {
        assert_eq!(short("0x1234567890abcdef1234567890abcdef12345678"), "0x1234…5678");
        assert_eq!(short("0xabcd"), "0xabcd");
        assert_eq!(short(""), "");
        assert_eq!(short("ééééééééééééééé"), "éééééé…éééé");
    }

    #[test]
    fn shares_and_counts_read_as_people_say_them() {
        assert_eq!(percent(-0.1834), "-18.3 %");
        assert_eq!(percent(0.0001), "0.0 %");
        assert_eq!(percent(-0.0001), "0.0 %");
        assert_eq!(count(1_u32, "call"), "1 call");
        assert_eq!(count(1_200_u32, "call"), "1,200 calls");
        assert_eq!(thousands(999_u32), "999");
    }
}
