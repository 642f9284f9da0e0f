"""Where the concrete parts of the console are chosen. Apart from wiring.py, which brings Rasa along: the console has to start without it."""

from __future__ import annotations

from datetime import timedelta
from typing import Optional

import yaml

from bot.console import measuring
from bot.console.live import Watcher
from bot.console.templating import environment
from bot.console.terms import PilotTerms, Provider, Terms, targets_of
from bot.console.visits import Parts
from bot.counting import Counts
from bot.metrics.levels import measure
from bot.pilot.alerting import Lines
from bot.pilot.senders import MailServer, senders_of
from bot.settings import ROOT, Settings
from bot.store.audit import Audit
from bot.store.database import Database
from bot.store.duty import Duty
from bot.store.messages import now
from bot.store.resealing import unlock
from bot.store.sealing import sealer_of
from bot.store.sign_ins import Lifetimes
from bot.store.stopping import Stopping


def build_database(settings: Settings) -> Database:
    """The database, at the newest schema, everything in it sealed. Raises KeyProblem when the keys are not those of the database."""
    database = Database(settings.database_url, sealer_of(settings.reframe_keys))
    database.migrate()
    unlock(database)
    return database


def build_parts(settings: Settings) -> Parts:
    """What the console's pages work with."""
    database = build_database(settings)
    audit, terms = Audit(database), terms_of(settings)
    return Parts(database, audit, database.sealer, terms, environment(), Watcher(database, audit, terms), Counts(settings.redis_url))


def measure_queue(parts: Parts) -> None:
    """Have Prometheus see who waits for supporters, and whether any is there."""
    duty, stopping = Duty(parts.database, parts.terms.pilot.grace), Stopping(parts.database)
    measure("reframe_queue", lambda: measuring.queued(parts.watcher.snapshot, parts.terms.targets, now()))
    measure("reframe_duty", lambda: measuring.attended(duty, stopping.state() is not None, now()))


def terms_of(settings: Settings) -> Terms:
    """The console's terms. Raises BadTargets for targets that cannot be read."""
    url = settings.reframe_console_url or f"http://{settings.reframe_console_host}:{settings.reframe_console_port}"
    return Terms(
        url=url,
        targets=targets_of(settings.reframe_console_targets),
        lifetimes=Lifetimes(timedelta(minutes=settings.reframe_console_idle_minutes), timedelta(hours=settings.reframe_console_session_hours)),
        quiet=timedelta(minutes=settings.reframe_console_quiet_minutes),
        reason=timedelta(minutes=settings.reframe_console_reason_minutes),
        draft=timedelta(seconds=settings.reframe_draft_seconds),
        codes=settings.reframe_console_codes,
        provider=_provider(settings),
        country=settings.reframe_country,
        pilot=pilot_terms_of(settings, url),
    )


def pilot_terms_of(settings: Settings, url: str) -> PilotTerms:
    """How the pilot is run; alarms lead to the console's `url`. Raises BadAddress."""
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    return PilotTerms(
        share=settings.reframe_review_share,
        twice=settings.reframe_review_twice,
        corrections=settings.reframe_corrections,
        grace=timedelta(minutes=settings.reframe_duty_minutes),
        zone=settings.reframe_timezone,
        intents=tuple(domain["intents"]),
        lines=lines_of(settings, url),
        redact=_redacted,
    )


def _redacted(text: str) -> str:
    """Without personal data. What it needs is loaded at its first use, for the console starts without it."""
    from bot.privacy.redaction import redact  # noqa: PLC0415  # as said

    return redact(text).text


def lines_of(settings: Settings, console: str) -> Lines:
    """Whom alarms are sent to. Raises BadAddress."""
    server = None
    if settings.reframe_smtp_host and settings.reframe_smtp_from:
        named = settings.reframe_smtp_host, settings.reframe_smtp_port, settings.reframe_smtp_from
        server = MailServer(*named, settings.reframe_smtp_user, settings.reframe_smtp_password, settings.reframe_smtp_tls)
    first, second = (tuple(senders_of(given, server)) for given in (settings.reframe_alert_first, settings.reframe_alert_second))
    return Lines(first, second, timedelta(minutes=settings.reframe_alert_minutes), console)


def _provider(settings: Settings) -> Optional[Provider]:
    if not settings.reframe_oidc_issuer:
        return None
    return Provider(settings.reframe_oidc_issuer.rstrip("/"), settings.reframe_oidc_client, settings.reframe_oidc_secret)
