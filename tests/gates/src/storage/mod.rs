//! How many bytes the values in a contract's storage can grow to.
//!
//! The contract's struct is one value under one key; each `Lazy` and each `Mapping` value is another. The sizes are
//! those of the SCALE encoding at its largest, derived from the types alone.

mod layout;
mod types;

pub use layout::Layout;
pub use types::{Size, Types};

use serde::{Deserialize, Serialize};

/// `NAME.storage.json`: the layout of a contract's storage and the types in it, as ink! describes them.
#[derive(Debug, Deserialize)]
pub struct Storage {
    /// The contract's struct.
    pub layout: Layout,
    /// The type registry that the layout's leafs refer to.
    pub types: Types,
}

/// A value stored under a key of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Value {
    /// Path of fields that leads to the value; empty for the root.
    pub path: String,
    /// Its largest size; `None` when its type sets no bound.
    pub bytes: Option<usize>,
}

impl Storage {
    /// The root value, and after it every value with a key of its own, in the order of the fields.
    ///
    /// # Errors
    /// When the layout refers to a type that the registry does not have.
    pub fn values(&self) -> Result<Vec<Value>, String> {
        let mut pending = vec![(String::new(), &self.layout)];
        let mut values = Vec::new();
        while let Some((path, layout)) = pending.pop() {
            let mut children = Vec::new();
            let size = layout.size(&self.types, &path, &mut children)?;
            values.push(Value { path, bytes: size.bytes() });
            pending.extend(children.into_iter().rev());
        }
        Ok(values)
    }
}
