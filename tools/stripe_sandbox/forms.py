import re
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

# JSON is the one place of the sandbox where a value may be anything.
Json: TypeAlias = dict[str, Any]

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
