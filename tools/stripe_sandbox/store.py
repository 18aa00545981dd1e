import json
import secrets
import sqlite3
import string
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tools.stripe_sandbox.errors import missing
from tools.stripe_sandbox.forms import Json

ALPHABET = string.ascii_letters + string.digits
PREFIXES = {
    "billing_portal.configuration": ("bpc_1", 23),
    "billing_portal.session": ("bps_1", 23),
    "charge": ("ch_3", 23),
    "checkout.session": ("cs_test_a1", 56),
    "customer": ("cus_", 14),
    "discount": ("di_1", 23),
    "dispute": ("du_1", 23),
    "event": ("evt_1", 23),
    "invoice": ("in_1", 23),
    "invoice_payment": ("inpay_1", 23),
    "line_item": ("il_1", 23),
    "payment_intent": ("pi_3", 23),
    "payment_method": ("pm_1", 23),
    "price": ("price_1", 23),
    "product": ("prod_", 14),
    "radar.early_fraud_warning": ("issfr_1", 23),
    "promotion_code": ("promo_1", 23),
    "refund": ("re_3", 23),
    "request": ("req_", 14),
    "subscription": ("sub_1", 23),
    "subscription_item": ("si_", 14),
    "test_helpers.test_clock": ("clock_1", 23),
    "webhook_endpoint": ("we_1", 23),
}
# What lists are asked for by, other than the customer.
OWNER = {"invoice_payment": "invoice"}
SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    kind TEXT NOT NULL, id TEXT NOT NULL, position INTEGER NOT NULL,
    body TEXT NOT NULL, PRIMARY KEY (kind, id)
)
"""


def new_id(kind: str) -> str:
    """Return an id that looks like Stripe's for this kind of object."""
    prefix, length = PREFIXES[kind]
    return prefix + "".join(secrets.choice(ALPHABET) for _ in range(length))


def copy(value: Json) -> Json:
    """Return a deep copy, faster than `copy.deepcopy`."""
    result: Json = json.loads(json.dumps(value))
    return result


class Store:
    """Every object in memory, and on disk so that a restart forgets nothing.

    One lock serializes the requests; a request that fails leaves no trace.
    """

    def __init__(self, path: Path | None) -> None:
        self._lock = threading.RLock()
        self._objects: dict[str, dict[str, Json]] = {}
        self._owned: dict[tuple[str, str], dict[str, None]] = {}
        self._undo: dict[tuple[str, str], Json | None] = {}
        self._positions: dict[tuple[str, str], int] = {}
        self._next_position = 1
        self._database = self._open(path)

    def _open(self, path: Path | None) -> sqlite3.Connection:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(
            path or ":memory:", check_same_thread=False, isolation_level=None
        )
        # Losing the last second to a power cut is fine for made-up money.
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = OFF")
        database.execute(SCHEMA)
        query = "SELECT kind, id, position, body FROM objects ORDER BY position"
        with closing(database.execute(query)) as rows:
            for kind, object_id, position, body in rows:
                self._place(kind, object_id, json.loads(body))
                self._positions[kind, object_id] = position
                self._next_position = position + 1
        return database

    def close(self) -> None:
        with self._lock:
            self._database.close()

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the lock around several transactions."""
        with self._lock:
            yield

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the lock; keep all of the changes, or none when the body raises."""
        with self._lock:
            self._undo = {}
            try:
                yield
            except BaseException:
                self._roll_back()
                raise
            self._write()

    def _roll_back(self) -> None:
        for (kind, object_id), before in self._undo.items():
            if before is None:
                self._take_out(kind, object_id)
            else:
                self._place(kind, object_id, before)
        self._undo = {}

    def _write(self) -> None:
        if not self._undo:
            return
        self._database.execute("BEGIN")
        for kind, object_id in self._undo:
            current = self._objects[kind].get(object_id)
            if current is None:
                self._database.execute(
                    "DELETE FROM objects WHERE kind = ? AND id = ?", (kind, object_id)
                )
                continue
            position = self._positions.setdefault(
                (kind, object_id), self._next_position
            )
            self._next_position = max(self._next_position, position + 1)
            self._database.execute(
                "INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?)",
                (kind, object_id, position, json.dumps(current)),
            )
        self._database.execute("COMMIT")
        self._undo = {}

    def _place(self, kind: str, object_id: str, value: Json) -> None:
        self._objects.setdefault(kind, {})[object_id] = value
        owner = value.get(OWNER.get(kind, "customer"))
        if isinstance(owner, str):
            self._owned.setdefault((kind, owner), {})[object_id] = None

    def _take_out(self, kind: str, object_id: str) -> Json | None:
        value = self._objects.get(kind, {}).pop(object_id, None)
        if value is not None:
            owner = str(value.get(OWNER.get(kind, "customer")))
            self._owned.get((kind, owner), {}).pop(object_id, None)
        return value

    def save(self, value: Json, kind: str = "") -> Json:
        """Store the object under its own kind and id; return it."""
        kind = kind or str(value["object"])
        object_id = str(value["id"])
        before = self._objects.setdefault(kind, {}).get(object_id)
        self._undo.setdefault((kind, object_id), before)
        self._place(kind, object_id, copy(value))
        return value

    def remove(self, kind: str, object_id: str) -> None:
        before = self._take_out(kind, object_id)
        if before is not None:
            self._undo.setdefault((kind, object_id), before)

    def find(self, kind: str, object_id: str) -> Json | None:
        """Return a copy that the caller may change, or nothing."""
        found = self._objects.get(kind, {}).get(object_id)
        return None if found is None else copy(found)

    def get(self, kind: str, object_id: str, *, param: str = "id") -> Json:
        """Return a copy that the caller may change, or raise Stripe's 404."""
        found = self.find(kind, object_id)
        if found is None:
            raise missing(kind, object_id, param=param)
        return found

    def find_any(self, object_id: str) -> Json | None:
        """Return the object of this id whatever its kind."""
        for kind, rows in self._objects.items():
            if object_id in rows and not kind.startswith("_"):
                return self.find(kind, object_id)
        return None

    def newest_first(self, kind: str, *, owner: str = "") -> Iterator[Json]:
        """Yield stored objects, of one owner if asked; the caller must not change them."""
        rows = self._objects.get(kind, {})
        if owner:
            ids = list(self._owned.get((kind, owner), {}))
            yield from (rows[object_id] for object_id in reversed(ids))
        else:
            yield from reversed(list(rows.values()))

    def clear(self) -> None:
        """Forget everything, on disk too."""
        with self._lock:
            self._objects.clear()
            self._owned.clear()
            self._positions.clear()
            self._database.execute("DELETE FROM objects")
