"""Settings of the race's control: the same site, whose desk is Django's stock admin."""

from lingang.settings import *  # noqa: F403

ROOT_URLCONF = "bench.stock_urls"
