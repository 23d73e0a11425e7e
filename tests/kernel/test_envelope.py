"""The lazy sequence of pieces."""

import pickle
import threading

from arbx.kernel import Envelope, Moebius


def pieces(count, built):
    for index in range(count):
        built.append(index)
        yield Moebius(count - index, 1, 1, index * 10, index * 7, 10)


def test_builds_only_what_is_asked_for():
    built = []
    table = Envelope(pieces(100, built))

    assert table.find(35) == 3
    assert len(built) <= 6
    assert table[7].lo_x64 == 70
    assert not table.reaches(100)
    assert len(table) == 100


def test_finds_the_later_piece_on_a_border_and_the_last_beyond_the_end():
    table = Envelope(pieces(4, []))

    assert [table.find(x) for x in (0, 9, 10, 39, 10**9)] == [0, 0, 1, 3, 3]


def test_survives_pickling_and_slicing():
    table = Envelope(pieces(5, []))
    again = pickle.loads(pickle.dumps(table))

    assert list(again) == list(table)
    assert table[-1] == table[4]
    assert table[1:3] == [table[1], table[2]]


def test_is_built_once_by_many_threads():
    built = []
    table = Envelope(pieces(500, built))
    threads = [threading.Thread(target=table.find, args=(5000,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert built == list(range(500))
    assert [piece.lo_x64 for piece in table] == [10 * index for index in range(500)]
