from core.cache import ForgivingRedisCache


def test_a_cache_that_is_down_costs_speed_and_never_a_page():
    cache = ForgivingRedisCache(
        "redis://127.0.0.1:9/0",  # the discard port: nobody listens there
        {"OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 0.5}},
    )

    cache.set("key", "value")

    assert cache.get("key", "nothing") == "nothing"
    assert cache.add("key", "value") is True
    assert cache.delete("key") is False
