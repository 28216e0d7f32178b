"""Passwords and other secrets: how they are made, hashed and compared."""

from __future__ import annotations

import hashlib
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from cases.errors import InvalidError
from cases.texts import storable

SHORTEST = 10
LONGEST = 256

# Argon2id with 19 MiB and two passes (the OWASP recommendation for one lane): a few logins at
# once must fit beside the detector on a small machine.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODY = _HASHER.hash(secrets.token_urlsafe(16))


def check_password(password: str, field: str = "password") -> None:
    """Raise InvalidError naming ``field`` for a password too short or absurdly long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise InvalidError(
            f"{field}: a password has {SHORTEST} to {LONGEST} characters", field=field
        )
    if not storable(password):
        raise InvalidError(f"{field}: contains characters that are not text", field=field)


def hash_password(password: str) -> str:
    """An argon2id hash with its salt and parameters."""
    return _HASHER.hash(password)


def password_matches(stored_hash: str | None, password: str) -> bool:
    """Whether ``password`` is the one hashed; as slow when there is no such user (None)."""
    try:
        guess = password[: LONGEST + 1].encode("utf-8", "surrogatepass")
        _HASHER.verify(stored_hash or _NOBODY, guess)
    except (VerificationError, InvalidHashError):
        return False
    return stored_hash is not None


def new_secret() -> str:
    """32 random bytes, URL-safe."""
    return secrets.token_urlsafe(32)


def one_time_password() -> str:
    """A password to be typed once and then changed."""
    return secrets.token_urlsafe(12)


def fingerprint(secret: str) -> str:
    """SHA-256 (hex) under which a random secret is kept and looked up.

    The look-up compares hashes, so its timing says nothing about the secret; 32 random bytes
    need no slow hash.
    """
    return hashlib.sha256(secret.encode()).hexdigest()
