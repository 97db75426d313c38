"""A certificate of the shop's own: whether it can serve before a proxy is told of it."""

from __future__ import annotations

import re
import ssl
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import ExtensionOID

from hub.install.answers import Wrong


def check_certificate(cert: Path, key: Path, host: str, now: datetime) -> None:
    """Raises Wrong when key, name or time do not fit."""
    for file in (cert, key):
        # Proxies read a line of words; a path that is more than one word would be something else.
        if not re.fullmatch(r"[\w@%+=:,./-]+", str(file)):
            raise Wrong(f"certificate: '{file}' has spaces or signs in it; move it to a plain path")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key)
        leaf = x509.load_pem_x509_certificates(cert.read_bytes())[0]
    except (ssl.SSLError, ValueError) as error:
        reason = getattr(error, "reason", None) or "it is no certificate in PEM form"
        raise Wrong(f"certificate: {cert} and {key} do not fit together ({reason})") from error
    except OSError as error:
        raise Wrong(f"certificate: {error.filename or cert} can not be read") from error
    if leaf.not_valid_after_utc <= now:
        raise Wrong(f"certificate: {cert} ended on {leaf.not_valid_after_utc:%Y-%m-%d}")
    names = _names(leaf)
    if host not in names and f"*.{host.partition('.')[2]}" not in names:
        raise Wrong(
            f"certificate: {cert} is for {', '.join(sorted(names)) or 'no name'}, not for {host}"
        )


def _names(leaf: x509.Certificate) -> set[str]:
    try:
        found = leaf.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME)
    except x509.ExtensionNotFound:
        return set()
    value = found.value
    assert isinstance(value, x509.SubjectAlternativeName)
    return {name.lower() for name in value.get_values_for_type(x509.DNSName)}
