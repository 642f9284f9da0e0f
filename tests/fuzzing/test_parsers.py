"""Whatever comes from outside is read or refused by the one error that is meant for it: no parser breaks, and what it gives can go on its way."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Callable
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.messaging import Channel, Malformed, NotBelieved, Received
from bot.channels.messenger import Messenger
from bot.channels.slack import Slack
from bot.channels.telegram import Telegram
from bot.channels.twilio import Sms, WhatsApp
from bot.channels.web.bodies import complained, number_of, posted
from bot.channels.web.refusing import Refused
from bot.cli import read_lines
from bot.console.terms import BadTargets, targets_of
from bot.desk.arrivals import Arrival
from bot.desk.consenting import agrees, refuses, withdraws
from bot.desk.erasing import asks_to_erase
from bot.desk.offering import answer_in
from bot.desk.own_page import page
from bot.safety.screening import assess
from bot.settings import Settings, SettingsError, read_settings
from bot.store.encrypted_file import MAGIC, NotOurs, read_encrypted, write_encrypted
from bot.store.erasures import NoErasures, tombstones_in
from bot.store.messages import Inbound
from bot.store.sealing import KeyProblem, keys_in, sealer_of
from tests.conftest import keys

MANY = settings(max_examples=150, deadline=None)
FEW = settings(max_examples=50, deadline=None)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
TEXT = st.text(st.characters(), max_size=300)
"""Of any characters, half surrogates among them."""
GIVEN = {
    "reframe_public_url": "https://chat.example.org",
    "reframe_slack_token": "slack",
    "reframe_slack_signing_secret": "signing",
    "reframe_slack_api": "https://slack.test",
    "reframe_messenger_token": "page",
    "reframe_messenger_app_secret": "app",
    "reframe_messenger_verify": "word",
    "reframe_messenger_api": "https://graph.test",
    "reframe_twilio_account": "AC1",
    "reframe_twilio_token": "token",
    "reframe_twilio_api": "https://twilio.test",
    "reframe_twilio_number": "+15005550006",
    "reframe_twilio_whatsapp": "+15005550006",
}
CHANNELS: dict[str, Callable[[], Channel]] = {
    "telegram": lambda: Telegram("1:token", "secret", "https://telegram.test"),
    "slack": lambda: Slack(GIVEN),
    "messenger": lambda: Messenger(GIVEN),
    "sms": lambda: Sms(GIVEN),
    "whatsapp": lambda: WhatsApp(GIVEN),
}
PERSON = {"id": 7, "type": "private", "first_name": "Ann"}
GOOD: dict[str, list[Any]] = {
    "telegram": [
        {"update_id": 1, "message": {"message_id": 5, "date": 1, "chat": PERSON, "from": {"id": 7, "is_bot": False}, "text": "hello"}},
        {"update_id": 1, "edited_message": {"message_id": 5, "date": 1, "chat": PERSON, "photo": [{"file_id": "x"}], "caption": "hi"}},
        {"update_id": 1, "callback_query": {"id": "9", "from": {"id": 7}, "data": "/deny", "message": {"message_id": 5, "date": 1, "chat": PERSON}}},
        {"update_id": 1, "my_chat_member": {"chat": PERSON, "old_chat_member": {"status": "member"}, "new_chat_member": {"status": "kicked"}}},
    ],
    "slack": [
        {
            "type": "event_callback",
            "event_id": "E1",
            "event": {"type": "message", "channel_type": "im", "channel": "D1", "user": "U1", "ts": "1.5", "text": "hello"},
        },
        {"type": "url_verification", "challenge": "abc"},
        {
            "type": "event_callback",
            "event": {"type": "message", "subtype": "message_changed", "message": {"user": "U1", "text": "a"}, "previous_message": {"text": "b"}},
        },
    ],
    "messenger": [
        {"object": "page", "entry": [{"id": "1", "messaging": [{"sender": {"id": "2"}, "recipient": {"id": "1"}, "message": {"mid": "m", "text": "hello"}}]}]},
        {"object": "page", "entry": [{"messaging": [{"sender": {"id": "2"}, "postback": {"mid": "m", "title": "Yes", "payload": "/yes"}}]}]},
    ],
}
FORM = {
    "MessageSid": "SM1",
    "SmsStatus": "received",
    "From": "+15005550001",
    "To": "+15005550006",
    "Body": "hello",
    "NumMedia": "1",
    "MediaContentType0": "image/png",
}


def received(body: bytes, method: str = "POST", **headers: str) -> Received:
    """A request."""
    return Received(method, "https://chat.example.org/webhooks/x", {name.replace("_", "-"): value for name, value in headers.items()}, {}, body)


@st.composite
def spoiled(draw: Any, good: list[Any]) -> Any:
    """What is right but for some places, where anything stands or nothing."""
    found = copy.deepcopy(draw(st.sampled_from(good)))
    for _ in range(draw(st.integers(1, 3))):
        places = list(_places(found))
        if not places:
            break
        holder, name = draw(st.sampled_from(places))
        if draw(st.booleans()):
            holder[name] = draw(JSON)
        else:
            del holder[name]
    return found


def _places(value: Any) -> Any:
    for name in list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield value, name
        yield from _places(value[name])


def heard(channel: Channel, request: Received) -> None:
    """Read, or refused as malformed; each arrival can be written into the inbox and stored."""
    try:
        found = channel.parse(request)
    except Malformed:
        return
    for arrival in found.arrivals:
        written = json.dumps(vars(arrival))
        assert Arrival(**json.loads(written)).inbound() == arrival.inbound()
        assert isinstance(arrival.person, str)
        assert isinstance(arrival.text, str)
    found.returned.encode("utf-8", "surrogatepass")


@pytest.mark.parametrize("name", GOOD)
@MANY
@given(data=st.data())
def test_what_platforms_send_is_read_or_malformed(name: str, data: Any) -> None:
    """JSON that is right but for some places, JSON of any kind, and bytes of any kind."""
    body = data.draw(spoiled(GOOD[name]).map(lambda v: json.dumps(v).encode()) | JSON.map(lambda v: json.dumps(v).encode()) | st.binary(max_size=200))
    heard(CHANNELS[name](), received(body, content_type="application/json"))


@pytest.mark.parametrize("name", ["sms", "whatsapp", "slack"])
@MANY
@given(data=st.data())
def test_forms_of_platforms_are_read_or_malformed(name: str, data: Any) -> None:
    """Fields of any content, missing ones, and bytes that are no form."""
    fields = data.draw(
        st.dictionaries(st.sampled_from([*FORM, "payload", "command", "text", "user_id", "trigger_id"]), TEXT | JSON.map(json.dumps), max_size=8)
    )
    encoded = urlencode({**FORM, **fields}, errors="replace").encode()
    body = data.draw(st.just(encoded) | st.binary(max_size=200))
    heard(CHANNELS[name](), received(body, content_type="application/x-www-form-urlencoded"))


@pytest.mark.parametrize("name", CHANNELS)
@FEW
@given(body=st.binary(max_size=200), signature=TEXT, time=TEXT, method=st.sampled_from(["GET", "POST"]))
def test_no_made_up_signature_is_believed(name: str, body: bytes, signature: str, time: str, method: str) -> None:
    """Whatever stands in its headers."""
    headers = ("x-telegram-bot-api-secret-token", "x-slack-signature", "x-hub-signature-256", "x-twilio-signature")
    request = Received(method, "https://chat.example.org/webhooks/x", {**dict.fromkeys(headers, signature), "x-slack-request-timestamp": time}, {}, body)
    with pytest.raises(NotBelieved):
        CHANNELS[name]().verify(request)


@MANY
@given(
    body=st.binary(max_size=200)
    | JSON.map(lambda v: json.dumps(v).encode())
    | spoiled([{"text": "a", "client_id": "b"}, {"button": "/x"}]).map(lambda v: json.dumps(v).encode())
)
def test_bodies_of_the_widget_are_read_or_refused(body: bytes) -> None:
    """With a status below 500."""
    for read in (posted, complained):
        try:
            read(body)
        except Refused as refused:
            assert 400 <= refused.status < 500


@MANY
@given(TEXT)
def test_numbers_in_addresses_are_read_or_refused(given_number: str) -> None:
    """And never larger than the database takes."""
    try:
        assert 0 <= number_of(given_number) < 10**18
    except Refused as refused:
        assert refused.status == 400


@MANY
@given(TEXT)
def test_whatever_is_written_can_be_judged(text: str) -> None:
    """For risk, for consent, for erasing, for a handover; nothing is too odd."""
    inbound = Inbound(text)
    assert assess(text).tier in ("none", "check_in", "urgent")
    for judged in (agrees(inbound, False), refuses(inbound, False), withdraws(inbound), asks_to_erase(text)):
        assert isinstance(judged, bool)
    assert not (agrees(inbound, True) and refuses(inbound, True))
    answer_in(inbound, True)


@FEW
@given(TEXT, TEXT)
def test_whatever_is_sealed_opens_as_it_was_and_for_its_row_only(text: str, row: str) -> None:
    """Half surrogates too."""
    sealer = keys()
    sealed = sealer.seal(text, "row")
    assert sealer.open(sealed, "row") == text
    for other in (row, text):
        with pytest.raises(KeyProblem):
            sealer.open(other, "row")


@FEW
@given(st.binary(max_size=300) | st.binary(max_size=200).map(lambda b: b"names " + b) | st.text(max_size=100).map(lambda t: t.encode("utf-8", "replace")))
def test_a_key_file_is_read_or_refused_in_words(raw: bytes) -> None:
    """Whatever stands in it."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "keys"
        file.touch(0o600)
        file.write_bytes(raw)
        try:
            sealer_of(file)
        except KeyProblem:
            return
        assert "names" in keys_in(file)


@FEW
@given(content=st.binary(max_size=300), place=st.integers(0, 400), put=st.binary(max_size=20))
def test_a_backup_opens_only_as_it_was_written(content: bytes, place: int, put: bytes) -> None:
    """Changed anywhere, cut, lengthened, or no backup at all."""
    with TemporaryDirectory() as folder:
        file, sealer = Path(folder) / "one.backup", keys()
        write_encrypted(file, [content], sealer)
        whole = file.read_bytes()
        spoiled_file = whole[:place] + put + whole[place + len(put) :]
        file.write_bytes(spoiled_file)
        if spoiled_file == whole:
            assert b"".join(read_encrypted(file, sealer)) == content
            return
        with pytest.raises((NotOurs, KeyProblem)):
            list(read_encrypted(file, sealer))


@FEW
@given(st.binary(max_size=200))
def test_what_is_no_backup_is_refused(raw: bytes) -> None:
    """Also with the right beginning."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "one.backup"
        for content in (raw, MAGIC + raw, MAGIC + b"k1\n" + raw):
            file.write_bytes(content)
            with pytest.raises((NotOurs, KeyProblem)):
                list(read_encrypted(file, keys()))


@FEW
@given(st.binary(max_size=200))
def test_files_that_are_given_to_commands_are_read_or_refused_in_words(raw: bytes) -> None:
    """Erasures, and corrections as JSON Lines, of which each wrong line is named."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "given"
        file.write_bytes(raw)
        try:
            tombstones_in(file)
        except NoErasures as error:
            assert str(file) in str(error)
        good, wrong = read_lines(str(file))
        assert len(good) + len(wrong) <= raw.count(b"\n") + 1


@FEW
@given(
    st.dictionaries(st.sampled_from([name.upper() for name in Settings.__fields__]), st.text(st.characters(blacklist_characters="\0"), max_size=40), max_size=6)
)
def test_settings_are_used_or_refused_by_name(environment: dict[str, str]) -> None:
    """Never by a traceback."""
    try:
        read_settings(environment, Path("/nonexistent"))
    except SettingsError as error:
        assert any(name in str(error) for name in environment)


@FEW
@given(TEXT)
def test_targets_of_the_console_are_read_or_refused(text: str) -> None:
    """In words."""
    try:
        targets_of(text)
    except BadTargets as error:
        assert "immediate" in str(error)


@FEW
@given(JSON)
def test_whatever_is_kept_can_be_shown_as_a_page_that_runs_nothing(kept: Any) -> None:
    """No tag of it becomes one."""
    shown = page({"kept": kept, "more": "<script>alert(1)</script><img src=x onerror=y>"})
    assert "<script" not in shown
    assert "<img" not in shown
