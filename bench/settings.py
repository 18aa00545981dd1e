"""The site as in production, with one more URL: the floor."""

from natcampus.settings import *  # noqa: F403, TID251 - these are the site's settings

ROOT_URLCONF = "bench.urls"
