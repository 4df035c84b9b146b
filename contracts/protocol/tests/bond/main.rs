//! The bond's guards, its worked examples and the sizes of what it stores.

#[path = "../common/mod.rs"]
mod common;

mod allow_list;
mod book;
mod claims;
mod commutation;
mod covered;
mod extension;
mod market;
mod notes;
mod permit;
mod sizes;
mod terms;
mod worked;
