//! Which algorithms a session offers, in which order: nothing with SHA-1, and everything else that both OpenSSH and russh have.
//!
//! russh's own order leaves out what hosts hardened by other rules offer alone: the NIST curves and AES-128 in GCM.

use std::borrow::Cow;

use russh::client::GexParams;
use russh::{Preferred, cipher, kex};

use super::host_key::HostKeyCheck;

/// In OpenSSH's order: what is safe from quantum computers, curves, then finite fields, of which the smallest safe ones
/// come first (an exchange in 8192 bits takes a second of both sides).
const KEY_EXCHANGES: &[kex::Name] = &[
    kex::MLKEM768X25519_SHA256,
    kex::CURVE25519,
    kex::CURVE25519_PRE_RFC_8731,
    kex::ECDH_SHA2_NISTP256,
    kex::ECDH_SHA2_NISTP384,
    kex::ECDH_SHA2_NISTP521,
    kex::DH_GEX_SHA256,
    kex::DH_G16_SHA512,
    kex::DH_G18_SHA512,
    kex::DH_G14_SHA256,
    kex::EXTENSION_SUPPORT_AS_CLIENT,
    kex::EXTENSION_OPENSSH_STRICT_KEX_AS_CLIENT,
];

const CIPHERS: &[cipher::Name] = &[
    cipher::CHACHA20_POLY1305,
    cipher::AES_256_GCM,
    cipher::AES_128_GCM,
    cipher::AES_256_CTR,
    cipher::AES_192_CTR,
    cipher::AES_128_CTR,
];

/// Bits of a group that the host picks: the fewest, the wanted and the most. 3072 bits are as strong as 128 of a cipher.
const GROUP_BITS: (usize, usize, usize) = (3072, 4096, 8192);

/// What is offered to a host: the types of key that are known for it first, and certificates where they can be checked.
pub(super) fn preferred(check: &HostKeyCheck) -> Preferred {
    let keys = check.algorithms(&Preferred::DEFAULT.key);
    let certificates = if check.wants_certificate() {
        keys.clone()
    } else {
        Vec::new()
    };
    Preferred {
        kex: Cow::Borrowed(KEY_EXCHANGES),
        cipher: Cow::Borrowed(CIPHERS),
        key: Cow::Owned(keys),
        host_key_certificates: Cow::Owned(certificates),
        ..Preferred::DEFAULT
    }
}

/// The size of the groups that hosts are asked for.
pub(super) fn group_exchange() -> GexParams {
    let (fewest, wanted, most) = GROUP_BITS;
    GexParams::new(fewest, wanted, most).unwrap_or_default()
}
