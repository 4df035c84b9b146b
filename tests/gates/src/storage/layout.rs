use super::{Size, Types};
use serde::Deserialize;
use std::collections::BTreeMap;

/// `ink_metadata::layout::Layout`, as far as sizes need it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Layout {
    /// An encoded cell.
    Leaf {
        /// Index into the type registry.
        ty: u32,
    },
    /// A value with a key of its own: `Lazy`, `Mapping`, `StorageVec`.
    Root {
        /// What is stored under that key.
        layout: Box<Layout>,
    },
    /// Values under hashed keys.
    Hash {
        /// What is stored under each key.
        layout: Box<Layout>,
    },
    /// Cells side by side.
    Array {
        /// Number of cells.
        len: usize,
        /// What each holds.
        layout: Box<Layout>,
    },
    /// Fields side by side.
    Struct(Fields),
    /// A discriminant and the fields of one variant.
    Enum {
        /// By discriminant.
        variants: BTreeMap<String, Fields>,
    },
}

/// `ink_metadata::layout::StructLayout`.
#[derive(Debug, Deserialize)]
pub struct Fields {
    fields: Vec<Field>,
}

#[derive(Debug, Deserialize)]
struct Field {
    name: String,
    layout: Layout,
}

/// A value found below another one: its path and its layout.
pub(super) type Child<'a> = (String, &'a Layout);

impl Layout {
    /// Largest encoding of the value at `path`. Values below it that have keys of their own take no room in it and are
    /// put into `children`.
    pub(super) fn size<'a>(&'a self, types: &Types, path: &str, children: &mut Vec<Child<'a>>) -> Result<Size, String> {
        match self {
            Self::Leaf { ty } => types.size(*ty),
            Self::Root { layout } | Self::Hash { layout } => {
                children.push((path.to_owned(), layout));
                Ok(Size::ZERO)
            }
            Self::Array { len, layout } => Ok(layout.size(types, &format!("{path}[]"), children)?.times(*len)),
            Self::Struct(fields) => fields.size(types, path, children),
            Self::Enum { variants } => {
                let mut largest = Size::ZERO;
                for fields in variants.values() {
                    largest = largest.max(fields.size(types, path, children)?);
                }
                Ok(Size::bounded(1).plus(largest))
            }
        }
    }
}

impl Fields {
    fn size<'a>(&'a self, types: &Types, path: &str, children: &mut Vec<Child<'a>>) -> Result<Size, String> {
        let mut total = Size::ZERO;
        for field in &self.fields {
            let path = match path {
                "" => field.name.clone(),
                parent => format!("{parent}.{}", field.name),
            };
            total = total.plus(field.layout.size(types, &path, children)?);
        }
        Ok(total)
    }
}
