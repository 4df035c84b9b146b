//! The stack of a contract.
//!
//! The linker reserves two pages unless a program asks for more. A close-out holds the ledger, the terms and the cover at
//! once and overruns them, which the machine reports as a bare trap. The request is a note section in the object file; the
//! macro writes it with `global_asm!`, which the lint counts as unsafe code although nothing is executed.
#![allow(unsafe_code)]

polkavm_derive::min_stack_size!(64 * 1024);
