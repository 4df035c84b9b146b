use serde::Deserialize;

/// Deepest nesting of types that is followed; a recursive type goes deeper than any.
const MAX_DEPTH: usize = 64;

/// The largest size of an encoding: a number of bytes, or no bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size(usize);

impl Size {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// The type sets no bound: a `Vec`, a `String`, a recursive type. Larger than every bound.
    pub const UNBOUNDED: Self = Self(usize::MAX);

    /// At most so many bytes.
    #[must_use]
    pub const fn bounded(bytes: usize) -> Self {
        Self(bytes)
    }

    /// Both, side by side.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// So many of it, side by side.
    #[must_use]
    pub const fn times(self, count: usize) -> Self {
        Self(self.0.saturating_mul(count))
    }

    /// The number of bytes; `None` without a bound.
    #[must_use]
    pub fn bytes(self) -> Option<usize> {
        (self != Self::UNBOUNDED).then_some(self.0)
    }
}

/// A `scale_info::PortableRegistry`, as far as sizes need it.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub struct Types(Vec<Entry>);

#[derive(Debug, Deserialize)]
struct Entry {
    id: u32,
    r#type: Type,
}

#[derive(Debug, Deserialize)]
struct Type {
    def: Def,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Def {
    Composite {
        #[serde(default)]
        fields: Vec<Reference>,
    },
    Variant {
        #[serde(default)]
        variants: Vec<Variant>,
    },
    Sequence {},
    Array {
        len: usize,
        r#type: u32,
    },
    Tuple(Vec<u32>),
    Primitive(String),
    Compact {
        r#type: u32,
    },
    BitSequence {},
}

#[derive(Debug, Deserialize)]
struct Variant {
    #[serde(default)]
    fields: Vec<Reference>,
}

#[derive(Debug, Deserialize)]
struct Reference {
    r#type: u32,
}

impl Types {
    /// Largest SCALE encoding of a type.
    ///
    /// # Errors
    /// When the registry lacks the type or one it is made of.
    pub fn size(&self, id: u32) -> Result<Size, String> {
        self.size_at(id, 0)
    }

    fn size_at(&self, id: u32, depth: usize) -> Result<Size, String> {
        if depth > MAX_DEPTH {
            return Ok(Size::UNBOUNDED);
        }
        let below = depth + 1;
        match &self.get(id)?.def {
            Def::Composite { fields } => self.sum(fields.iter().map(|field| field.r#type), below),
            Def::Tuple(parts) => self.sum(parts.iter().copied(), below),
            Def::Variant { variants } => {
                let mut largest = Size::ZERO;
                for variant in variants {
                    let fields = variant.fields.iter().map(|field| field.r#type);
                    largest = largest.max(self.sum(fields, below)?);
                }
                Ok(Size::bounded(1).plus(largest))
            }
            Def::Array { len, r#type } => Ok(self.size_at(*r#type, below)?.times(*len)),
            Def::Sequence {} | Def::BitSequence {} => Ok(Size::UNBOUNDED),
            Def::Primitive(name) => primitive(name),
            Def::Compact { r#type } => Ok(compact(self.size_at(*r#type, below)?)),
        }
    }

    fn sum(&self, ids: impl Iterator<Item = u32>, depth: usize) -> Result<Size, String> {
        let mut total = Size::ZERO;
        for id in ids {
            total = total.plus(self.size_at(id, depth)?);
        }
        Ok(total)
    }

    fn get(&self, id: u32) -> Result<&Type, String> {
        self.0
            .iter()
            .find(|entry| entry.id == id)
            .map(|entry| &entry.r#type)
            .ok_or_else(|| format!("the storage layout refers to type {id}, which it does not have"))
    }
}

fn primitive(name: &str) -> Result<Size, String> {
    Ok(Size::bounded(match name {
        "bool" | "u8" | "i8" => 1,
        "u16" | "i16" => 2,
        "u32" | "i32" | "char" => 4,
        "u64" | "i64" => 8,
        "u128" | "i128" => 16,
        "u256" | "i256" => 32,
        "str" => return Ok(Size::UNBOUNDED),
        other => return Err(format!("unknown primitive type `{other}`")),
    }))
}

/// Compact integers: one byte more than the plain ones, two at most for a byte.
fn compact(plain: Size) -> Size {
    match plain.bytes() {
        Some(0) => Size::ZERO,
        Some(1) => Size::bounded(2),
        Some(2) => Size::bounded(4),
        Some(bytes) => Size::bounded(bytes + 1),
        None => Size::UNBOUNDED,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn types(defs: &[&str]) -> Types {
        let entries: Vec<String> =
            defs.iter().enumerate().map(|(id, def)| format!(r#"{{"id":{id},"type":{{"def":{def}}}}}"#)).collect();
        serde_json::from_str(&format!("[{}]", entries.join(","))).expect("a well-formed registry")
    }

    #[test]
    fn sizes_follow_the_scale_encoding() {
        let types = types(&[
            r#"{"primitive":"u128"}"#,
            r#"{"primitive":"bool"}"#,
            r#"{"array":{"len":32,"type":3}}"#,
            r#"{"primitive":"u8"}"#,
            r#"{"composite":{"fields":[{"name":"a","type":0},{"type":2}]}}"#,
            r#"{"variant":{"variants":[{"name":"None","index":0},{"name":"Some","fields":[{"type":4}],"index":1}]}}"#,
            r#"{"tuple":[0,1]}"#,
            r#"{"compact":{"type":0}}"#,
            r#"{"composite":{}}"#,
        ]);

        for (id, bytes) in [(0, 16), (1, 1), (2, 32), (4, 48), (5, 49), (6, 17), (7, 17), (8, 0)] {
            assert_eq!(types.size(id), Ok(Size::bounded(bytes)), "type {id}");
        }
    }

    #[test]
    fn types_without_a_bound_are_found_at_any_depth() {
        let types = types(&[
            r#"{"primitive":"str"}"#,
            r#"{"sequence":{"type":2}}"#,
            r#"{"primitive":"u8"}"#,
            r#"{"tuple":[2,1]}"#,
            r#"{"composite":{"fields":[{"type":4}]}}"#,
        ]);

        for id in [0, 1, 3, 4] {
            assert_eq!(types.size(id), Ok(Size::UNBOUNDED), "type {id}");
        }
    }

    #[test]
    fn a_missing_type_is_an_error() {
        assert!(types(&[r#"{"tuple":[7]}"#]).size(0).is_err());
    }
}
