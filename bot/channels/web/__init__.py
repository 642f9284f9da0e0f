"""The web channel: interface, pages, limits."""

from __future__ import annotations

from dataclasses import dataclass, field

from sanic import Sanic

from bot.channels.web.interface import interface
from bot.channels.web.limits import Limits, Rates
from bot.channels.web.origins import allow
from bot.channels.web.pages import pages
from bot.channels.web.refusing import failed
from bot.channels.working import going_on
from bot.counting import Counts
from bot.desk.changes import Changes
from bot.desk.desk import Desk

MOST_BYTES = 1_000_000
"""The largest request body that is read."""


@dataclass(frozen=True)
class Site:
    """What may differ between installations.

    Pages of other origins that may use the interface, rates and their counts, how many proxies stand before it, the privacy text.
    """

    origins: frozenset[str] = frozenset()
    rates: Rates = field(default_factory=Rates)
    proxies: int = 0
    privacy: str = ""
    counts: Counts = field(default_factory=Counts)


def web_app(desk: Desk, site: Site) -> Sanic:
    """The whole web application over one desk."""
    app = Sanic("reframe", configure_logging=False)
    app.config.REQUEST_MAX_SIZE = MOST_BYTES
    app.config.PROXIES_COUNT = site.proxies or None
    app.config.RESPONSE_TIMEOUT = 3600  # a stream of events may be quiet for long
    allow(app, site.origins)
    app.blueprint(interface(desk, Limits(site.rates, site.counts)))
    app.blueprint(pages(desk, site.privacy))
    app.error_handler.add(Exception, failed)

    @app.before_server_start
    async def settle(*_: object) -> None:
        await desk.settle()

    @app.after_server_start
    async def listen(running: Sanic, _: object) -> None:
        running.add_task(going_on(Changes(desk).run))
        if desk.locks.shared:  # with SQLite nobody else is there to leave anything behind
            running.add_task(going_on(desk.sweep))

    return app
