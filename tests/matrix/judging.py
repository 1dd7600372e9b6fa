"""How a scenario says that it saw something else than it has to see."""


class Wrong(Exception):
    """A scenario saw something else than it has to see."""


def expect(holds, *seen):
    """Raises `Wrong` with what was seen."""
    if not holds:
        raise Wrong(" ".join(str(word)[:600] for word in seen))
