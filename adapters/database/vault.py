"""Words of reports, encrypted at rest: authenticated encryption of the `cryptography` library, keys that rotate."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class KeyMissing(Exception):
    """Words cannot be read: the key that they were kept with is not among those given, or they were changed."""


class Vault:
    """Seals with the newest key, opens with any. Keys are those of CHATBOT_SECRET_KEY, newest first."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Raises ValueError where a key is none."""
        self._box = MultiFernet([Fernet(key) for key in keys])

    def seal(self, words: str) -> bytes:
        """`words` encrypted."""
        return self._box.encrypt(words.encode("utf-8", "surrogatepass"))

    def unseal(self, sealed: bytes) -> str:
        """The words again. Raises KeyMissing."""
        try:
            return self._box.decrypt(sealed).decode("utf-8", "surrogatepass")
        except InvalidToken as error:
            raise KeyMissing(
                "no key of CHATBOT_SECRET_KEY opens these words; add the key they were kept with"
            ) from error

    def renew(self, sealed: bytes) -> bytes:
        """The same words under the newest key. Raises KeyMissing."""
        try:
            return self._box.rotate(sealed)
        except InvalidToken as error:
            raise KeyMissing(
                "no key of CHATBOT_SECRET_KEY opens these words; add the key they were kept with"
            ) from error


def new_key() -> str:
    """A fresh key."""
    return Fernet.generate_key().decode()
