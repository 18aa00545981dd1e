"""Queries that are compiled once, since every page of a member asks them.

Django builds the SQL of a query anew each time it is asked, which takes several times
as long as PostgreSQL takes to answer. What differs between two requests is the person
and the page: values, which never change the SQL.
"""

from collections.abc import Callable
from copy import copy
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model, QuerySet
from django.db.models.query import ModelIterable
from django.db.models.sql.compiler import SQLCompiler
from django.db.transaction import TransactionManagementError

Row = TypeVar("Row", bound=Model)


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
        if set(names.values()) - set(self.places):
            raise TypeError("A prepared query has to compare each of its values.")

    def rows(self, values: dict[str, int | str]) -> list[Any]:
        params = tuple(
            param if name is None else values[name]
            for name, param in zip(self.places, self.params, strict=True)
        )
        # Compilers belong to the connection of a thread; what they compiled does not.
        compiler = copy(self.compiler)
        compiler.connection = connections[DEFAULT_DB_ALIAS]
        _require_transaction(compiler)
        compiler.as_sql = lambda *_args, **_kwargs: (self.sql, params)
        query: Any = _Ready(compiler)
        asked: QuerySet[Any] = QuerySet(self.model, query=query, using=DEFAULT_DB_ALIAS)
        return list(ModelIterable(asked))


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
