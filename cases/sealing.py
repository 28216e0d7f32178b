"""Camera addresses are kept encrypted, since they hold passwords."""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken

from cases.errors import InvalidError, SealError


class Sealer:
    """Encrypts and decrypts short texts with one key (Fernet: AES-CBC with HMAC-SHA256).

    ``key`` is 32 bytes in URL-safe Base64, as ``new_key`` makes it. Raises InvalidError when it
    is not one.
    """

    def __init__(self, key: bytes) -> None:
        try:
            self._fernet = Fernet(key)
        except ValueError:
            raise InvalidError(
                "camera key: expected 32 bytes in URL-safe Base64", field="camera_key"
            ) from None

    @staticmethod
    def new_key() -> bytes:
        """A new key."""
        return Fernet.generate_key()

    def seal(self, text: str) -> str:
        """``text`` encrypted; another result at every call."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """What was sealed; raises SealError when it was sealed with another key, or changed."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise SealError("it was encrypted with another key than this one") from None
