"""Queries that are compiled and planned once, since every page of a member asks them.

Django builds the SQL of a query anew each time it is asked, and PostgreSQL plans it
anew; each takes several times as long as the answer. What differs between two requests
is the person and the page: values, which change neither the SQL nor its plan.
"""

from collections.abc import Callable
from copy import copy
from itertools import count
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model, QuerySet
from django.db.models.query import ModelIterable
from django.db.models.sql.compiler import SQLCompiler
from django.db.transaction import TransactionManagementError
from psycopg2.extensions import AsIs

Row = TypeVar("Row", bound=Model)

# The plans that each open connection holds, by their names.
_PLANS: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()
_NUMBERS = count(1)


class Prepared(Generic[Row]):
    """A query of one or more models, built from the values that it is asked with.

    Each value is a whole number or a text, and only compared with a column: no list,
    no None, no slice, and nothing is prefetched.
    """

    def __init__(self, build: Callable[..., QuerySet[Row]], **values: type) -> None:
        self._build = build
        self._markers = {
            name: _marker(name, kind, number)
            for number, (name, kind) in enumerate(values.items(), start=1)
        }
        self._compiled: _Compiled | None = None

    def rows(self, **values: int | str) -> list[Row]:
        """Ask the default database with these values."""
        if self._compiled is None:
            queryset = self._build(**self._markers).using(DEFAULT_DB_ALIAS)
            self._compiled = _Compiled(queryset, self._markers)
        return self._compiled.rows(values)


def _marker(name: str, kind: type, number: int) -> int | str:
    """Return what no row holds, to find in the compiled query where a value goes."""
    return -(10**9) - number if kind is int else f"@{name}@"


class _Compiled:
    """The SQL of a query, and where its values go."""

    def __init__(self, queryset: QuerySet[Any], markers: dict[str, int | str]) -> None:
        self.model = queryset.model
        self.compiler = queryset.query.get_compiler(using=queryset.db)
        self.sql, self.params = self.compiler.as_sql()
        names = {marker: name for name, marker in markers.items()}
        self.places = [names.get(param) for param in self.params]
        self.plan = f"prepared_{next(_NUMBERS)}"
        if set(names.values()) - set(self.places):
            raise TypeError("A prepared query has to compare each of its values.")

    def rows(self, values: dict[str, int | str]) -> list[Any]:
        # Compilers belong to the connection of a thread; what they compiled does not.
        compiler = copy(self.compiler)
        compiler.connection = connections[DEFAULT_DB_ALIAS]
        _require_transaction(compiler)
        asks = self._planned if _keeps_plans(compiler.connection) else self._plain
        ready = asks(compiler.connection, values)
        compiler.as_sql = lambda *_args, **_kwargs: ready
        query: Any = _Ready(compiler)
        asked: QuerySet[Any] = QuerySet(self.model, query=query, using=DEFAULT_DB_ALIAS)
        return list(ModelIterable(asked))

    def _plain(
        self, _connection: BaseDatabaseWrapper, values: dict[str, int | str]
    ) -> tuple[str, tuple[Any, ...]]:
        params = tuple(
            param if name is None else values[name]
            for name, param in zip(self.places, self.params, strict=True)
        )
        return self.sql, params

    def _planned(
        self, connection: BaseDatabaseWrapper, values: dict[str, int | str]
    ) -> tuple[str, tuple[Any, ...]]:
        connection.ensure_connection()
        plans = _PLANS.setdefault(connection.connection, set())
        if self.plan not in plans:
            self._plan(connection)
            plans.add(self.plan)
        given = tuple(values[name] for name in self.places if name)
        return f"EXECUTE {self.plan} ({', '.join(['%s'] * len(given))})", given

    def _plan(self, connection: BaseDatabaseWrapper) -> None:
        """Have the connection plan the query, which it forgets when it is closed."""
        numbers = count(1)
        params = [
            param if name is None else AsIs(f"${next(numbers)}")
            for name, param in zip(self.places, self.params, strict=True)
        ]
        # Not by Django's cursor, which would count it among the queries of the page.
        with (
            connection.wrap_database_errors,
            connection.connection.cursor() as cursor,
        ):
            cursor.execute(f"PREPARE {self.plan} AS {self.sql}", params)


def _keeps_plans(connection: BaseDatabaseWrapper) -> bool:
    """Say whether the next query reaches the same session of PostgreSQL as this one.

    A pooler that shares sessions gives the setting of Django that is asked here.
    """
    is_shared = connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS")
    return connection.vendor == "postgresql" and not is_shared


class _Ready:
    """Stands where a queryset has its query, and brings the compiler that is ready."""

    def __init__(self, compiler: SQLCompiler) -> None:
        self._compiler = compiler

    def get_compiler(self, **_kwargs: object) -> SQLCompiler:
        return self._compiler


def _require_transaction(compiler: SQLCompiler) -> None:
    """Refuse a lock outside of a transaction, as Django does when it compiles one."""
    connection = compiler.connection
    if compiler.query.select_for_update and connection.get_autocommit():
        raise TransactionManagementError("A lock needs a transaction.")
