"""Messenger: who is believed, what each kind of event means, what is sent and what is made of Meta's errors."""

from __future__ import annotations

import json
import logging
import secrets
from typing import Any, Optional

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from bot.channels.configured import MAKERS, channels_of
from bot.channels.messaging import Malformed, NotBelieved, NotConfigured, Received
from bot.channels.messenger import Messenger
from bot.desk.arrivals import Arrival
from bot.desk.courier import Part, TryLater, Uncertain, Undeliverable, Unreachable
from bot.store.messages import Reply
from tests.standins.messenger import LATE, PAGE, SECRET, SETTINGS, TOKEN, WORD, MetaStandIn, refused, signature

ANN = {"person": "1111"}


def signed(body: bytes, **headers: str) -> Received:
    """A delivery as Meta makes it."""
    given_ = {"content-type": "application/json", "x-hub-signature-256": signature(body), **headers}
    return Received("POST", "https://chat.example/webhooks/messenger", given_, {}, body)


def asked(**query: str) -> Received:
    """What Meta asks when an address is registered."""
    given_ = {"hub.mode": "subscribe", "hub.verify_token": WORD, "hub.challenge": "1158201444"}
    return Received("GET", "https://chat.example/webhooks/messenger", {}, {**given_, **{f"hub.{name}": value for name, value in query.items()}}, b"")


def messenger(stand_in: Optional[MetaStandIn] = None) -> Messenger:
    """The channel, before Meta."""
    return Messenger(SETTINGS, (stand_in or MetaStandIn()).client())


def heard(body: Any) -> list[Arrival]:
    """What a delivery is read as."""
    return list(messenger().parse(signed(json.dumps(body).encode())).arrivals)


def of(person: Optional[str] = "1111", **happened: Any) -> dict[str, Any]:
    """One event of a person."""
    return {"sender": {"id": person}, "recipient": {"id": "900"}, "timestamp": 1458692752478, **happened}


def delivery(*happened: Any, where: str = "messaging") -> dict[str, Any]:
    """One entry with its events."""
    return {"object": "page", "entry": [{"id": "900", "time": 1458692752500, where: list(happened)}]}


def said(**message: Any) -> dict[str, Any]:
    """A message of a person."""
    return of(message={"mid": "m_1", **message})


def attached(kind: str, **payload: Any) -> list[dict[str, Any]]:
    """What can be sent along."""
    return [{"type": kind, "payload": {"url": "https://cdn.example/x", **payload}}]


@pytest.mark.parametrize("body", [b"{}", '{"text": "grüße 👋"}'.encode(), b'{"text":"gr\\u00fc\\u00dfe"}'])
def test_what_meta_signed_is_believed(body: bytes) -> None:
    """With or without words of other alphabets, as raw bytes."""
    messenger().verify(signed(body))


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(signed(b"{}", **{"x-hub-signature-256": signature(b"{}", secrets.token_hex(16))}), id="another secret"),
        pytest.param(signed(b"{}", **{"x-hub-signature-256": signature(b"{ }")}), id="another body"),
        pytest.param(signed(b"{}", **{"x-hub-signature-256": signature(b"{}")[7:]}), id="without the name of the method"),
        pytest.param(signed(b"{}", **{"x-hub-signature-256": signature(b"{}", by="sha1")}), id="the old method"),
        pytest.param(signed(b"{}", **{"x-hub-signature-256": "sha256=é"}), id="a signature that is no text"),
        pytest.param(Received("POST", "", {"x-hub-signature": signature(b"{}", by="sha1")}, {}, b"{}"), id="only the old header"),
        pytest.param(Received("POST", "", {}, {}, b"{}"), id="unsigned"),
        pytest.param(asked(verify_token=secrets.token_hex(4)), id="another word"),
        pytest.param(asked(mode="unsubscribe"), id="another mode"),
        pytest.param(Received("GET", "", {}, {}, b""), id="looked at with a browser"),
    ],
)
def test_what_meta_did_not_sign_is_not_believed(request_: Received) -> None:
    """Whatever is wrong with it."""
    with pytest.raises(NotBelieved):
        messenger().verify(request_)


def test_the_challenge_goes_back_to_whoever_knows_the_word() -> None:
    """As it came, in plain text."""
    messenger().verify(asked())
    answer = messenger().parse(asked(challenge="<b>1158201444"))
    assert (answer.returned, answer.content_type, answer.arrivals) == ("<b>1158201444", "text/plain", ())


MESSAGE = Arrival("messenger", "m_1", "1111", ANN, text="hello")


def like(**other: Any) -> Arrival:
    """A message but for something."""
    return Arrival(**{**vars(MESSAGE), **other})


@pytest.mark.parametrize(
    ("happened", "arrival"),
    [
        pytest.param(said(text="hello"), MESSAGE, id="text"),
        pytest.param(said(text="hello", reply_to={"mid": "m_0"}), MESSAGE, id="a reply to a message"),
        pytest.param(said(text="hello", reply_to={"story": {"url": "https://cdn.example/s", "id": "s"}}), MESSAGE, id="a reply to a story"),
        pytest.param(said(text="hello", referral={"ref": "flyer", "source": "SHORTLINK"}), MESSAGE, id="text after a link"),
        pytest.param(said(text="hello", nlp={"entities": {}}, commands=[{"name": "x"}]), MESSAGE, id="text with what Meta made of it"),
        pytest.param(said(text="No", quick_reply={"payload": "/deny"}), like(text="No", payload="/deny"), id="a quick reply"),
        pytest.param(said(quick_reply={"payload": "/deny"}), like(text="", payload="/deny"), id="a quick reply without a title"),
        pytest.param(said(attachments=attached("image")), like(text="", media="picture"), id="a picture"),
        pytest.param(said(text="hello", attachments=attached("image")), like(media="picture"), id="a picture with words"),
        pytest.param(said(attachments=attached("audio")), like(text="", media="voice"), id="a voice"),
        pytest.param(said(attachments=attached("video")), like(text="", media="video"), id="a video"),
        pytest.param(said(attachments=attached("file")), like(text="", media="file"), id="a file"),
        pytest.param(said(attachments=attached("location", coordinates={"lat": 1, "long": 2})), like(text="", media="location"), id="a place"),
        pytest.param(said(attachments=attached("ig_reel")), like(text="", media="ig_reel"), id="a film"),
        pytest.param(said(attachments=attached("story_mention")), like(text="", media="story_mention"), id="mentioned in a story"),
        pytest.param(
            said(attachments=[{"type": "fallback", "payload": None, "title": "A page"}]), like(text="", media="fallback"), id="something that was shared"
        ),
        pytest.param(said(text="https://a.example", attachments=[{"type": "fallback"}]), like(text="https://a.example", media="fallback"), id="a link"),
        pytest.param(said(attachments=attached("image", sticker_id=144885262352407)), like(text="", media="sticker"), id="a sticker"),
        pytest.param(said(attachments=attached("sticker", sticker_id="144885262352407")), like(text="", media="sticker"), id="a sticker, the new way"),
        pytest.param(said(sticker_id=369239263222822, attachments=attached("image", sticker_id=369239263222822)), like(text="👍"), id="the thumb"),
        pytest.param(said(is_unsupported=True), like(text="", media="attachment"), id="something that is not supported"),
        pytest.param(of(message={"text": "hello"}), like(id="1111 1458692752478"), id="without a name"),
        pytest.param(of(message_edit={"mid": "m_1", "text": "hello", "num_edit": 2}), like(id="m_1 2", kind="edited"), id="edited"),
        pytest.param(of(postback={"mid": "m_1", "title": "Get started", "payload": "GET_STARTED"}), like(text="", kind="began"), id="begun"),
        pytest.param(
            of(
                postback={
                    "mid": "m_1",
                    "title": "Get started",
                    "payload": "get started",
                    "referral": {"ref": "flyer", "source": "SHORTLINK", "type": "OPEN_THREAD"},
                }
            ),
            like(text="", kind="began"),
            id="begun after a link",
        ),
        pytest.param(
            of(postback={"title": "Get started", "payload": "GET_STARTED"}), like(text="", kind="began", id="1111 1458692752478"), id="begun, the old way"
        ),
        pytest.param(
            of(postback={"mid": "m_1", "title": "I failed", "payload": "/p", "referral": {"ref": "a"}}), like(text="I failed", payload="/p"), id="a question"
        ),
        pytest.param(of(postback={"mid": "m_1", "title": "Menu"}), like(text="Menu"), id="a button of another app"),
        pytest.param(of(postback={"mid": "m_1"}), like(text="", media="button"), id="a button of which nothing is known"),
        pytest.param(of(optin={"ref": "PASS_THROUGH"}), like(text="", kind="began", id="1111 1458692752478"), id="a message was asked for on a page"),
    ],
)
def test_what_a_person_does_is_an_arrival(happened: dict[str, Any], arrival: Arrival) -> None:
    """Named so that the same twice is one."""
    assert heard(delivery(happened)) == [arrival]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(delivery(of("900", message={"mid": "m_1", "is_echo": True, "app_id": 1, "text": "x"})), id="its own message"),
        pytest.param(delivery(of("900", message={"mid": "m_1", "is_echo": True, "text": "x"})), id="what a human of the page wrote"),
        pytest.param(delivery(of(delivery={"mids": ["m_1"], "watermark": 1})), id="delivered"),
        pytest.param(delivery(of(read={"watermark": 1})), id="read"),
        pytest.param(delivery(of(reaction={"reaction": "love", "emoji": "❤", "action": "react", "mid": "m_1"})), id="reaction"),
        pytest.param(delivery(said(is_deleted=True)), id="taken back"),
        pytest.param(delivery(of(message_edit={"mid": "m_1", "text": "", "num_edit": 1})), id="edited away"),
        pytest.param(delivery(of(referral={"ref": "flyer", "source": "SHORTLINK", "type": "OPEN_THREAD"})), id="a link was followed"),
        pytest.param(delivery(of(optin={"type": "notification_messages", "payload": "x", "notification_messages_token": "y"})), id="news were asked for"),
        pytest.param(delivery(of(None, optin={"ref": "x", "user_ref": "y"})), id="a box was ticked by somebody without a name"),
        pytest.param(delivery(of(account_linking={"status": "linked"})), id="an account was linked"),
        pytest.param(delivery(of(pass_thread_control={"new_owner_app_id": 1, "metadata": ""})), id="handed over"),
        pytest.param(delivery(of(take_thread_control={"previous_owner_app_id": 1})), id="taken over"),
        pytest.param(delivery(of(request_thread_control={"requested_owner_app_id": 1})), id="asked for"),
        pytest.param(delivery(of(app_roles={"1": ["primary_receiver"]})), id="roles"),
        pytest.param(delivery(said(text="hello"), where="standby"), id="what another app answers"),
        pytest.param(delivery({"field": "feed", "value": {"item": "comment"}}, where="changes"), id="a comment on the page"),
        pytest.param(delivery(of(of_tomorrow={"text": "x"})), id="unknown event"),
        pytest.param(delivery(None, [], "odd", 5), id="odd events"),
        pytest.param({"object": "page", "entry": [None, "odd"]}, id="odd entries"),
        pytest.param({"object": "of_tomorrow"}, id="nothing"),
        pytest.param([], id="a list"),
        pytest.param(None, id="null"),
    ],
)
def test_what_nobody_waits_after_is_none(body: Any) -> None:
    """And is no error."""
    assert heard(body) == []


def test_of_several_entries_with_several_events_none_is_lost_and_the_order_is_kept() -> None:
    """Of different people, among events that are nobody's words."""
    one = delivery(of(read={"watermark": 1}), of(message={"mid": "m_1", "text": "hi"}), of("2222", message={"mid": "m_2", "text": "hello"}))
    two = delivery(of(message={"mid": "m_3", "text": "I want to die"}), None, of(postback={"mid": "m_4", "title": "x", "payload": "y"}))
    found = heard({"object": "page", "entry": [*one["entry"], {"id": "900"}, *two["entry"]]})
    assert [(a.person, a.id, a.text) for a in found] == [
        ("1111", "m_1", "hi"),
        ("2222", "m_2", "hello"),
        ("1111", "m_3", "I want to die"),
        ("1111", "m_4", "x"),
    ]


def test_a_restriction_by_meta_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """Without its reason, which may hold names."""
    with caplog.at_level(logging.WARNING):
        assert heard(delivery({"recipient": {"id": "900"}, "timestamp": 1, "policy_enforcement": {"action": "block", "reason": "of page 900"}})) == []
    assert "docs/channels/messenger.md" in caplog.text
    assert "900" not in caplog.text


def test_what_is_no_json_is_malformed() -> None:
    """And only that."""
    with pytest.raises(Malformed):
        messenger().parse(signed(b"{"))


KEYS = "object entry messaging sender id message mid text attachments type payload sticker_id quick_reply postback title message_edit optin ref timestamp"
ANYTHING = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=5),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.sampled_from(KEYS.split()), inner, max_size=6),
    max_leaves=30,
)


@given(ANYTHING, some.sampled_from(["message", "postback", "message_edit", "optin", "policy_enforcement"]))
@settings(deadline=None)  # how quick it is, is not what is asked
def test_json_of_any_shape_is_read_without_an_error(anything: Any, kind: str) -> None:
    """As a delivery and as an event in it, and what follows it is not lost."""
    assert isinstance(heard(anything), list)
    assert heard(delivery(anything, of(**{kind: anything}), said(text="hello")))[-1] == MESSAGE


# -- sending -----------------------------------------------------------------------------------------------------------


async def test_text_is_sent_as_it_is() -> None:
    """As an answer, with the proof that the secret is known; the token is in no address."""
    stand_in = MetaStandIn()
    text = "<b>x</b> *x* _x_ & &amp; https://findahelpline.com/?a_b=1 😔"
    await messenger(stand_in).send(ANN, Part(text))
    assert stand_in.got == [{"recipient": {"id": "1111"}, "messaging_type": "RESPONSE", "message": {"text": text}}]


async def test_choices_are_quick_replies() -> None:
    """With title and payload."""
    stand_in = MetaStandIn()
    (part,) = messenger().parts(Reply("which?", ({"title": "Something else", "payload": "/deny"},)))
    await messenger(stand_in).send(ANN, part)
    assert stand_in.got[0]["message"] == {"text": "which?", "quick_replies": [{"content_type": "text", "title": "Something else", "payload": "/deny"}]}


@pytest.mark.parametrize(
    ("buttons", "titles"),
    [
        ([("Looking back at a therapy", "/a"), ("Other", "/b")], ["1. Looking back at…", "2. Other"]),
        ([("x" * 20, "/a"), ("y" * 21, "/b")], ["1. " + "x" * 16 + "…", "2. " + "y" * 16 + "…"]),
        ([(f"T{n}", f"/{n}") for n in range(1, 16)], [f"{n}. T{n}" for n in range(1, 14)]),
        ([("Short", "/" + "p" * 1000), ("Other", "/b")], ["2. Other"]),
    ],
)
async def test_choices_that_do_not_fit_are_listed_to_be_chosen_by_number(buttons: list[tuple[str, str]], titles: list[str]) -> None:
    """Whole in the text, and shortened on the quick replies as far as there is room for them."""
    stand_in = MetaStandIn()
    (part,) = messenger().parts(Reply("which?", tuple({"title": title, "payload": payload} for title, payload in buttons)))
    await messenger(stand_in).send(ANN, part)
    sent = stand_in.got[0]["message"]
    assert sent["text"] == "which?\n\n" + "\n".join(f"{n}. {title}" for n, (title, _) in enumerate(buttons, 1))
    assert [choice["title"] for choice in sent["quick_replies"]] == titles


async def test_long_replies_are_sent_in_parts_with_help_first_and_choices_last() -> None:
    """Each of them within the limit."""
    stand_in = MetaStandIn()
    long = "\n\n".join(["One sentence and another one 😔. " * 90] * 3 + ["Call 116 123, or findahelpline.com."])
    parts = messenger().parts(Reply(long, ({"title": "A choice that is rather long", "payload": "/on"},), author="crisis"))
    for part in parts:
        await messenger(stand_in).send(ANN, part)
    assert len(stand_in.got) == len(parts) > 3
    assert "116 123" in stand_in.shown()[0]
    assert stand_in.shown()[-1].endswith("1. A choice that is rather long")
    assert [bool(part.buttons) for part in parts] == [False] * (len(parts) - 1) + [True]


def test_a_supporter_is_named_before_what_they_say() -> None:
    """And the program is not."""
    assert messenger().parts(Reply("I'm here.", author="supporter", speaker="Sam")) == [Part("Sam (a person): I'm here.")]
    assert messenger().parts(Reply("I'm here.")) == [Part("I'm here.")]


USAGE = {"x-business-use-case-usage": json.dumps({"900": [{"type": "messenger", "call_count": 100, "estimated_time_to_regain_access": 19}]})}


@pytest.mark.parametrize(
    ("trouble", "error", "seconds"),
    [
        (refused(10, 2018278), Unreachable, None),
        (refused(10, 2018065), Unreachable, None),
        (refused(551), Unreachable, None),
        (refused(551, 1545041), Unreachable, None),
        (refused(100, 2018001), Unreachable, None),
        (refused(200, 2018108), Unreachable, None),
        (refused(613), TryLater, 60),
        (refused(4), TryLater, 60),
        (refused(32), TryLater, 60),
        (refused(80006, **USAGE), TryLater, 19 * 60),
        (refused(613, **{"retry-after": "7"}), TryLater, 7),
        (refused(613, **{"x-business-use-case-usage": "odd"}), TryLater, 60),
        (refused(613, **{"x-business-use-case-usage": "[]"}), TryLater, 60),
        (refused(613, **{"x-business-use-case-usage": '{"900": [{"estimated_time_to_regain_access": 0}]}'}), TryLater, 60),
        (refused(4, status=429, **{"retry-after": "7"}), TryLater, 7),
        (refused(1200), TryLater, None),
        (refused(2, status=500), TryLater, None),
        (refused(190), TryLater, None),
        (refused(10), TryLater, None),
        (refused(200, 2018028), TryLater, None),
        (refused(230), TryLater, None),
        (httpx.ConnectError("refused"), TryLater, None),
        (refused(100), Undeliverable, None),
        (refused(2345), Undeliverable, None),
        (httpx.ReadTimeout("slow"), Uncertain, None),
        (httpx.Response(404, text="<html>a proxy</html>"), Uncertain, None),
        (httpx.Response(400, json=["odd"]), Uncertain, None),
    ],
)
async def test_each_error_of_meta_has_its_consequence(trouble: Any, error: type[Exception], seconds: Optional[float]) -> None:
    """By what can be done about it; none of them holds the token, the person or what Meta wrote."""
    with pytest.raises(error) as raised:
        await messenger(MetaStandIn(trouble=[trouble])).send(ANN, Part("hello"))
    assert type(raised.value) is error
    assert getattr(raised.value, "seconds", None) == seconds
    assert not any(secret in str(raised.value) for secret in (TOKEN, "1111", "somebody"))


@pytest.mark.parametrize(
    ("address", "part", "match"),
    [
        (ANN, Part("x" * 2001), "code 100"),
        (ANN, Part(""), "code 100"),
        (ANN, Part("x", ({"title": "", "payload": "p"},)), "code 100"),
        ({"person": LATE}, Part("x"), "24 hours"),
        ({"person": "nobody"}, Part("x"), "2018001"),
    ],
)
async def test_the_stand_in_refuses_what_meta_would(address: dict[str, str], part: Part, match: str) -> None:
    """So that the tests above can fail."""
    stand_in = MetaStandIn()
    with pytest.raises(Undeliverable, match=match):
        await messenger(stand_in).send(address, part)
    assert stand_in.got == []


@pytest.mark.parametrize("stand_in", [MetaStandIn(token=secrets.token_hex(4)), MetaStandIn(secret=secrets.token_hex(4))])
async def test_the_stand_in_knows_the_token_and_the_secret(stand_in: MetaStandIn) -> None:
    """A wrong one is refused."""
    with pytest.raises((TryLater, Undeliverable)):
        await messenger(stand_in).send(ANN, Part("x"))


# -- configuration -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({}, None),
        ({"token": "another"}, "REFRAME_MESSENGER_TOKEN (code 190)"),
        ({"secret": "another"}, "REFRAME_MESSENGER_APP_SECRET"),
        ({"of_a_page": False}, "pages_manage_metadata"),
        ({"fields": ("messages",)}, "not subscribed to messaging_postbacks"),
        ({"fields": ("messaging_postbacks",)}, "not subscribed to messages"),
        ({"subscriptions": ()}, "No address is registered"),
        ({"subscriptions": ({**PAGE, "object": "instagram"},)}, "No address is registered"),
        ({"subscriptions": ({**PAGE, "callback_url": "https://other.example/"},)}, "calls another address"),
        ({"subscriptions": ({**PAGE, "active": False},)}, "switched off"),
        ({"trouble": [httpx.ConnectError("away")]}, "REFRAME_MESSENGER_API"),
        ({"trouble": [httpx.Response(200, text="<html>")]}, "REFRAME_MESSENGER_API"),
        ({"server": None}, "REFRAME_PUBLIC_URL"),
        ({"status": 404}, "status 404"),
        ({"server": Messenger({**SETTINGS, "reframe_messenger_verify": "another"})}, "REFRAME_MESSENGER_VERIFY"),
    ],
)
async def test_the_check_says_what_is_wrong(wrong: dict[str, Any], says: Optional[str]) -> None:
    """One thing at a time, and nothing when nothing is; no secret is in it."""
    problems = await messenger(MetaStandIn(**{"server": messenger(), **wrong})).check("https://chat.example/")
    assert len(problems) == (says is not None)
    assert all(says in problem and not any(s in problem for s in (TOKEN, SECRET, WORD)) for problem in problems)


@pytest.mark.parametrize("missing", ["reframe_messenger_token", "reframe_messenger_app_secret", "reframe_messenger_verify"])
def test_half_a_configuration_does_not_start(missing: str) -> None:
    """It says what is missing."""
    others = dict.fromkeys((name for needed, _ in MAKERS.values() for name in needed), "")
    with pytest.raises(NotConfigured, match=missing.upper()):
        channels_of({**others, **SETTINGS, missing: ""}, "https://chat.example")
    assert [c.name for c in channels_of({**others, **SETTINGS}, "https://chat.example")] == ["messenger"]
    assert channels_of(others, "https://chat.example") == []
