"""Texts and WhatsApp from Twilio's request to Twilio's interface: a real server, real signatures, and a stand-in for what is sent to."""

from __future__ import annotations

import asyncio
import secrets
import socket
import tempfile
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, AsyncIterator, Callable, Optional

import httpx
import pytest
from sanic import Sanic
from sanic.touchup import TouchUp
from twilio.request_validator import RequestValidator

from bot.channels.twilio import HOW_TO_CHOOSE, Sms, Twilio, WhatsApp
from bot.channels.webhooks import webhooks
from bot.desk.arrivals import Inbox
from bot.desk.courier import Courier
from bot.desk.reception import Reception
from bot.desk.standing import moment
from bot.store.conversations import Conversations
from bot.store.correspondents import Correspondents
from bot.store.messages import Reply
from bot.store.outbox import Outbox
from bot.store.sealing import Sealer
from tests.store.test_desk import Answer, desk_with, echo
from tests.store.test_messaging import KEYS
from tests.twilio_stand_in import OURS, PERSON, PUBLIC, StandIn, text_form, whatsapp_form

NOTICE = "I'm a program."


@dataclass
class Line:
    """A running server, and Twilio at its two ends."""

    twilio: StandIn
    reception: Reception
    client: httpx.AsyncClient

    async def post(self, form: dict[str, str], token: Optional[str] = None) -> httpx.Response:
        """As Twilio does, which knows only the public address."""
        path = "/webhooks/whatsapp" if form.get("From", "").startswith("whatsapp:") else "/webhooks/sms"
        signature = RequestValidator(token or self.twilio.token).compute_signature(PUBLIC + path, form)
        return await self.client.post(path, data=form, headers={"X-Twilio-Signature": signature})

    def texts(self) -> list[str]:
        """What was sent, in order, without the notice."""
        return [message["Body"] for message in self.twilio.sent if message["Body"] != NOTICE]

    async def until(self, done: Callable[[], bool]) -> None:
        """Wait until something is so. Fails after some seconds."""
        for _ in range(3000):
            if done():
                return
            await asyncio.sleep(0.02)
        pytest.fail(f"never came: {self.twilio.sent}")

    def stored(self, channel: str = "sms", person: str = PERSON) -> list[Any]:
        """The conversation as it is kept."""
        return self.reception.desk.store.messages(self.reception.sealer.pseudonym(channel, person))


@pytest.fixture(autouse=True)
def several_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sanic rewrites its own methods at the start for speed, which works once in a process."""
    once = TouchUp.run
    monkeypatch.setattr(TouchUp, "run", lambda app: None if getattr(Sanic, "__touched__", False) else once(app))


@asynccontextmanager
async def serving(store: Conversations, answer: Answer = echo) -> AsyncIterator[Line]:
    """Both channels on a free port, behind an address that only Twilio knows."""
    twilio, sealer = StandIn(), Sealer(KEYS)
    channels: list[Twilio] = [Sms(twilio.settings(), client=twilio.client()), WhatsApp(twilio.settings(), client=twilio.client())]
    desk, people = desk_with(store, answer), Correspondents(store.database)
    courier = Courier(Outbox(store.database), people, sealer, list(channels), desk.keep)
    reception = Reception(desk, people, Inbox(Path(tempfile.mkdtemp()), sealer), courier, sealer)
    app = Sanic(f"twilio-{secrets.token_hex(4)}")
    app.blueprint(webhooks(reception, list(channels), PUBLIC))
    before = asyncio.all_tasks()
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = await app.create_server(sock=listening, return_asyncio_server=True, access_log=False)
        await server.startup()
        app.is_running = True  # as Sanic's own run() says; without it the work behind the addresses cannot begin
        await server.after_start()
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{listening.getsockname()[1]}") as client:
            yield Line(twilio, reception, client)
        server.server.close()
        work = [task for task in asyncio.all_tasks() - before if task is not asyncio.current_task()]
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)


async def test_twilio_is_answered_at_once_while_the_turn_still_runs(store: Conversations) -> None:
    """With an empty TwiML document; the reply comes by the interface."""
    may_end = asyncio.Event()

    async def slow(text: str) -> list[Reply]:
        await may_end.wait()
        return [Reply("at last")]

    async with serving(store, slow) as line:
        taken = []
        for _ in range(3):  # a machine that is busy with something else may be slow once
            began = time.monotonic()
            response = await line.post(text_form("hello"))
            taken.append(time.monotonic() - began)
        assert min(taken) < 0.5
        assert (response.status_code, response.headers["content-type"].partition(";")[0]) == (200, "application/xml")
        assert "<Response" in response.text
        assert "<Message" not in response.text
        assert line.texts() == []
        may_end.set()
        await line.until(lambda: line.texts() == ["at last"] * 3)


async def test_brought_again_a_message_is_answered_once(store: Conversations) -> None:
    """Also by the address for failures, and a yes too."""
    async with serving(store) as line:
        for form in (text_form("hello"), text_form("yes")):
            for again in (form, form, {**form, "ErrorCode": "11200", "ErrorUrl": f"{PUBLIC}/webhooks/sms"}):
                assert (await line.post(again)).status_code == 200
        await line.post(text_form("bye"))
        await line.until(lambda: "heard bye" in line.texts())
        assert line.texts() == ["heard hello", "heard yes", "heard bye"]


async def test_what_is_forged_is_refused_and_counted_and_nothing_else(store: Conversations) -> None:
    """Unsigned, by another token, and changed after signing."""
    async with serving(store) as line:
        form = text_form("STOP")
        signed = RequestValidator(line.twilio.token).compute_signature(f"{PUBLIC}/webhooks/sms", form)
        refused = [
            await line.client.post("/webhooks/sms", data=form),
            await line.post(form, secrets.token_hex(16)),
            await line.client.post("/webhooks/sms", data={**form, "From": "+447700900999"}, headers={"X-Twilio-Signature": signed}),
            await line.client.post("/webhooks/whatsapp", data=form, headers={"X-Twilio-Signature": signed}),
        ]
        assert [response.status_code for response in refused] == [403] * 4
        counted = {channel: count for channel, _, count in line.reception.courier.outbox.rejections()}
        assert counted == {"sms": 3, "whatsapp": 1}
        assert line.stored() == []
        assert line.twilio.sent == []


async def test_quick_messages_of_one_person_are_answered_in_order_and_others_do_not_wait(store: Conversations) -> None:
    """Each medium is a conversation of its own."""
    may_end = asyncio.Event()

    async def slow(text: str) -> list[Reply]:
        if text == "one":
            await may_end.wait()
        return [Reply(f"heard {text}")]

    async with serving(store, slow) as line:
        for form in (text_form("one"), text_form("two"), text_form("three"), whatsapp_form("by the way")):
            await line.post(form)
        await line.until(lambda: line.texts() == ["heard by the way"])
        may_end.set()
        await line.until(lambda: len(line.texts()) == 4)
        assert line.texts() == ["heard by the way", "heard one", "heard two", "heard three"]
        assert [(m["To"], m["From"]) for m in line.twilio.sent if m["Body"] == "heard by the way"] == [(f"whatsapp:{PERSON}", f"whatsapp:{OURS}")]


async def test_end_alone_in_a_text_stops_with_the_numbers_of_help_until_a_yes(store: Conversations) -> None:
    """Whoever writes it may mean something else than the carriers do."""
    async with serving(store) as line:
        for body in ("hello", "END", "anyone?", "YES", "yes"):
            await line.post(text_form(body))
        await line.until(lambda: "heard yes" in line.texts())
        hello, stopped, *rest = line.texts()
        assert (hello, rest) == ("heard hello", ["heard yes"])
        assert stopped.startswith(moment("stopped"))
        assert "findahelpline.com" in stopped
        assert [m["Body"] for m in line.twilio.sent].count(NOTICE) == 2


async def test_end_alone_on_whatsapp_is_a_message(store: Conversations) -> None:
    """No rule makes a command of it there."""
    async with serving(store) as line:
        await line.post(whatsapp_form("end"))
        await line.until(lambda: line.texts() == ["heard end"])


async def test_where_twilio_stops_by_itself_its_refusal_is_seen_by_supervisors(store: Conversations) -> None:
    """Nothing of ours arrives after its own confirmation, and a start is heard."""
    async with serving(store) as line:
        await line.post(text_form("hello"))
        await line.until(lambda: line.texts() == ["heard hello"])
        line.twilio.stopped.add(PERSON)
        await line.post(text_form("STOP"))
        await line.until(lambda: bool(line.reception.courier.outbox.dead_letters()))
        assert "(Twilio's error 21610)" in line.reception.courier.outbox.dead_letters()[0][3]
        line.twilio.stopped.clear()
        await line.post(text_form("START"))
        await line.post(text_form("bye"))
        await line.until(lambda: "heard bye" in line.texts())
        assert line.texts() == ["heard hello", "heard bye"]


async def test_with_advanced_opt_out_there_is_one_confirmation(store: Conversations) -> None:
    """Twilio's own; ours is not even tried."""
    async with serving(store) as line:
        await line.post(text_form("hello"))
        await line.until(lambda: line.texts() == ["heard hello"])
        await line.post(text_form("STOP", OptOutType="STOP"))
        await line.post(text_form("START", OptOutType="START"))
        await line.post(text_form("bye"))
        await line.until(lambda: "heard bye" in line.texts())
        assert line.texts() == ["heard hello", "heard bye"]
        assert line.reception.courier.outbox.dead_letters() == []


@pytest.mark.parametrize("form", [text_form, whatsapp_form])
async def test_a_number_chooses_and_a_picture_is_not_met_with_silence(store: Conversations, form: Callable[..., dict[str, str]]) -> None:
    """In both media."""

    async def offers(text: str) -> list[Reply]:
        return [Reply(f"{text}: which?", ({"title": "Small shifts", "payload": "/reflect_small_shifts"}, {"title": "Other", "payload": "/other"}))]

    async with serving(store, offers) as line:
        await line.post(form("hello"))
        await line.until(lambda: len(line.texts()) == 1)
        await line.post(form("2"))
        await line.post(form("", NumMedia="1", MediaContentType0="image/jpeg"))
        await line.until(lambda: moment("media") in line.texts())
        choices = f"which?\n\n1 Small shifts\n2 Other\n{HOW_TO_CHOOSE}"
        assert line.texts() == [f"hello: {choices}", f"Other: {choices}", moment("media")]


async def test_danger_is_answered_with_the_numbers_first_and_help_gives_them_too(store: Conversations) -> None:
    """As on the website."""
    async with serving(store) as line:
        await line.post(text_form("I want to kill myself tonight"))
        await line.until(lambda: len(line.texts()) >= 1)
        await line.post(text_form("HELP"))
        await line.until(lambda: any("These people listen" in text for text in line.texts()))
        assert {m.author for m in line.stored() if m.answers} == {"crisis", "help"}


async def test_reports_of_our_own_messages_are_taken_and_not_kept(store: Conversations) -> None:
    """Nor is what cannot be read."""
    async with serving(store) as line:
        report = {"MessageSid": "SM1", "From": OURS, "To": PERSON, "MessageStatus": "undelivered", "ErrorCode": "30003"}
        assert (await line.post(report)).status_code == 200
        body = "{"
        validator = RequestValidator(line.twilio.token)
        path = f"/webhooks/sms?bodySHA256={validator.compute_hash(body)}"
        headers = {"Content-Type": "application/json", "X-Twilio-Signature": validator.compute_signature(PUBLIC + path, {})}
        assert (await line.client.post(path, content=body, headers=headers)).status_code == 400
        assert line.stored() == line.stored(person=OURS) == []


async def test_a_message_by_get_is_heard_as_well(store: Conversations) -> None:
    """Where somebody has chosen that in Twilio's console."""
    async with serving(store) as line:
        path = str(httpx.URL("/webhooks/sms", params=text_form("hello")))
        signature = RequestValidator(line.twilio.token).compute_signature(PUBLIC + path, {})
        assert (await line.client.get(path, headers={"X-Twilio-Signature": signature})).status_code == 200
        await line.until(lambda: line.texts() == ["heard hello"])
