"""Slack: who is believed, what each kind of event means, what is posted and what is made of its errors."""

from __future__ import annotations

import json
import logging
import secrets
import time
from typing import Any, Optional
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from slack_sdk.signature import Clock, SignatureVerifier

from bot.channels.configured import MAKERS, channels_of
from bot.channels.messaging import Malformed, NotBelieved, NotConfigured, Received
from bot.channels.slack import Slack
from bot.channels.slack_reading import plain
from bot.desk.arrivals import Arrival
from bot.desk.courier import Part, TryLater, Uncertain, Undeliverable, Unreachable
from bot.safety.screening import assess
from bot.store.messages import Reply
from tests.standins.slack import SECRET, SETTINGS, TOKEN, SlackStandIn, refused

ROOM = {"channel": "D024BE91L"}


class Then(Clock):
    """Another time, for the vendor's own signing."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def now(self) -> float:
        """That time."""
        return self.seconds


def signed(body: bytes, content_type: str = "application/json", secret: str = SECRET, ago: float = 0, **more: str) -> Received:
    """A request as Slack makes it, signed by its own library."""
    at = str(int(time.time() - ago))
    signature = SignatureVerifier(secret, Then(float(at))).generate_signature(timestamp=at, body=body)
    headers = {"content-type": content_type, "x-slack-request-timestamp": at, "x-slack-signature": signature or "", **more}
    return Received("POST", "https://chat.example/webhooks/slack", headers, {}, body)


def slack(stand_in: Optional[SlackStandIn] = None) -> Slack:
    """The channel, before a workspace."""
    return Slack(SETTINGS, (stand_in or SlackStandIn()).client())


def heard(body: Any, content_type: str = "application/json") -> list[Arrival]:
    """What a request is read as."""
    whole = body if isinstance(body, bytes) else json.dumps(body).encode()
    return list(slack().parse(signed(whole, content_type)).arrivals)


def event(**inner: Any) -> dict[str, Any]:
    """An envelope of the Events API."""
    return {
        "type": "event_callback",
        "team_id": "T061EG9R6",
        "api_app_id": "A0MDYCDME",
        "event_id": "Ev0MDYHUEL",
        "event_time": 1700000000,
        "authorizations": [{"team_id": "T061EG9R6", "user_id": "U0BOT", "is_bot": True, "is_enterprise_install": False}],
        "event": inner,
    }


def direct(**inner: Any) -> dict[str, Any]:
    """A message in the direct messages of the app."""
    usual = {"type": "message", "channel": "D024BE91L", "channel_type": "im", "user": "U061F7AUR", "ts": "1700000000.000100", "event_ts": "1700000000.000100"}
    return event(**{**usual, **inner})


def changed(new: dict[str, Any], old: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A message that was edited."""
    both = [{"type": "message", "user": "U061F7AUR", "ts": "1700000000.000100", **message} for message in (new, old)]
    one = {"subtype": "message_changed", "hidden": True, "ts": "1700000009.000200", "message": both[0], "previous_message": both[1], **more}
    return {**direct(), "event": {name: value for name, value in {**direct()["event"], **one}.items() if name != "user"}}


def form(payload: Any = None, **fields: str) -> bytes:
    """A form as interactivity and slash commands send it."""
    return urlencode({"payload": json.dumps(payload)} if payload else fields).encode()


def pressed(*actions: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Buttons that were pressed."""
    return {"type": "block_actions", "user": {"id": "U061F7AUR", "team_id": "T061EG9R6"}, "trigger_id": "12.34.ab", "actions": list(actions), **more}


BUTTON = {"type": "button", "action_id": "choice-0", "block_id": "a1", "value": "/deny", "text": {"type": "plain_text", "text": "No"}, "action_ts": "1.2"}
RICH = [
    {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_section",
                "elements": [
                    {"type": "user", "user_id": "U0BOT"},
                    {"type": "text", "text": " i want to "},
                    {"type": "text", "text": "kill", "style": {"bold": True}},
                    {"type": "text", "text": " myself "},
                    {"type": "emoji", "name": "pill", "unicode": "1f48a"},
                    {"type": "link", "url": "https://a.example/b"},
                ],
            },
            {"type": "rich_text_list", "style": "bullet", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": t}]} for t in "ab"]},
        ],
    }
]
FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8", FORM])
def test_what_slack_signed_is_believed(content_type: str) -> None:
    """By the vendor's own library, with or without words of other alphabets."""
    slack().verify(signed('{"text": "grüße 👋"}'.encode(), content_type))


@pytest.mark.parametrize("ago", [-299, 299])
def test_the_clocks_may_differ_by_less_than_five_minutes(ago: float) -> None:
    """As Slack recommends."""
    slack().verify(signed(b"{}", ago=ago))


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(signed(b"{}", secret=secrets.token_hex(16)), id="another secret"),
        pytest.param(signed(b"{}", ago=302), id="replayed"),
        pytest.param(signed(b"{}", ago=-3600), id="from the future"),
        pytest.param(signed(b"\xff{}"[1:], **{"x-slack-signature": "v0=" + "0" * 64}), id="another signature"),
        pytest.param(signed(b"{}", **{"x-slack-signature": "v0=é"}), id="a signature that is no text"),
        pytest.param(signed(b"{}", **{"x-slack-request-timestamp": "soon"}), id="a time that is no number"),
        pytest.param(Received("POST", "", {}, {}, b"{}"), id="unsigned"),
        pytest.param(Received("GET", "", {}, {}, b""), id="looked at with a browser"),
        pytest.param(Received("POST", "", {**signed(b"{}").headers}, {}, b'{"a": 1}'), id="another body"),
        pytest.param(Received("POST", "", {**signed(b"{}").headers}, {}, b"\xff\xfe"), id="a body that is no text"),
    ],
)
def test_what_slack_did_not_sign_is_not_believed(request_: Received) -> None:
    """Whatever is wrong with it."""
    with pytest.raises(NotBelieved):
        slack().verify(request_)


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8"])
def test_the_address_is_verified_by_its_challenge(content_type: str) -> None:
    """It comes back as plain text."""
    body = json.dumps({"type": "url_verification", "token": "old", "challenge": "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"}).encode()
    answer = slack().parse(signed(body, content_type))
    assert (answer.returned, answer.content_type, answer.arrivals) == ("3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P", "text/plain", ())


MESSAGE = Arrival("slack", "D024BE91L 1700000000.000100", "U061F7AUR", ROOM, text="hello")
IN_ROOM = Arrival("slack", "C024BE91L 1700000000.000100", "C024BE91L", {"channel": "C024BE91L"}, "group", "hello")


def like(arrival: Arrival, **other: Any) -> Arrival:
    """The same but for something."""
    return Arrival(**{**vars(arrival), **other})


@pytest.mark.parametrize(
    ("body", "arrival"),
    [
        pytest.param(direct(text="hello", client_msg_id="d3b07384"), MESSAGE, id="a direct message"),
        pytest.param(direct(text="hello", channel_type="app_home"), MESSAGE, id="in the messages tab, as it was once called"),
        pytest.param(direct(text="hello", thread_ts="1699999999.000100"), like(MESSAGE, address={**ROOM, "thread": "1699999999.000100"}), id="in a thread"),
        pytest.param(direct(text="hello", thread_ts="1700000000.000100"), MESSAGE, id="what a thread begins with"),
        pytest.param(
            direct(text="hello", subtype="thread_broadcast", thread_ts="1699999999.000100"),
            like(MESSAGE, address={**ROOM, "thread": "1699999999.000100"}),
            id="in a thread, and sent outside of it too",
        ),
        pytest.param(direct(text="hello", subtype="me_message"), MESSAGE, id="with the command /me"),
        pytest.param(direct(text="hello", subtype="of_tomorrow"), MESSAGE, id="of a kind that is not known yet"),
        pytest.param(direct(text="*a* &lt;b&gt; &amp;amp;"), like(MESSAGE, text="a <b> &amp;"), id="markup without rich text"),
        pytest.param(
            direct(text="<@U0BOT> i want to *kill* myself", blocks=RICH),
            like(MESSAGE, text="i want to kill myself 💊https://a.example/b\na\nb"),
            id="rich text",
        ),
        pytest.param(direct(text="", files=[{"mimetype": "image/png"}], subtype="file_share"), like(MESSAGE, text="", media="picture"), id="a picture"),
        pytest.param(direct(text="hello", files=[{"mimetype": "image/png"}]), like(MESSAGE, media="picture"), id="a picture with words"),
        pytest.param(direct(text="", files=[{"mimetype": "audio/mp4", "subtype": "slack_audio"}]), like(MESSAGE, text="", media="voice"), id="a voice"),
        pytest.param(direct(text="", files=[{"mimetype": "video/mp4"}]), like(MESSAGE, text="", media="video"), id="a video"),
        pytest.param(direct(text="", files=[{"file_access": "check_file_info"}]), like(MESSAGE, text="", media="file"), id="a file of which nothing is known"),
        pytest.param(direct(text="", attachments=[{"is_share": True}]), like(MESSAGE, text="", media="attachment"), id="something passed on"),
        pytest.param(
            event(type="message", channel="C024BE91L", channel_type="channel", user="U1", text="hello", ts="1700000000.000100"), IN_ROOM, id="in a channel"
        ),
        pytest.param(
            event(type="message", channel="C024BE91L", channel_type="mpim", user="U1", text="hello", ts="1700000000.000100"), IN_ROOM, id="several people"
        ),
        pytest.param(
            event(type="message", channel="C024BE91L", channel_type="group", user="U1", text="hello", ts="1700000000.000100"), IN_ROOM, id="private channel"
        ),
        pytest.param(event(type="app_mention", channel="C024BE91L", user="U1", text="<@U0BOT> hello", ts="1700000000.000100"), IN_ROOM, id="mentioned"),
        pytest.param(
            event(type="app_mention", channel="C024BE91L", user="U1", text="<@U0BOT> hello", ts="1700000000.000100", thread_ts="1699999999.000100"),
            like(IN_ROOM, address={"channel": "C024BE91L", "thread": "1699999999.000100"}),
            id="mentioned in a thread",
        ),
        pytest.param(
            event(type="member_joined_channel", user="U0BOT", channel="C024BE91L", channel_type="C", event_ts="1700000000.000100"),
            like(IN_ROOM, text=""),
            id="taken into a channel",
        ),
        pytest.param(
            changed({"text": "hello", "edited": {"user": "U061F7AUR", "ts": "1700000009.000000"}}, {"text": "helo"}),
            like(MESSAGE, id="D024BE91L 1700000000.000100 1700000009.000000", kind="edited"),
            id="edited",
        ),
        pytest.param(
            changed({"text": "hello", "edited": {"ts": "1700000009.000000"}}, {"text": "helo"}, channel="C024BE91L", channel_type="channel"),
            like(IN_ROOM, id="C024BE91L 1700000000.000100 1700000009.000000"),
            id="edited in a channel",
        ),
    ],
)
def test_what_a_person_does_is_an_arrival(body: dict[str, Any], arrival: Arrival) -> None:
    """With the room it is answered in, and named so that the same twice is one."""
    assert heard(body) == [arrival]
    assert heard(body, "application/json; charset=utf-8") == [arrival]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(direct(text="hello", bot_id="B0BOT", bot_profile={"id": "B0BOT"}, user="U0BOT"), id="its own message"),
        pytest.param(direct(text="hello", subtype="bot_message", bot_id="B1"), id="another bot"),
        pytest.param(direct(text="hello", subtype="bot_message"), id="an old integration"),
        pytest.param(direct(text="hello", user="USLACKBOT"), id="Slackbot"),
        pytest.param(direct(text="hello", user=None), id="nobody"),
        pytest.param(event(type="app_mention", channel="C1", user="U2", bot_id="B2", text="<@U0BOT> hello", ts="1.2"), id="mentioned by a bot"),
        pytest.param(direct(subtype="message_deleted", hidden=True, user=None, deleted_ts="1.1", previous_message={"user": "U1", "text": "x"}), id="deleted"),
        pytest.param(direct(subtype="message_replied", message={"user": "U1", "text": "x"}), id="a thread has grown"),
        pytest.param(direct(subtype="channel_join", text="<@U1> has joined"), id="somebody joined"),
        pytest.param(direct(subtype="channel_topic", text="set the topic"), id="topic"),
        pytest.param(direct(subtype="huddle_thread", text="A huddle started"), id="huddle"),
        pytest.param(direct(subtype="reminder_add", text="set up a reminder"), id="reminder"),
        pytest.param(changed({"text": "<https://a.example>", "attachments": [{}]}, {"text": "<https://a.example>"}), id="a preview of a link"),
        pytest.param(changed({"text": "b", "bot_id": "B0BOT"}, {"text": "a", "bot_id": "B0BOT"}), id="its own message, edited"),
        pytest.param(changed({"text": "", "subtype": "tombstone"}, {"text": "a"}), id="a deleted message with a thread"),
        pytest.param(event(type="reaction_added", user="U1", reaction="heart", item={"type": "message", "channel": "D1", "ts": "1.1"}), id="reaction"),
        pytest.param(event(type="app_home_opened", user="U1", channel="D1", tab="messages", event_ts="1.1"), id="the app was looked at"),
        pytest.param(event(type="member_joined_channel", user="U9", channel="C1", event_ts="1.1"), id="somebody else was taken in"),
        pytest.param(event(type="assistant_thread_started", assistant_thread={"user_id": "U1"}), id="assistant"),
        pytest.param(event(type="of_tomorrow", user="U1", channel="D1"), id="unknown event"),
        pytest.param({"type": "of_tomorrow"}, id="unknown envelope"),
        pytest.param({"type": "event_callback"}, id="no event"),
        pytest.param({}, id="nothing"),
        pytest.param([], id="a list"),
        pytest.param(None, id="null"),
    ],
)
def test_what_nobody_waits_after_is_none(body: Any) -> None:
    """And is no error."""
    assert heard(body) == []


@pytest.mark.parametrize("name", ["tokens_revoked", "app_uninstalled", "app_rate_limited"])
def test_what_an_operator_has_to_know_is_in_the_log(name: str, caplog: pytest.LogCaptureFixture) -> None:
    """Without any name of Slack's."""
    with caplog.at_level(logging.WARNING):
        assert heard({"type": name, "team_id": "T061EG9R6"} if name == "app_rate_limited" else event(type=name, tokens={"bot": ["UXXXXXXX1"]})) == []
    assert "docs/channels/slack.md" in caplog.text
    assert "T061EG9R6" not in caplog.text


def test_a_mention_and_the_message_it_is_in_are_one() -> None:
    """Also brought again under another name of the event."""
    mention = event(type="app_mention", channel="C1", user="U1", text="<@U0BOT> hello", ts="1.2", client_msg_id="a")
    message = event(type="message", channel="C1", channel_type="channel", user="U1", text="<@U0BOT> hello", ts="1.2", client_msg_id="a")
    assert heard(mention) == heard({**message, "event_id": "Ev2"})


@pytest.mark.parametrize(
    ("payload", "arrivals"),
    [
        pytest.param(
            pressed(BUTTON, channel={"id": "D1"}, message={"ts": "9.9"}), [("U061F7AUR 1.2", {"channel": "D1"}, "/deny", "No", None)], id="in a message"
        ),
        pytest.param(
            pressed(BUTTON, channel={"id": "D1"}, message={"ts": "9.9", "thread_ts": "8.8"}),
            [("U061F7AUR 1.2", {"channel": "D1", "thread": "8.8"}, "/deny", "No", None)],
            id="in a thread",
        ),
        pytest.param(
            pressed(BUTTON, channel={"id": "D1"}, message={"ts": "9.9", "thread_ts": "9.9"}),
            [("U061F7AUR 1.2", {"channel": "D1"}, "/deny", "No", None)],
            id="in what a thread began with",
        ),
        pytest.param(pressed(BUTTON, channel={"id": "C1"}), [("U061F7AUR 1.2", {"channel": "U061F7AUR"}, "/deny", "No", None)], id="in a room"),
        pytest.param(pressed(BUTTON, container={"type": "view"}), [("U061F7AUR 1.2", {"channel": "U061F7AUR"}, "/deny", "No", None)], id="without a message"),
        pytest.param(
            pressed(BUTTON, {**BUTTON, "value": "/other", "action_ts": "1.3"}, channel={"id": "D1"}),
            [("U061F7AUR 1.2", {"channel": "D1"}, "/deny", "No", None), ("U061F7AUR 1.3", {"channel": "D1"}, "/other", "No", None)],
            id="two at once",
        ),
        pytest.param(
            pressed({"type": "static_select", "selected_option": {"value": "/deny"}}, channel={"id": "D1"}),
            [("U061F7AUR 12.34.ab", {"channel": "D1"}, "/deny", "", None)],
            id="a menu",
        ),
        pytest.param(
            pressed({"type": "datepicker", "selected_date": "2024-01-01", "action_ts": "1.2"}, channel={"id": "D1"}),
            [("U061F7AUR 1.2", {"channel": "D1"}, None, "", "button")],
            id="something that is not understood",
        ),
        pytest.param(
            {"type": "shortcut", "user": {"id": "U061F7AUR"}, "callback_id": "talk", "action_ts": "1.2", "trigger_id": "5"},
            [("U061F7AUR 1.2", {"channel": "U061F7AUR"}, None, "", "button")],
            id="a shortcut",
        ),
        pytest.param(pressed(BUTTON, user=None), [], id="nobody"),
        pytest.param({"type": "view_submission", "user": {"id": "U1"}, "view": {}}, [], id="a form that is not ours"),
        pytest.param({"type": "view_closed", "user": {"id": "U1"}}, [], id="a form that is closed"),
        pytest.param({"type": "block_suggestion", "user": {"id": "U1"}, "value": "a"}, [], id="suggestions"),
        pytest.param(["odd"], [], id="a list"),
    ],
)
def test_what_is_pressed_is_answered_in_private(payload: Any, arrivals: list[tuple[Any, ...]]) -> None:
    """With and without the message it was in."""
    found = heard(form(payload), FORM)
    assert [(a.id, a.address, a.payload, a.text, a.media) for a in found] == arrivals
    assert all((a.kind, a.person) == ("message", "U061F7AUR") for a in found)


@pytest.mark.parametrize(
    ("fields", "kind", "text"),
    [
        ({"text": "I failed &amp; &lt;3"}, "message", "I failed & <3"),
        ({"text": "help"}, "help", "help"),
        ({"text": ""}, "began", ""),
        ({"text": "hello", "channel_name": "general", "channel_id": "C1"}, "message", "hello"),
    ],
)
def test_a_slash_command_is_answered_in_private(fields: dict[str, str], kind: str, text: str) -> None:
    """Also when it was written in a room, where nobody else has seen it."""
    (found,) = heard(form(command="/reframe", user_id="U1", trigger_id="13.4", **{"channel_id": "D1", **fields}), FORM + "; charset=utf-8")
    assert found == Arrival("slack", "U1 13.4", "U1", {"channel": "U1"}, kind, text)  # type: ignore[arg-type]


def test_a_look_at_the_certificate_is_no_command() -> None:
    """Slack sends one from time to time."""
    assert heard(form(ssl_check="1"), FORM) == []


@pytest.mark.parametrize(("body", "content_type"), [(b"", "application/json"), (b"{", "application/json"), (b"payload=%7B", FORM)])
def test_what_is_no_json_is_malformed(body: bytes, content_type: str) -> None:
    """And only that."""
    with pytest.raises(Malformed):
        heard(body, content_type)


KEYS = (
    "type event message previous_message user channel channel_type text ts thread_ts blocks elements files unicode name subtype actions edited "
    "authorizations selected_option mimetype"
)
ANYTHING = some.recursive(
    some.none() | some.booleans() | some.integers() | some.text(max_size=5),
    lambda inner: (
        some.lists(inner, max_size=3)
        | some.dictionaries(
            some.sampled_from(KEYS.split()),
            inner | some.sampled_from(["message", "message_changed", "event_callback", "block_actions", "rich_text", "1f44d-zz", "U1", "D1"]),
            max_size=6,
        )
    ),
    max_leaves=30,
)


@given(ANYTHING)
@settings(deadline=None)  # how quick it is, is not what is asked
def test_json_of_any_shape_is_read_without_an_error(anything: Any) -> None:
    """As an event, inside of one, and as something pressed."""
    for body in (anything, event(type="message", channel="D1", user="U1", blocks=anything, files=anything, message=anything), direct(text=anything)):
        assert isinstance(heard(body), list)
    assert isinstance(heard(form({"user": {"id": "U1"}, "actions": anything, "message": anything, "channel": anything}), FORM), list)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<@U1> i want to die", "i want to die"),
        ("i want to *kill* myself", "i want to kill myself"),
        ("*_i want to die_*", "i want to die"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("su*cide", "su*cide"),
        ("<https://a.example/b_c|this> and <https://a.example/b_c> and <mailto:a@b.example|a@b.example>", "this and https://a.example/b_c and a@b.example"),
        ("<!here> <#C1|general> <!subteam^S1|@team> <!date^1^{date}|today>", "general @team today"),
        ("a &lt;b&gt; &amp;lt;", "a <b> &lt;"),
    ],
)
def test_slacks_markup_is_read_as_plain_text(written: str, read: str) -> None:
    """So that it hides nothing from the screening."""
    assert plain(written) == read


def test_bold_words_do_not_hide_danger() -> None:
    """With rich text and without."""
    for body in (direct(text="i want to *kill* myself"), direct(text="x", blocks=RICH)):
        assert assess(heard(body)[0].text).tier == "urgent"


# -- sending -----------------------------------------------------------------------------------------------------------


async def test_every_character_appears_as_it_is() -> None:
    """Markup of Slack's and of others, emoji codes, links, mentions."""
    stand_in = SlackStandIn()
    text = "<b>x</b> *x* _x_ ~x~ `x` & &amp; <@U1> @here :smile: > a https://findahelpline.com/i/iasp?a_b=1&c=2. (988lifeline.org) no.where"
    await slack(stand_in).send(ROOM, Part(text))
    assert stand_in.shown() == [text]
    (message,) = stand_in.got
    links = [e["url"] for e in message["blocks"][0]["elements"][0]["elements"] if e["type"] == "link"]
    assert links == ["https://findahelpline.com/i/iasp?a_b=1&c=2", "https://988lifeline.org"]
    assert message["text"].startswith("&lt;b&gt;x&lt;/b&gt; *x* _x_ ~x~ `x` &amp; &amp;amp; &lt;@U1&gt;")
    assert (message["mrkdwn"], message["unfurl_links"], message["unfurl_media"]) == (False, False, False)


@pytest.mark.parametrize("thread", [{}, {"thread": "1699999999.000100"}])
async def test_a_thread_is_answered_in_the_thread(thread: dict[str, str]) -> None:
    """And what was not in one, not."""
    stand_in = SlackStandIn()
    await slack(stand_in).send({**ROOM, **thread}, Part("hello"))
    assert [(m["channel"], m.get("thread_ts")) for m in stand_in.got] == [("D024BE91L", thread.get("thread"))]


async def test_a_thread_that_is_gone_is_answered_outside_of_it() -> None:
    """So that the answer is not lost."""
    stand_in = SlackStandIn(trouble=[refused("thread_not_found")])
    await slack(stand_in).send({**ROOM, "thread": "1699999999.000100"}, Part("hello"))
    assert "thread_ts" not in stand_in.got[0]


async def test_buttons_are_slacks_own_within_its_limits() -> None:
    """More than a row takes become two rows; a long title is cut, its payload is not."""
    stand_in = SlackStandIn()
    buttons = tuple({"title": f"{n} " + "w" * 90, "payload": f"/p{n}"} for n in range(26))
    await slack(stand_in).send(ROOM, Part("which?", buttons))
    rows = stand_in.got[0]["blocks"][1:]
    assert [len(row["elements"]) for row in rows] == [25, 1]
    assert [b["value"] for row in rows for b in row["elements"]] == [b["payload"] for b in buttons]
    assert all(len(b["text"]["text"]) == 75 and b["text"]["text"].endswith("…") for row in rows for b in row["elements"])


async def test_long_replies_are_sent_in_parts_with_help_first_and_buttons_last() -> None:
    """Each of them within the limit."""
    stand_in = SlackStandIn()
    channel = slack(stand_in)
    long = "\n\n".join(["One sentence & another one 😔. " * 120] * 3 + ["Call 116 123, or findahelpline.com."])
    parts = channel.parts(Reply(long, ({"title": "Go on", "payload": "/on"},), author="crisis"))
    for part in parts:
        await channel.send(ROOM, part)
    assert len(stand_in.got) == len(parts) > 2
    assert "116 123" in stand_in.shown()[0]
    assert [bool(part.buttons) for part in parts] == [False] * (len(parts) - 1) + [True]


def test_a_supporter_is_named_before_what_they_say() -> None:
    """And the program is not."""
    assert slack().parts(Reply("I'm here.", author="supporter", speaker="Sam")) == [Part("Sam (a person): I'm here.")]
    assert slack().parts(Reply("I'm here.")) == [Part("I'm here.")]


@pytest.mark.parametrize(
    ("trouble", "error", "seconds"),
    [
        (refused("channel_not_found"), Unreachable, None),
        (refused("is_archived"), Unreachable, None),
        (refused("not_in_channel"), Unreachable, None),
        (refused("restricted_action_read_only_channel"), Unreachable, None),
        (refused("user_disabled"), Unreachable, None),
        (refused("msg_too_long"), Undeliverable, None),
        (refused("invalid_blocks"), Undeliverable, None),
        (refused("no_text"), Undeliverable, None),
        (refused("of_tomorrow"), Undeliverable, None),
        (httpx.Response(200, json={"ok": False, "error": "ratelimited"}, headers={"Retry-After": "30"}), TryLater, 30),
        (refused("rate_limited"), TryLater, 5),
        (refused("team_added_to_org"), TryLater, 5),
        (httpx.Response(429, json={"ok": False, "error": "ratelimited"}, headers={"Retry-After": "7"}), TryLater, 7),
        (refused("invalid_auth"), TryLater, None),
        (refused("account_inactive"), TryLater, None),
        (refused("token_revoked"), TryLater, None),
        (refused("missing_scope"), TryLater, None),
        (refused("messages_tab_disabled"), TryLater, None),
        (httpx.Response(503), TryLater, None),
        (httpx.ConnectError("refused"), TryLater, None),
        (refused("fatal_error"), Uncertain, None),
        (refused("internal_error"), Uncertain, None),
        (httpx.ReadTimeout("slow"), Uncertain, None),
        (httpx.Response(200, text="<html>a proxy</html>"), Uncertain, None),
        (httpx.Response(200, json=["odd"]), Uncertain, None),
    ],
)
async def test_each_error_of_slack_has_its_consequence(trouble: Any, error: type[Exception], seconds: Optional[float]) -> None:
    """By what can be done about it; none of them holds the token or the room."""
    with pytest.raises(error) as raised:
        await slack(SlackStandIn(trouble=[trouble])).send(ROOM, Part("hello"))
    assert type(raised.value) is error
    assert getattr(raised.value, "seconds", None) == seconds
    assert not any(secret in str(raised.value) for secret in (TOKEN, ROOM["channel"]))


async def test_the_stand_in_refuses_what_slack_would() -> None:
    """So that the tests above can fail."""
    stand_in = SlackStandIn()
    for part in (Part("x" * 3001), Part("x", ({"title": "x", "payload": "p" * 2001},)), Part(" ", ({"title": "", "payload": "p"},))):
        with pytest.raises(Exception, match=r"invalid_blocks|cannot exceed|text"):
            await slack(stand_in).send(ROOM, part)
    with pytest.raises(TryLater, match="invalid_auth"):
        await slack(SlackStandIn(token=secrets.token_hex(4))).send(ROOM, Part("x"))
    assert stand_in.got == []


# -- configuration -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({}, None),
        ({"scopes": None}, None),
        ({"token": "another"}, "REFRAME_SLACK_TOKEN (invalid_auth)"),
        ({"bot": False}, "no bot token"),
        ({"scopes": "chat:write"}, "im:history"),
        ({"scopes": "im:history, users:read"}, "chat:write"),
        ({"trouble": [httpx.ConnectError("away")]}, "REFRAME_SLACK_API"),
        ({"trouble": [httpx.Response(200, text="<html>")]}, "REFRAME_SLACK_API"),
        ({"server": None}, "REFRAME_PUBLIC_URL"),
        ({"status": 404}, "status 404"),
        ({"server": Slack({**SETTINGS, "reframe_slack_signing_secret": "another"})}, "REFRAME_SLACK_SIGNING_SECRET"),
    ],
)
async def test_the_check_says_what_is_wrong(wrong: dict[str, Any], says: Optional[str]) -> None:
    """One thing at a time, and nothing when nothing is; no secret is in it."""
    problems = await slack(SlackStandIn(**{"server": slack(), **wrong})).check("https://chat.example/")
    assert len(problems) == (says is not None)
    assert all(says in problem and TOKEN not in problem and SECRET not in problem for problem in problems)


@pytest.mark.parametrize("missing", ["reframe_slack_token", "reframe_slack_signing_secret"])
def test_half_a_configuration_does_not_start(missing: str) -> None:
    """It says which half is missing."""
    others = dict.fromkeys((name for needed, _ in MAKERS.values() for name in needed), "")
    with pytest.raises(NotConfigured, match=missing.upper()):
        channels_of({**others, **SETTINGS, missing: ""}, "https://chat.example")
    assert [c.name for c in channels_of({**others, **SETTINGS}, "https://chat.example")] == ["slack"]
    assert channels_of(others, "https://chat.example") == []
