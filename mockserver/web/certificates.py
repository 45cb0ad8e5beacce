"""Certificates made on the spot: a root that can vouch for a few names only, and what it signs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from ipaddress import ip_address, ip_network

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

# The clocks of tests stand anywhere. Some systems allow more than 825 days only to certificates from before 2019.
_NOT_BEFORE, _NOT_AFTER = datetime(2000, 1, 1), datetime(2120, 1, 1)  # noqa: DTZ001 - UTC by definition

_LOOPBACK_NETWORKS = [x509.IPAddress(ip_network("127.0.0.0/8")), x509.IPAddress(ip_network("::1/128"))]
_LOOPBACK_ADDRESSES = [x509.IPAddress(ip_address("127.0.0.1")), x509.IPAddress(ip_address("::1"))]
_LOOPBACK_NAME = "localhost"
# A kind of name that is not mentioned would be permitted altogether.
_KINDS_WITHOUT_OTHERS = [x509.RFC822Name(_LOOPBACK_NAME), x509.UniformResourceIdentifier(_LOOPBACK_NAME)]


def make_root(domains: Iterable[str]) -> tuple[bytes, bytes]:
    """Return certificate and private key (PEM) of an authority for `domains`, what is below them, and loopback.

    A client that trusts it is in no danger should the key leak: the constraints are critical, so that no other name
    can be vouched for, nor anything but a server.
    """
    key = generate_private_key(SECP256R1())
    name = _name("mockserver throw-away CA")
    permitted = [*map(x509.DNSName, [*domains, _LOOPBACK_NAME]), *_LOOPBACK_NETWORKS, *_KINDS_WITHOUT_OTHERS]
    certificate = (
        _builder(name, name, key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
        .sign(key, SHA256())
    )
    return certificate.public_bytes(Encoding.PEM), _pem(key)


def make_leaf(root: bytes, root_key: bytes, domains: Iterable[str]) -> bytes:
    """Return a server's private key and chain (PEM) for `domains`, their sub-domains, and loopback.

    Raises `ValueError` when `root` and `root_key` are not what `make_root` returned.
    """
    issuer, issuer_key = x509.load_pem_x509_certificate(root), load_pem_private_key(root_key, None)
    if not isinstance(issuer_key, EllipticCurvePrivateKey) or issuer_key.public_key() != issuer.public_key():
        raise ValueError("the private key is not that of the certificate")
    key = generate_private_key(SECP256R1())
    names = [_LOOPBACK_NAME, *(name for domain in domains for name in (domain, f"*.{domain}"))]
    identifier = x509.SubjectKeyIdentifier.from_public_key(issuer_key.public_key())
    certificate = (
        _builder(_name("mockserver"), issuer.subject, key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
        .add_extension(x509.SubjectAlternativeName([*map(x509.DNSName, names), *_LOOPBACK_ADDRESSES]), critical=False)
        .sign(issuer_key, SHA256())
    )
    return _pem(key) + certificate.public_bytes(Encoding.PEM) + root


def _builder(subject: x509.Name, issuer: x509.Name, key: EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_NOT_BEFORE)
        .not_valid_after(_NOT_AFTER)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(key: EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
