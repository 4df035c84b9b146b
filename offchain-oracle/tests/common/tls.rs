//! A private authority and certificates for tests of mutual TLS.

use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use ringfence_oracle::signer::TlsFiles;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Usage {
    Server,
    Client,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    /// Writes certificate, key and authority below `dir`, and names them.
    pub(crate) fn issue(&self, dir: &Path, name: &str, host: &str, usage: Usage) -> TlsFiles {
        self.issue_with(dir, name, host, usage, |_| ())
    }

    /// The same with something else about it.
    pub(crate) fn issue_with(
        &self,
        dir: &Path,
        name: &str,
        host: &str,
        usage: Usage,
        change: impl FnOnce(&mut CertificateParams),
    ) -> TlsFiles {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        params.extended_key_usages = vec![match usage {
            Usage::Server => ExtendedKeyUsagePurpose::ServerAuth,
            Usage::Client => ExtendedKeyUsagePurpose::ClientAuth,
        }];
        change(&mut params);
        let certificate = params.signed_by(&key, &self.issuer).unwrap().pem();
        let write = |file: String, text: &str| {
            let path = dir.join(file);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            path
        };
        TlsFiles {
            certificate: write(format!("{name}.pem"), &certificate),
            key: write(format!("{name}-tls.key"), &key.serialize_pem()),
            authority: write(format!("{name}-ca.pem"), &self.pem),
        }
    }
}
