"""The one place where the concrete parts are chosen."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Optional

from rasa.core.utils import AvailableEndpoints

from bot.agent.broker import BesideBroker
from bot.agent.locking import lock_store_of
from bot.agent.rasa import RasaAgent, latest_model
from bot.agent.trackers import Row, SealedTrackers
from bot.channels.configured import channels_of
from bot.channels.messaging import Channel
from bot.channels.web import Site
from bot.channels.web.limits import Rates
from bot.channels.web.privacy import Kept, privacy
from bot.counting import Counts
from bot.desk import depths
from bot.desk.arrivals import Inbox, SharedInbox
from bot.desk.consenting import Asked
from bot.desk.courier import Courier
from bot.desk.desk import Desk, Terms
from bot.desk.notices import Intervals
from bot.desk.oversight import Supervised
from bot.desk.own_folder import waiting_in
from bot.desk.reception import Reception
from bot.desk.spool import Spool
from bot.desk.standing import moment
from bot.metrics.counted import MODEL_LOADED
from bot.metrics.levels import measure
from bot.nlu.likelihood import likelihood
from bot.reframing.loading import load
from bot.settings import Settings, origins_of
from bot.store.backup import restore
from bot.store.conversations import Conversations
from bot.store.correspondents import Correspondents
from bot.store.database import Database
from bot.store.erasures import tombstones_in
from bot.store.inbox import ArrivalQueue
from bot.store.outbox import Outbox
from bot.store.resealing import unlock
from bot.store.research import Redact
from bot.store.retention import Periods, Retention
from bot.store.sealing import Sealer, sealer_of

KEEP = "reframe_keep_"


def build_store(settings: Settings) -> Conversations:
    """The store, at the newest schema, everything in it sealed. Raises KeyProblem when the keys are not those of the database."""
    database = Database(settings.database_url, sealer_of(settings.reframe_keys))
    database.migrate()
    unlock(database)
    return Conversations(database, timedelta(seconds=settings.reframe_draft_seconds))


def waiting_keys(settings: Settings) -> set[str]:
    """The keys of messages that wait outside the database, whichever process they wait for."""
    return {data.partition(":")[0] for folder in (settings.reframe_spool, settings.reframe_inbox) for data in waiting_in(folder)}


def build_desk(settings: Settings) -> Desk:
    """The desk before the trained agent, both on the same database."""
    store = build_store(settings)
    endpoints = AvailableEndpoints.read_endpoints(str(settings.reframe_endpoints))
    broker = BesideBroker(endpoints.event_broker) if endpoints.event_broker else None
    trackers, tickets = SealedTrackers(store.database.engine, store.database.sealer, broker), lock_store_of(endpoints.lock_store, settings.redis_url)
    agent = RasaAgent(latest_model(settings.reframe_models), trackers, tickets)
    desk = Desk(store, agent, Spool(settings.reframe_spool, store.database.sealer), terms_of(settings), likelihood)
    desk.oversight = Supervised(store.database, timedelta(minutes=settings.reframe_duty_minutes))
    MODEL_LOADED.set(1)
    agent.attended = lambda: desk.last_look.attended  # the desk looks before it asks
    return desk


def measure_depths(desk: Desk, reception: Optional[Reception]) -> None:
    """Have Prometheus see what waits in this process and its database."""
    outbox, inbox = Outbox(desk.store.database), reception.inbox if reception else None
    measure("reframe_database", lambda: depths.stored(outbox))
    measure("reframe_files", lambda: depths.kept(desk.spool, inbox))


def site_of(settings: Settings) -> Site:
    """What the web channel has to know."""
    rates = Rates(settings.reframe_rate_messages, settings.reframe_rate_conversations, settings.reframe_rate_requests)
    return Site(origins_of(settings.reframe_origins), rates, settings.reframe_proxies, privacy(kept_of(settings)), Counts(settings.redis_url))


def kept_of(settings: Settings) -> Kept:
    """What the page on privacy depends on."""
    counted = settings.reframe_rate_requests, settings.reframe_rate_conversations
    apps = tuple(channel.name for channel in build_channels(settings))
    return Kept(periods_of(settings), settings.reframe_consent, settings.reframe_research, *counted, apps)


def terms_of(settings: Settings) -> Terms:
    """The desk's terms."""
    intervals = Intervals(
        timedelta(minutes=settings.reframe_session_minutes), timedelta(days=settings.reframe_notice_days), timedelta(hours=settings.reframe_notice_hours)
    )
    notice = load().moments["notice"][0]
    return Terms(notice, settings.reframe_reply_seconds, settings.reframe_store_seconds, intervals, settings.reframe_country, asked_of(settings))


def asked_of(settings: Settings) -> Optional[Asked]:
    """How people are asked for leave, if they are."""
    words = moment("consent").format(text=f"{settings.reframe_keep_text_days:g}", whole=f"{settings.reframe_keep_conversation_days:g}")
    # The daily work comes round within a day after the period.
    return Asked(words, settings.reframe_research, settings.reframe_keep_withdrawn_days + 1) if settings.reframe_consent else None


def build_retention(settings: Settings, database: Database) -> Retention:
    """What erases each kind of data after its period."""
    return Retention(database, periods_of(settings))


def periods_of(settings: Settings) -> Periods:
    """How long each kind of data is kept."""
    return Periods(**{name[len(KEEP) :].removesuffix("_days"): days for name, days in settings.dict().items() if name.startswith(KEEP)})


def build_channels(settings: Settings) -> list[Channel]:
    """The messaging apps that are configured. Raises NotConfigured for one that is so in part."""
    return channels_of(settings.dict(), settings.reframe_public_url)


def build_reception(settings: Settings, desk: Desk, channels: list[Channel]) -> Reception:
    """What stands behind the messaging apps, on the desk's database."""
    database, sealer = desk.store.database, desk.store.database.sealer
    people = Correspondents(database)
    courier = Courier(Outbox(database, desk.locks), people, sealer, list(channels), desk.keep)
    courier.counts = Counts(settings.redis_url)
    return Reception(desk, people, inbox_of(settings, desk, sealer), courier, sealer)


def inbox_of(settings: Settings, desk: Desk, sealer: Sealer) -> Inbox:
    """In the database where several workers can share that, else in a file."""
    if not desk.locks.shared:
        return Inbox(settings.reframe_inbox, sealer)
    return SharedInbox(settings.reframe_inbox, sealer, ArrivalQueue(desk.store.database, desk.locks))


def restored(settings: Settings, file: Path, erasures: Optional[Path]) -> int:
    """Restore a backup; returns how many conversations were erased again."""
    database = Database(settings.database_url, sealer_of(settings.reframe_keys))
    more = tombstones_in(erasures) if erasures else []
    again = restore(database, file, [Row.__table__], more)
    unlock(database)
    return again


def redactor() -> Redact:
    """What takes out of a text whatever may tell a person. What it needs is loaded at its first use."""
    from bot.privacy.redaction import redact  # noqa: PLC0415  # the server starts without it

    return lambda text: redact(text).text
