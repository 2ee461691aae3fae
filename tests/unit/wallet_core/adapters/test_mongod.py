"""What starts a mongod of our own, as far as no mongod is needed for it."""

from __future__ import annotations

import socket

from wallet_core.adapters.mongo.mongod import HOST, free_port, is_free


def test_no_port_is_given_to_two_who_both_listen_later() -> None:
    given = [free_port() for _ in range(2_000)]
    assert len(set(given)) == len(given)


def test_a_port_at_which_somebody_listens_is_given_to_nobody() -> None:
    with socket.socket() as listening:
        listening.bind((HOST, free_port()))
        listening.listen()
        taken = listening.getsockname()[1]
        assert not is_free(taken)
        given = [free_port() for _ in range(17_000)]
        assert taken not in given and len(set(given)) > 2_000
