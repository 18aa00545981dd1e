import re
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

# JSON is the one place of the sandbox where a value may be anything.
Json: TypeAlias = dict[str, Any]


class Params(Json):
    """Parameters that remember which of them were looked at.

    What an operation never looks at is refused: ignoring it would be a lie.
    """

    def __init__(self, values: Json) -> None:
        super().__init__(values)
        self.seen: set[str] = set()

    def __getitem__(self, key: str) -> Any:
        self.seen.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self.seen.add(str(key))
        return super().__contains__(key)

    def get(self, key: str, default: Any = None) -> Any:
        self.seen.add(key)
        return super().get(key, default)

    def ignore(self, *names: str) -> None:
        """Accept parameters that change nothing here."""
        self.seen.update(names)

    def unseen(self) -> list[str]:
        return sorted(self.keys() - self.seen)


KEY = re.compile(r"\[([^\]]*)\]")
MAX_FIELDS = 2000


def decode(text: str) -> Json:
    """Turn `items[0][price]=x` into nested dictionaries; leaves stay text."""
    root: Json = {}
    pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS)
    for name, value in pairs:
        head, bracket, rest = name.partition("[")
        path = [head, *KEY.findall(bracket + rest)]
        _put(root, path, value)
    return root


def _put(root: Json, path: list[str], value: str) -> None:
    node = root
    for step in path[:-1]:
        child = node.get(step)
        if not isinstance(child, dict):
            child = node[step] = {}
        node = child
    # `expand[]=a&expand[]=b` names no index: each value takes the next one.
    last = path[-1] or str(len(node))
    node[last] = value


def as_list(value: Json) -> list[Any]:
    """Read the numbered keys of a decoded array in their order."""
    numbered = sorted(value, key=lambda key: int(key) if key.isdecimal() else 0)
    return [value[key] for key in numbered]
