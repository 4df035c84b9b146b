//! Nothing of its own: the comparison is in `tests/settle.rs`.
