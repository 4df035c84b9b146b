//! Signature and freshness checks, proved on the blob: a positive control, then one fault at a time, each refused with its
//! own error and nothing moved. After each fault the untouched message still takes effect, so the fault was the reason.

mod amendment;
mod bilateral;
mod close_out;
mod dispute;
mod extension;
mod freshness;
mod origin;
mod portfolio;
mod quorum;
mod ready;
mod rotation;
mod termination;
