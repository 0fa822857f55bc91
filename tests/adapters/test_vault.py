"""The vault: what is sealed is read with its key or not at all."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet

from adapters.database.vault import KeyMissing, Vault, new_key

WORDS = "she said zebrafinch"


@pytest.mark.parametrize("words", [WORDS, "", "\x00", "\ud800 alone", "Zoë ’ \U0001f600", "x" * 100_000])
def test_what_was_sealed_comes_back_as_it_was(words: str) -> None:
    vault = Vault([new_key()])
    assert vault.unseal(vault.seal(words)) == words


def test_nothing_of_the_words_can_be_seen_and_the_same_words_look_different_each_time() -> None:
    vault = Vault([new_key()])
    first, second = vault.seal(WORDS), vault.seal(WORDS)
    assert first != second
    assert b"zebrafinch" not in Fernet(new_key()).encrypt(b"") + first + second


def test_after_a_rotation_old_words_are_read_and_new_ones_are_sealed_with_the_new_key() -> None:
    old, new = new_key(), new_key()
    before = Vault([old]).seal(WORDS)
    rotated = Vault([new, old])
    assert rotated.unseal(before) == WORDS
    assert Vault([new]).unseal(rotated.seal(WORDS)) == WORDS
    with pytest.raises(KeyMissing):
        Vault([old]).unseal(rotated.seal(WORDS))


def test_renewed_words_need_the_old_key_no_longer() -> None:
    old, new = new_key(), new_key()
    before = Vault([old]).seal(WORDS)
    renewed = Vault([new, old]).renew(before)
    assert Vault([new]).unseal(renewed) == WORDS
    with pytest.raises(KeyMissing):
        Vault([old]).unseal(renewed)


def test_three_keys_in_any_order_open_what_each_has_sealed() -> None:
    keys = [new_key() for _ in range(3)]
    sealed = [Vault([key]).seal(WORDS) for key in keys]
    for order in (keys, keys[::-1], [keys[1], keys[2], keys[0]]):
        assert [Vault(order).unseal(one) for one in sealed] == [WORDS] * 3


def test_a_lost_key_says_what_to_do_and_nothing_of_the_words() -> None:
    sealed = Vault([new_key()]).seal(WORDS)
    for attempt in (Vault([new_key()]).unseal, Vault([new_key(), new_key()]).unseal, Vault([new_key()]).renew):
        with pytest.raises(KeyMissing, match="CHATBOT_SECRET_KEY") as caught:
            attempt(sealed)
        assert "zebrafinch" not in str(caught.value)


def test_words_that_were_changed_are_not_read() -> None:
    vault = Vault([new_key()])
    sealed = vault.seal(WORDS)
    for at in range(0, len(sealed), 7):
        changed = bytearray(sealed)
        changed[at] = ord("A") if changed[at] != ord("A") else ord("B")
        with pytest.raises(KeyMissing):
            vault.unseal(bytes(changed))


@pytest.mark.parametrize("cut", [0, 1, 10, 60, -1])
def test_words_that_were_cut_or_never_sealed_are_not_read(cut: int) -> None:
    vault = Vault([new_key()])
    sealed = vault.seal(WORDS)
    for changed in (sealed[:cut], sealed[20:], WORDS.encode()):
        with pytest.raises(KeyMissing):
            vault.unseal(changed)
        with pytest.raises(KeyMissing):
            vault.renew(changed)


@pytest.mark.parametrize("keys", [[], [""], ["short"], ["é" * 44], [new_key()[:-1]], [new_key(), "wrong"]])
def test_what_is_no_key_is_refused_at_once(keys: list[str]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Vault(keys)


def test_every_new_key_is_another_and_is_accepted() -> None:
    keys = {new_key() for _ in range(20)}
    assert len(keys) == 20
    Vault(sorted(keys))
