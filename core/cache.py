"""The shared caches: files of one machine, and Redis with those files as its spare."""

import logging
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.core.cache import caches
from django.core.cache.backends.filebased import FileBasedCache
from django.core.cache.backends.redis import RedisCache
from django.core.files import locks
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

SPARE = "spare"
REST_SECONDS = 5
SWEPT_ONE_IN = 1000


class SharedFileCache(FileBasedCache):
    """Forgets nothing before its time, and adds a key once for all processes."""

    def __init__(self, folder: str, params: dict[str, Any]) -> None:
        super().__init__(folder, params)
        self.folder = Path(folder)

    def add(self, key: Any, value: Any, *args: Any, **kwargs: Any) -> bool:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as file:
            locks.lock(file, locks.LOCK_EX)
            return bool(super().add(key, value, *args, **kwargs))

    def _cull(self) -> None:
        """Drop what has expired, now and then: each look reads the whole folder."""
        if secrets.randbelow(SWEPT_ONE_IN):
            return
        for path in self.folder.glob(f"*{self.cache_suffix}"):
            with suppress(FileNotFoundError), path.open("rb") as file:
                self._is_expired(file)  # type: ignore[attr-defined] # also deletes


def _forgiving(name: str) -> Callable[..., Any]:
    """Ask Redis; while it does not answer, ask the spare cache."""
    ask_redis = getattr(RedisCache, name)

    def method(self: "ForgivingRedisCache", *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= self.rests_until:
            try:
                return ask_redis(self, *args, **kwargs)
            except RedisError:
                # A page asks several times, and may wait only once.
                self.rests_until = time.monotonic() + REST_SECONDS
                logger.warning("cache unavailable")
        return getattr(caches[SPARE], name)(*args, **kwargs)

    return method


class ForgivingRedisCache(RedisCache):
    """Goes on in the spare cache while Redis is away: limits hold, pages answer."""

    rests_until = 0.0

    add = _forgiving("add")
    get = _forgiving("get")
    set = _forgiving("set")
    touch = _forgiving("touch")
    delete = _forgiving("delete")
    has_key = _forgiving("has_key")
    incr = _forgiving("incr")
    get_many = _forgiving("get_many")
    set_many = _forgiving("set_many")
    delete_many = _forgiving("delete_many")
    clear = _forgiving("clear")
