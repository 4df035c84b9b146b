use ringfence_protocol::{Address, Digest};

/// Bytes that are not what the ABI says they are: too short, or a value outside its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// Length of a word.
const WORD: usize = 32;

/// Reads the words of one tuple or array in order.
///
/// Source: Solidity contract ABI specification, "Formal Specification of the Encoding": a static member is in place, a
/// dynamic one is an offset from the start of its tuple. Values outside of their type are refused.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    frame: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// Begins at the first word of `frame`.
    pub const fn new(frame: &'a [u8]) -> Self {
        Self { frame, at: 0 }
    }

    /// The next word.
    #[inline(never)]
    pub fn word(&mut self) -> Result<&'a [u8; WORD], Malformed> {
        let rest = self.frame.get(self.at..).ok_or(Malformed)?;
        self.at = self.at.saturating_add(WORD);
        rest.first_chunk().ok_or(Malformed)
    }

    /// A reader of the same frame at the word with this number.
    pub const fn at_word(&self, number: usize) -> Self {
        Self { frame: self.frame, at: WORD.saturating_mul(number) }
    }

    /// The next words at once, for arguments that are read in every settlement: see [`word_uint`], [`word_int`] and
    /// [`word_address`].
    pub fn words<const N: usize>(&mut self) -> Result<&'a [[u8; WORD]; N], Malformed> {
        let (words, _) = self.frame.get(self.at..).ok_or(Malformed)?.as_chunks();
        self.at = self.at.saturating_add(WORD.saturating_mul(N));
        words.first_chunk().ok_or(Malformed)
    }

    /// An unsigned integer of at most 128 bits.
    #[inline(never)]
    pub fn uint128(&mut self) -> Result<u128, Malformed> {
        word_uint128(self.word()?)
    }

    /// A smaller unsigned integer.
    pub fn uint<T: TryFrom<u128>>(&mut self) -> Result<T, Malformed> {
        T::try_from(self.uint128()?).map_err(|_| Malformed)
    }

    /// A signed integer of at most 128 bits.
    #[inline(never)]
    pub fn int128(&mut self) -> Result<i128, Malformed> {
        word_int128(self.word()?)
    }

    /// A truth value.
    pub fn boolean(&mut self) -> Result<bool, Malformed> {
        match self.uint128()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Malformed),
        }
    }

    /// An address.
    #[inline(never)]
    pub fn address(&mut self) -> Result<Address, Malformed> {
        word_address(self.word()?)
    }

    /// Thirty-two bytes.
    #[inline(never)]
    pub fn digest(&mut self) -> Result<Digest, Malformed> {
        self.word().map(|word| Digest::from(*word))
    }

    /// A member of dynamic type: a reader of what its offset points at.
    #[inline(never)]
    pub fn dynamic(&mut self) -> Result<Self, Malformed> {
        let offset: usize = self.uint()?;
        self.frame.get(offset..).map(Self::new).ok_or(Malformed)
    }

    /// A `bytes` member.
    #[inline(never)]
    pub fn bytes(&mut self) -> Result<&'a [u8], Malformed> {
        let mut tail = self.dynamic()?;
        let length: usize = tail.uint()?;
        let end = WORD.checked_add(length).ok_or(Malformed)?;
        tail.frame.get(WORD..end).ok_or(Malformed)
    }

    /// An array member of at most `most` items of static type: how many, and a reader of them.
    #[inline(never)]
    pub fn array(&mut self, most: usize) -> Result<(usize, Self), Malformed> {
        let mut tail = self.dynamic()?;
        let count: usize = tail.uint()?;
        if count > most {
            return Err(Malformed);
        }
        tail.frame.get(WORD..).map(|items| (count, Self::new(items))).ok_or(Malformed)
    }
}

/// An unsigned integer of at most 128 bits in a word.
#[inline(always)]
pub fn word_uint128(word: &[u8; WORD]) -> Result<u128, Malformed> {
    match halves(word)? {
        (0, low) => Ok(low),
        _ => Err(Malformed),
    }
}

/// A smaller unsigned integer in a word.
#[inline(always)]
pub fn word_uint<T: TryFrom<u128>>(word: &[u8; WORD]) -> Result<T, Malformed> {
    T::try_from(word_uint128(word)?).map_err(|_| Malformed)
}

/// A signed integer of at most 128 bits in a word.
#[inline(always)]
pub fn word_int128(word: &[u8; WORD]) -> Result<i128, Malformed> {
    let (high, low) = halves(word)?;
    let value = low.cast_signed();
    if high == if value < 0 { u128::MAX } else { 0 } {
        Ok(value)
    } else {
        Err(Malformed)
    }
}

/// An address in a word.
#[inline(always)]
pub fn word_address(word: &[u8; WORD]) -> Result<Address, Malformed> {
    if halves(word)?.0 >> 32 != 0 {
        return Err(Malformed);
    }
    word.last_chunk().copied().map(Address::from).ok_or(Malformed)
}

/// A word as two integers: what is read at once needs not be looked at byte by byte.
#[inline(always)]
fn halves(word: &[u8; WORD]) -> Result<(u128, u128), Malformed> {
    let half = |bytes: &[u8]| bytes.try_into().map(u128::from_be_bytes).map_err(|_| Malformed);
    let (high, low) = word.split_at(WORD / 2);
    Ok((half(high)?, half(low)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(last: &[u8]) -> Vec<u8> {
        let mut word = vec![0; WORD - last.len()];
        word.extend_from_slice(last);
        word
    }

    #[test]
    fn values_outside_their_type_are_refused() {
        let full = [0xff; WORD];
        assert_eq!(Reader::new(&full).uint128(), Err(Malformed));
        assert_eq!(Reader::new(&full).int128(), Ok(-1));
        assert_eq!(Reader::new(&full).address(), Err(Malformed));
        assert_eq!(Reader::new(&word(&[1, 0])).uint::<u8>(), Err(Malformed));
        assert_eq!(Reader::new(&word(&[2])).boolean(), Err(Malformed));
        assert_eq!(Reader::new(&word(&[0x80; 16])).int128(), Err(Malformed));
    }

    #[test]
    fn a_short_frame_and_a_wild_offset_are_refused() {
        assert_eq!(Reader::new(&[0; 31]).word(), Err(Malformed));
        assert_eq!(Reader::new(&word(&[33])).dynamic().map(|_| ()), Err(Malformed));
        assert_eq!(Reader::new(&[0xff; WORD]).dynamic().map(|_| ()), Err(Malformed));
    }

    #[test]
    fn bytes_and_arrays_are_read_where_their_offset_points() {
        let mut data = word(&[0x20]);
        data.extend(word(&[3]));
        data.extend([1, 2, 3]);
        assert_eq!(Reader::new(&data).bytes(), Ok([1, 2, 3].as_slice()));
        let (count, mut items) = Reader::new(&[word(&[0x20]), word(&[1]), word(&[9])].concat())
            .array(1)
            .map(|(count, items)| (count, items.frame.to_vec()))
            .expect("an array");
        assert_eq!((count, Reader::new(&items).uint128()), (1, Ok(9)));
        items.clear();
        assert_eq!(Reader::new(&[word(&[0x20]), word(&[2])].concat()).array(1).map(|_| ()), Err(Malformed));
    }

    #[test]
    fn a_length_past_the_end_is_refused() {
        let data = [word(&[0x20]), word(&[4]), vec![1, 2, 3]].concat();
        assert_eq!(Reader::new(&data).bytes(), Err(Malformed));
        let data = [word(&[0x20]), vec![0xff; WORD]].concat();
        assert_eq!(Reader::new(&data).bytes(), Err(Malformed));
    }
}
