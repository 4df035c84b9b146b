use super::unit;

unit! {
    /// A factor in 10^-18, such as what one unit of posted cash has grown to.
    Wad(u128)
}

impl Wad {
    /// The scale: a factor of one.
    pub const SCALE: u128 = 1_000_000_000_000_000_000;

    /// Nothing; no factor of a growing balance.
    pub const ZERO: Self = Self(0);
}
