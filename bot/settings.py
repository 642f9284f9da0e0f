"""Typed settings. The only module that reads the environment or `.env`."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Mapping, Optional
from zoneinfo import available_timezones

import limits
from dotenv import dotenv_values
from pydantic import BaseModel, Extra, Field, ValidationError, constr, validator

from bot.errors import ReframeError

ROOT = Path(__file__).parent.parent
"""The checkout: `config.yml`, `data/` and `models/` lie here."""


class Settings(BaseModel):
    """Everything that may differ between two installations. Each field is read from the variable of its name."""

    database_url: str = Field(
        f"sqlite:///{ROOT / 'var' / 'reframe.db'}", description="where conversations are kept: sqlite:///FILE or postgresql://USER@HOST/NAME"
    )
    redis_url: str = Field("", description="the Redis that several workers share for rates and Rasa's tickets; empty: none")
    reframe_host: str = Field("127.0.0.1", description="the address the server listens on")
    reframe_port: int = Field(5005, ge=0, le=65535, description="the port the server listens on")
    reframe_endpoints: Path = Field(ROOT / "endpoints.yml", description="Rasa's file of endpoints; its event broker and lock store are used")
    reframe_models: Path = Field(ROOT / "models", description="the folder of trained models; the newest is used")
    reframe_reply_seconds: float = Field(20.0, gt=0, description="how long an answer may take before a standing reply is sent, in seconds")
    reframe_store_seconds: float = Field(5.0, gt=0, description="how long the database may take before a message is spooled instead, in seconds")
    reframe_spool: Path = Field(ROOT / "var" / "spool", description="the folder in which messages wait while the database is away, sealed")
    reframe_country: Optional[constr(regex="^[A-Z]{2}$")] = Field(  # type: ignore[valid-type]  # pydantic 1's way
        None, description="the country whose services are named until a person names another (ISO 3166); empty: none"
    )
    reframe_served: str = Field(
        "GB,IE,US,CA,AU,IN", description="countries that must have a crisis service at every hour; `reframe resources check` fails without"
    )
    reframe_session_minutes: float = Field(
        60, gt=0, description="after so long a silence a new session begins, with a notice that this is a program, in minutes"
    )
    reframe_notice_days: float = Field(7, gt=0, description="after so many days away the longer notice is given")
    reframe_notice_hours: float = Field(3, gt=0, description="how long a use may go on before a notice with a break reminder, in hours")
    reframe_origins: str = Field("", description="origins of other pages that may embed the widget, parted by commas, such as https://example.org")
    reframe_proxies: int = Field(
        0, ge=0, description="how many proxies stand before the server; they have to set X-Forwarded-For, which is not believed with 0"
    )
    reframe_rate_messages: str = Field("30/minute", description="the most messages of one conversation, as NUMBER/UNIT")
    reframe_rate_conversations: str = Field("120/hour", description="the most conversations begun from one address")
    reframe_rate_requests: str = Field("600/minute", description="the most requests from one address")
    reframe_keys: Path = Field(
        ROOT / "var" / "keys",
        description="the file of keys that seal what anybody writes; made at the first start, for its owner. Keep a copy, apart from backups of the database",
    )
    reframe_inbox: Path = Field(ROOT / "var" / "inbox", description="the folder in which messages of messaging apps wait for their turn, sealed")
    reframe_public_url: str = Field(
        "", description="the server's address as messaging apps call it, such as https://chat.example.org; needed as soon as one is configured"
    )
    reframe_telegram_token: str = Field("", description="the token of the Telegram bot")
    reframe_telegram_secret: str = Field("", description="the secret that Telegram sends along, of your own choice")
    reframe_telegram_api: str = Field("https://api.telegram.org", description="the address of Telegram's interface")
    reframe_slack_token: str = Field("", description="the bot token of the Slack app")
    reframe_slack_signing_secret: str = Field("", description="the signing secret of the Slack app")
    reframe_slack_api: str = Field("https://slack.com/api", description="the address of Slack's interface")
    reframe_twilio_account: str = Field("", description="the account SID at Twilio")
    reframe_twilio_token: str = Field("", description="the auth token at Twilio")
    reframe_twilio_number: str = Field("", description="the number texts come from, such as +15005550006, or a messaging service SID")
    reframe_twilio_whatsapp: str = Field("", description="the number WhatsApp messages come from")
    reframe_twilio_api: str = Field("https://api.twilio.com", description="the address of Twilio's interface")
    reframe_messenger_token: str = Field("", description="the access token of the Facebook page")
    reframe_messenger_app_secret: str = Field("", description="the secret of the Meta app")
    reframe_messenger_verify: str = Field("", description="the word that Meta repeats when the address is registered, of your own choice")
    reframe_messenger_api: str = Field("https://graph.facebook.com/v21.0", description="the address of Messenger's interface")
    reframe_metrics_host: str = Field("127.0.0.1", description="the address on which Prometheus may read the metrics of server and console")
    reframe_metrics_port: Optional[int] = Field(None, ge=0, le=65535, description="the port of the server's metrics; empty: they are not served")
    reframe_console_metrics_port: Optional[int] = Field(None, ge=0, le=65535, description="the port of the console's metrics; empty: they are not served")
    reframe_console_host: str = Field("127.0.0.1", description="the address the console listens on")
    reframe_console_port: int = Field(5006, ge=0, le=65535, description="the port the console listens on")
    reframe_console_url: str = Field(
        "", description="the console's address as browsers call it, such as https://console.example.org; with https its cookies are sent over TLS only"
    )
    reframe_console_idle_minutes: float = Field(60, gt=0, description="after so long without a hand moved a sign-in ends, in minutes")
    reframe_console_session_hours: float = Field(12, gt=0, description="after so long a sign-in ends in any case, in hours")
    reframe_console_codes: bool = Field(True, description="whether one-time codes are needed beside passwords")
    reframe_console_targets: str = Field(
        "immediate=1,urgent=2,check_in=15,person=10,unsure=30,error=30", description="in how many minutes somebody has to hold a conversation, by what it needs"
    )
    reframe_console_quiet_minutes: float = Field(15, gt=0, description="after so long without a hand moved a supporter's conversations return to the queue")
    reframe_console_reason_minutes: float = Field(30, gt=0, description="how long a reason to read a conversation of others holds, in minutes")
    reframe_duty_minutes: float = Field(10, gt=0, description="after so long without a hand moved a supporter no longer counts as on duty, in minutes")
    reframe_timezone: str = Field("UTC", description="the time zone of the rota and of the figures' days, such as Europe/Dublin")
    reframe_review_share: float = Field(0.1, ge=0, le=1, description="the share of closed cases that are not urgent and are reviewed all the same")
    reframe_review_twice: float = Field(0.2, ge=0, le=1, description="the share of reviewed cases that two people review, so that agreement can be measured")
    reframe_corrections: Path = Field(ROOT / "var" / "corrections.jsonl", description="the file of corrections for `reframe learn`, redacted")
    reframe_alert_first: str = Field(
        "", description="whom alarms go to at once: https://… (a webhook that takes JSON), slack+https://… or mailto:…, parted by commas"
    )
    reframe_alert_second: str = Field("", description="whom they go to as well from the second time on, written the same way")
    reframe_alert_minutes: float = Field(5, gt=0, description="after so long without being acknowledged an alarm is sent again, in minutes")
    reframe_smtp_host: str = Field("", description="the server that takes e-mail")
    reframe_smtp_port: int = Field(587, ge=1, le=65535, description="its port")
    reframe_smtp_from: str = Field("", description="the address that e-mail comes from")
    reframe_smtp_user: str = Field("", description="the name to sign in there with; empty: without")
    reframe_smtp_password: str = Field("", description="the password for it")
    reframe_smtp_tls: bool = Field(True, description="whether e-mail is handed in over TLS; always so with a name")
    reframe_draft_seconds: float = Field(120, gt=0, description="how long an answer may wait for a supporter's leave before a standing sentence is sent")
    reframe_oidc_issuer: str = Field("", description="the issuer's address of the identity provider for the console (OpenID Connect); empty: none")
    reframe_oidc_client: str = Field("", description="what the console is registered as there")
    reframe_oidc_secret: str = Field("", description="the secret it was given there")
    reframe_consent: bool = Field(True, description="whether people are asked for leave before what they write is kept; off only where it is had otherwise")
    reframe_research: bool = Field(False, description="whether they are asked for leave to use it for research as well")
    reframe_keep_text_days: float = Field(30, gt=0, description="after so many days the text of a message is erased")
    reframe_keep_urgent_days: float = Field(30, gt=0, description="the same where somebody was in danger; set it by the policy of the house")
    reframe_keep_complaint_days: float = Field(90, gt=0, description="after so many days what was reported as wrong is erased")
    reframe_keep_conversation_days: float = Field(180, gt=0, description="after so many days without a message a conversation is erased whole")
    reframe_keep_withdrawn_days: float = Field(1, gt=0, description="so many days after consent was withdrawn a conversation is erased whole")
    reframe_keep_delivery_days: float = Field(30, gt=0, description="after so many days what became of a delivery is erased")
    reframe_keep_debrief_days: float = Field(365, gt=0, description="after so many days what supporters said of how a case was for them is erased")
    reframe_keep_alarm_days: float = Field(90, gt=0, description="so many days after an alarm was over it is erased")
    reframe_keep_erasure_days: float = Field(730, gt=0, description="so long it is remembered that something was erased; longer than the oldest backup lives")
    reframe_log_level: str = Field("INFO", description="the lowest level that is logged; what people write is never logged")

    @validator("reframe_rate_messages", "reframe_rate_conversations", "reframe_rate_requests")
    def a_rate(cls, given: str) -> str:  # noqa: N805  # pydantic 1 passes the class
        """A rate that the library can read."""
        limits.parse(given)
        return given

    @validator("redis_url")
    def a_redis(cls, given: str) -> str:  # noqa: N805
        """An address with a scheme that the library knows."""
        if given and not re.match(r"rediss?://[^/]", given):
            raise ValueError("it has to be like redis://HOST:6379/0, or rediss:// for TLS")
        return given

    @validator("reframe_timezone")
    def a_zone(cls, given: str) -> str:  # noqa: N805
        """A zone of the IANA database."""
        if given not in available_timezones():
            raise ValueError("no such time zone; write it like Europe/Dublin")
        return given

    @validator("reframe_origins")
    def some_origins(cls, given: str) -> str:  # noqa: N805
        """Scheme and host, and a port if it is not the usual one."""
        if any(not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:\d+)?", origin) for origin in origins_of(given)):
            raise ValueError("each has to be like https://example.org, without a path")
        return given

    class Config:
        extra = Extra.forbid
        frozen = True


def origins_of(given: str) -> frozenset[str]:
    """The origins of a list parted by commas."""
    return frozenset(filter(None, (origin.strip() for origin in given.split(","))))


class SettingsError(ReframeError):
    """A setting has a value that cannot be used."""


def read_settings(environment: Optional[Mapping[str, str]] = None, dotenv: Path = ROOT / ".env") -> Settings:
    """Settings from `environment` (that of the process by default), then `.env`, then the defaults.

    Raises SettingsError naming each variable whose value cannot be used; the value itself is never shown.
    """
    given = {**dotenv_values(dotenv), **(os.environ if environment is None else environment)}
    known = {name: given[name.upper()] for name in Settings.__fields__ if given.get(name.upper())}
    try:
        return Settings.parse_obj(known)
    except ValidationError as error:
        wrong = "; ".join(f"{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors())
        raise SettingsError(f"Settings that cannot be used: {wrong}. See docs/settings.md.") from None
