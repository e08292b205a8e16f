import threading

from nodeagent.tracing.turns import Turns


def _served(turns: Turns[int]) -> int:
    """The next item, done at once."""
    turn = turns.get()
    assert turn is not None
    turns.done(turn[0])
    return turn[1]


def test_owners_are_served_in_turn() -> None:
    """Who brought little waits for one item of each other, not for all of them."""
    turns = Turns[int]()
    for number in range(3):
        turns.put("much", number)
    turns.put("little", 7)

    assert [_served(turns) for _ in range(4)] == [0, 7, 1, 2]
    assert len(turns) == 0


def test_of_one_owner_one_item_is_in_work() -> None:
    """Its next one waits for that; others' do not."""
    turns = Turns[int]()
    for owner, number in (("a", 1), ("a", 2), ("b", 3)):
        turns.put(owner, number)

    assert turns.get() == ("a", 1)
    assert turns.get() == ("b", 3)
    got: list[tuple[str, int] | None] = []
    thread = threading.Thread(target=lambda: got.append(turns.get()))
    thread.start()
    turns.done("a")
    thread.join(30)
    assert got == [("a", 2)]


def test_there_is_room_for_so_many() -> None:
    """Of one owner, and of all together."""
    turns = Turns[int](most=3, each=2)

    assert [turns.put("a", number) for number in range(3)] == [True, True, False]
    assert [turns.put("b", number) for number in range(2)] == [True, False]
    assert len(turns) == 3


def test_nobody_waits_when_it_is_closed() -> None:
    """Who waits goes on with nothing; nothing is taken any more."""
    turns = Turns[int]()
    got: list[tuple[str, int] | None] = []
    thread = threading.Thread(target=lambda: got.append(turns.get()))
    thread.start()
    turns.close()
    thread.join(30)

    assert got == [None]
    assert not turns.put("a", 1)
