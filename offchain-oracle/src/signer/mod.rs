//! A signer as a process of its own, and the aggregator that collects k of n signatures from such processes.
//!
//! The aggregator proposes a complete margin instruction; each signer recomputes it from its own data ([`Recompute`]) and
//! signs the proposal only if it is [`within`](crate::sign::within) its tolerance, behind its own journal. Only margin
//! instructions are signed this way: the other kinds rest on what people agreed, not on what an engine computes.
//!
//! # Authentication
//! TLS 1.3 with certificates on both sides, of a private authority that serves this one valuation agent and nothing else.
//! Mutual TLS, because both ends are then authenticated before a byte of HTTP is parsed, the content is confidential (it
//! shows positions), and operators have the tools to issue and revoke it; signed requests would need nonces, clocks and
//! canonical encodings of our own for less. A server certificate does not serve as a client's: the extended key usage is
//! checked. What a signer answers is checked again by the signature itself.
//!
//! # Bounds
//! Size of a body, number of connections, and time of a handshake and of a request: each a constant.

mod aggregate;
mod body;
mod client;
mod policy;
mod recompute;
mod server;
mod service;
mod tls;

pub use aggregate::{collect, collect_telling, CollectError, Collected, Roster, Told, MAX_DEADLINE, MAX_IN_FLIGHT};
pub use body::{ErrorBody, InstructionBody, MarkBody, Refused, SignBody, SignatureBody, MAX_BODY_BYTES};
pub use client::{Endpoint, RemoteError};
pub use policy::{Policy, VaultPolicy};
pub use recompute::{Declined, EngineRecompute, LiveRecompute, Recompute};
pub use server::{serve, MAX_CONNECTIONS};
pub use service::{app, Service};
pub use tls::{anonymous_client_config, client_config, one_sided_config, server_config, TlsError, TlsFiles};
