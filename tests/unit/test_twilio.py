"""Texts and WhatsApp by Twilio: who is believed, what is heard, how it is written, and what becomes of it."""

from __future__ import annotations

import json
import logging
import re
import secrets
from dataclasses import replace
from typing import Any, Callable, Optional
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from bot.channels import gsm
from bot.channels.configured import channels_of
from bot.channels.messaging import Malformed, NotBelieved, NotConfigured, Received
from bot.channels.twilio import HAIR_SPACE, HOW_TO_CHOOSE, WINDOW_SECONDS, WORD_JOINER, Sms, Twilio, WhatsApp, literally
from bot.desk.arrivals import Arrival
from bot.desk.courier import Part, SendError, TryLater, Uncertain, Undeliverable, Unreachable
from bot.settings import ROOT, Settings
from bot.store.messages import CRISIS, Reply
from tests.twilio_stand_in import API, OURS, PERSON, PUBLIC, StandIn, refusal, sid, text_form, whatsapp_form

NOW = 1_800_000_000.0
FORM = "application/x-www-form-urlencoded"
EMPTY_TWIML = r'<\?xml version="1.0" encoding="UTF-8"\?><Response ?/>'


@pytest.fixture
def stand_in() -> StandIn:
    """An account at a Twilio of ours."""
    return StandIn()


def made(kind: type[Any], stand_in: StandIn, at: float = NOW, **changed: str) -> Any:
    """A channel by that account, at a time."""
    return kind(stand_in.settings(**changed), client=stand_in.client(), clock=lambda: at)


@pytest.fixture
def sms(stand_in: StandIn) -> Sms:
    """Texts by that account."""
    return made(Sms, stand_in)


@pytest.fixture
def whatsapp(stand_in: StandIn) -> WhatsApp:
    """WhatsApp by that account."""
    return made(WhatsApp, stand_in)


def posted(form: dict[str, str], token: str = "", url: str = f"{PUBLIC}/webhooks/sms", content_type: str = f"{FORM}; charset=utf-8") -> Received:
    """A form, signed by Twilio's own code where a token is given."""
    signed = {"x-twilio-signature": RequestValidator(token).compute_signature(url, form)} if token else {}
    return Received("POST", url, {"content-type": content_type, **signed}, {}, urlencode(form).encode())


def got(form: dict[str, str], token: str) -> Received:
    """A GET, of which the whole address is signed."""
    url = f"{PUBLIC}/webhooks/sms?{urlencode(form)}"
    return Received("GET", url, {"x-twilio-signature": RequestValidator(token).compute_signature(url, {})}, form, b"")


def json_posted(body: bytes, token: str, signed: Optional[bytes] = None) -> Received:
    """JSON, whose hash is in the signed address."""
    validator = RequestValidator(token)
    digest = validator.compute_hash((signed or body).decode())
    url = f"{PUBLIC}/webhooks/sms?bodySHA256={digest}"
    return Received("POST", url, {"content-type": "application/json", "x-twilio-signature": validator.compute_signature(url, {})}, {"bodySHA256": digest}, body)


def without_hash(request: Received) -> Received:
    """JSON that only claims to be signed, with the signature of an address."""
    return replace(request, headers={**request.headers, "content-type": "application/json"})


@pytest.mark.parametrize(
    "made",
    [
        lambda token: posted(text_form(), token),
        lambda token: posted(text_form("ünïcode & “quotes” + 100%"), token),
        lambda token: posted(text_form("", EmptyThing="", NewParameter="1"), token),
        lambda token: posted(text_form(), token, "https://chat.example.org:8443/webhooks/sms"),
        lambda token: posted(text_form(), token, "http://chat.example.org/webhooks/sms"),
        lambda token: got(text_form(), token),
        lambda token: json_posted(json.dumps(text_form()).encode(), token),
    ],
    ids=["form", "signs", "unknown parameters", "port", "without tls", "GET", "JSON"],
)
def test_what_twilio_signed_is_believed(stand_in: StandIn, sms: Sms, made: Callable[[str], Received]) -> None:
    """By its own validator, with the public address."""
    sms.verify(made(stand_in.token))
    assert len(sms.parse(made(stand_in.token)).arrivals) == 1


@pytest.mark.parametrize(
    "made",
    [
        lambda token: posted(text_form()),
        lambda token: replace(posted(text_form()), headers={"x-twilio-signature": ""}),
        lambda token: replace(posted(text_form()), headers={"x-twilio-signature": "é" * 28}),
        lambda token: posted(text_form(), secrets.token_hex(16)),
        lambda token: replace(posted(text_form("hello"), token), body=urlencode(text_form("bye")).encode()),
        lambda token: replace(posted(text_form(), token), body=posted(text_form(), token).body + b"&OptOutType=STOP"),
        lambda token: replace(posted(text_form(), token), url="https://elsewhere.example.org/webhooks/sms"),
        lambda token: replace(posted(text_form(), token), url=f"{PUBLIC}/webhooks/sms?more=1"),
        lambda token: replace(got(text_form(), token), url=f"{PUBLIC}/webhooks/sms?Body=other", query={"Body": "other"}),
        lambda token: json_posted(b'{"Body": "forged"}', token, signed=b'{"Body": "hello"}'),
        lambda token: json_posted(b"\xff\xfe", token, signed=b"{}"),
        lambda token: without_hash(posted({}, token)),
    ],
    ids=[
        "unsigned",
        "empty",
        "nonsense",
        "other token",
        "other body",
        "more",
        "other host",
        "query",
        "GET changed",
        "JSON changed",
        "JSON of no text",
        "no hash",
    ],
)
def test_what_twilio_did_not_sign_is_not_believed(stand_in: StandIn, sms: Sms, made: Callable[[str], Received]) -> None:
    """Whatever of it was changed."""
    with pytest.raises(NotBelieved):
        sms.verify(made(stand_in.token))


TEXTS = made(Sms, StandIn())
"""A channel for tests that make many examples."""


def heard(channel: Twilio, form: dict[str, str]) -> Optional[Arrival]:
    """The one arrival of a form, or None; the answer is always an empty TwiML document."""
    said = channel.parse(posted(form))
    assert re.fullmatch(EMPTY_TWIML, said.returned)
    assert said.content_type == "application/xml"
    assert len(said.arrivals) < 2
    return next(iter(said.arrivals), None)


def picture(body: str = "", kind: str = "image/jpeg") -> dict[str, str]:
    """Something beside the words."""
    return {"Body": body, "NumMedia": "1", "MediaContentType0": kind, "MediaUrl0": f"{API}/2010-04-01/Accounts/AC/Messages/MM/Media/ME"}


IN_BOTH: list[tuple[str, dict[str, str], dict[str, Any]]] = [
    ("plain", {"Body": "Hello there"}, {"text": "Hello there"}),
    ("several lines and signs", {"Body": "a\nb & <c> *d* 🙂"}, {"text": "a\nb & <c> *d* 🙂"}),
    ("a number", {"Body": "2"}, {"text": "2"}),
    ("no", {"Body": "no"}, {"text": "no"}),
    ("stop in a sentence", {"Body": "I want it to stop"}, {"text": "I want it to stop"}),
    ("stop please", {"Body": "stop please"}, {"text": "stop please"}),
    ("please end", {"Body": "please end it"}, {"text": "please end it"}),
    ("help in a sentence", {"Body": "help me"}, {"text": "help me"}),
    ("yes in a sentence", {"Body": "yes, that's it"}, {"text": "yes, that's it"}),
    ("stop", {"Body": "STOP"}, {"text": "STOP", "kind": "stopped"}),
    ("stop small", {"Body": " stop\n"}, {"text": " stop\n", "kind": "stopped"}),
    ("stop shouted", {"Body": "Stop!!"}, {"text": "Stop!!", "kind": "stopped"}),
    ("stopall", {"Body": "STOPALL"}, {"text": "STOPALL", "kind": "stopped"}),
    ("unsubscribe", {"Body": "Unsubscribe"}, {"text": "Unsubscribe", "kind": "stopped"}),
    ("optout", {"Body": "OPTOUT"}, {"text": "OPTOUT", "kind": "stopped"}),
    ("opt out", {"Body": "opt-out"}, {"text": "opt-out", "kind": "stopped"}),
    ("start", {"Body": "START"}, {"text": "START", "kind": "resumed"}),
    ("unstop", {"Body": "unstop"}, {"text": "unstop", "kind": "resumed"}),
    ("yes", {"Body": "Yes"}, {"text": "Yes", "kind": "resumed"}),
    ("help", {"Body": "HELP"}, {"text": "HELP", "kind": "help"}),
    ("help shouted", {"Body": "help!"}, {"text": "help!", "kind": "help"}),
    ("Twilio stopped it itself", {"Body": "STOP", "OptOutType": "STOP"}, {"text": "STOP", "kind": "blocked"}),
    ("Twilio stopped by a word of its own", {"Body": "arret", "OptOutType": "STOP"}, {"text": "arret", "kind": "blocked"}),
    ("Twilio began again", {"Body": "yes", "OptOutType": "START"}, {"text": "yes", "kind": "resumed"}),
    ("Twilio helped", {"Body": "help", "OptOutType": "HELP"}, {"text": "help", "kind": "help"}),
    ("an OptOutType yet unknown", {"Body": "hm", "OptOutType": "PAUSE"}, {"text": "hm"}),
    ("picture", picture(), {"media": "picture"}),
    ("picture with words", picture("look"), {"text": "look", "media": "picture"}),
    ("picture with a keyword", picture("stop"), {"text": "stop", "media": "picture"}),
    ("voice", picture(kind="audio/ogg"), {"media": "voice"}),
    ("video", picture(kind="video/mp4"), {"media": "video"}),
    ("file", picture(kind="application/pdf"), {"media": "file"}),
    ("contact", picture(kind="text/vcard"), {"media": "contact"}),
    ("old contact", picture(kind="text/x-vCard"), {"media": "contact"}),
    ("media without a kind", {"Body": "", "NumMedia": "1"}, {"media": "file"}),
    ("location", {"Body": "", "Latitude": "51.5", "Longitude": "-0.12", "Address": "a", "Label": "b"}, {"media": "location"}),
    ("location with words", {"Body": "here", "Latitude": "51.5", "Longitude": "-0.12"}, {"text": "here", "media": "location"}),
    ("nothing that can be read", {"Body": ""}, {"media": "unknown"}),
    ("white space", {"Body": "  "}, {"text": "  ", "media": "unknown"}),
    ("after a failure of the first address", {"ErrorCode": "11200", "ErrorUrl": f"{PUBLIC}/webhooks/sms"}, {"text": "hello"}),
    ("the state of a message still coming in", {"SmsStatus": "receiving"}, {"text": "hello"}),
]
IN_TEXTS = [
    *((word, {"Body": word.upper()}, {"text": word.upper(), "kind": "stopped"}) for word in ("end", "quit", "cancel", "revoke")),
    ("info", {"Body": "Info"}, {"text": "Info", "kind": "help"}),
    ("end as a sentence", {"Body": "End."}, {"text": "End."}),
    ("reaction of an iPhone", {"Body": "Loved “What hurts most?”"}, {"text": "Loved “What hurts most?”", "kind": "edited"}),
    ("reaction with a sign", {"Body": "Reacted 😢 to “Hello\nthere”"}, {"text": "Reacted 😢 to “Hello\nthere”", "kind": "edited"}),
    ("edit of an iPhone", {"Body": "Edited to “I meant this”"}, {"text": "Edited to “I meant this”", "kind": "edited"}),
    ("no reaction", {"Body": 'Loved "that film" once, not now'}, {"text": 'Loved "that film" once, not now'}),
]
IN_WHATSAPP = [
    *((word, {"Body": word}, {"text": word}) for word in ("end", "END", "quit", "Cancel", "revoke", "info")),
    ("sticker", {**picture(kind="image/webp"), "MessageType": "sticker"}, {"media": "picture"}),
    ("contact card", {**picture(kind="text/vcard"), "MessageType": "contacts"}, {"media": "contact"}),
    ("button", {"Body": "Yes", "ButtonText": "Yes", "ButtonPayload": "/affirm", "MessageType": "button"}, {"text": "Yes", "payload": "/affirm"}),
    ("button without words", {"Body": "", "ButtonPayload": "/affirm", "MessageType": "button"}, {"payload": "/affirm"}),
    ("button named stop", {"Body": "Stop", "ButtonText": "Stop", "ButtonPayload": "/stop"}, {"text": "Stop", "payload": "/stop"}),
    ("list", {"Body": "One", "ListId": "/one", "ListTitle": "One", "MessageType": "interactive"}, {"text": "One", "payload": "/one"}),
    ("answer to a message", {"Body": "that", "OriginalRepliedMessageSid": "MM1", "OriginalRepliedMessageSender": "x"}, {"text": "that"}),
    ("forwarded", {"Forwarded": "true", "FrequentlyForwarded": "true"}, {"text": "hello"}),
    ("from an advertisement", {"ReferralBody": "ad", "ReferralNumMedia": "1", "ReferralMediaContentType": "image/png"}, {"text": "hello"}),
    ("a kind yet unknown", {"Body": "", "MessageType": "poll"}, {"media": "unknown"}),
]


@pytest.mark.parametrize(("form", "expected"), [row[1:] for row in IN_BOTH + IN_TEXTS], ids=[row[0] for row in IN_BOTH + IN_TEXTS])
def test_what_comes_as_a_text_is_heard_as_what_it_is(sms: Sms, form: dict[str, str], expected: dict[str, Any]) -> None:
    """Each kind, with those that only look like it."""
    given_form = text_form(**{"body": "hello", **form} if "Body" not in form else form)
    address = {"to": PERSON, "from": OURS, "at": str(int(NOW))}
    assert heard(sms, given_form) == Arrival("sms", given_form["MessageSid"], PERSON, address, **expected_of(expected))


@pytest.mark.parametrize(("form", "expected"), [row[1:] for row in IN_BOTH + IN_WHATSAPP], ids=[row[0] for row in IN_BOTH + IN_WHATSAPP])
def test_what_comes_by_whatsapp_is_heard_as_what_it_is(whatsapp: WhatsApp, form: dict[str, str], expected: dict[str, Any]) -> None:
    """There "end", "quit" and "cancel" are words of a sentence."""
    given_form = whatsapp_form(**form)
    address = {"to": f"whatsapp:{PERSON}", "from": f"whatsapp:{OURS}", "at": str(int(NOW))}
    assert heard(whatsapp, given_form) == Arrival("whatsapp", given_form["MessageSid"], given_form["ExternalUserId"], address, **expected_of(expected))


def expected_of(given_here: dict[str, Any]) -> dict[str, Any]:
    """A row of the tables without what is the same in most."""
    return {"text": "", "kind": "message", **given_here}


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"MessageSid": "SM1"},
        {"From": PERSON},
        text_form(From=OURS),
        text_form("Your code is 123456", From="32665"),
        text_form("Your parcel", From="PARCELS"),
        whatsapp_form("❤️", MessageType="reaction"),
        {"CallSid": "CA1", "From": PERSON, "To": OURS, "CallStatus": "ringing"},
        {"EventType": "onMessageAdded", "ConversationSid": "CH1", "Body": "hello"},
        *(
            {"MessageSid": "SM1", "From": OURS, "To": PERSON, "MessageStatus": s, "SmsStatus": s}
            for s in ("queued", "sent", "delivered", "failed", "undelivered")
        ),
        {"MessageSid": "SM1", "From": f"whatsapp:{OURS}", "To": f"whatsapp:{PERSON}", "MessageStatus": "read", "EventType": "READ"},
        {"MessageSid": "SM1", "From": OURS, "To": PERSON, "SmsStatus": "delivered"},
    ],
)
def test_what_is_no_message_gives_no_arrival(sms: Sms, form: dict[str, str]) -> None:
    """Calls, reactions, reports, echoes, and what is not known."""
    assert heard(sms, form) is None


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"MessageStatus": "undelivered", "ErrorCode": "30007"}, "spam"),
        ({"MessageStatus": "failed", "ErrorCode": "63016"}, "24 hours"),
        ({"MessageStatus": "failed", "ErrorCode": "99999"}, "99999"),
        ({"MessageStatus": "failed", "ErrorCode": "odd²"}, "refuses"),
        ({"SmsStatus": "failed"}, "refuses"),
        ({"MessageStatus": "delivered"}, ""),
        ({"MessageStatus": "read"}, ""),
    ],
)
def test_a_message_of_ours_that_did_not_arrive_is_in_the_log(sms: Sms, caplog: pytest.LogCaptureFixture, form: dict[str, str], says: str) -> None:
    """With its reason and without any number or name."""
    with caplog.at_level(logging.INFO):
        heard(sms, {"MessageSid": "SM1", "From": OURS, "To": PERSON, **form})
    assert (says in caplog.text) if says else caplog.text == ""
    assert not any(secret in caplog.text for secret in (PERSON, OURS, "SM1"))


def test_a_number_that_is_hidden_can_be_answered(whatsapp: WhatsApp) -> None:
    """Who has a user name on WhatsApp is known by another name."""
    arrival = heard(whatsapp, {**whatsapp_form(), "From": ""})
    assert arrival is not None
    assert (arrival.person, arrival.address["to"]) == ("whatsapp:GB.4566546130240823", "whatsapp:GB.4566546130240823")


def test_whatsapp_that_comes_to_the_address_of_texts_is_heard_by_its_own_rules(sms: Sms) -> None:
    """As when one messaging service has both."""
    arrival = heard(sms, whatsapp_form("end"))
    assert arrival is not None
    assert (arrival.kind, arrival.address["to"]) == ("message", f"whatsapp:{PERSON}")


@pytest.mark.parametrize(("body", "arrivals"), [(b'{"MessageSid": "SM1", "From": "+1", "Body": 5}', 1), (b"[]", 0), (b'"a"', 0)])
def test_json_is_read_too(sms: Sms, body: bytes, arrivals: int) -> None:
    """Whatever is in it."""
    assert len(sms.parse(json_posted(body, "t")).arrivals) == arrivals


def test_json_that_is_none_cannot_be_read(sms: Sms) -> None:
    """And says so."""
    with pytest.raises(Malformed):
        sms.parse(json_posted(b"{", "t"))


@given(
    form=st.dictionaries(
        st.sampled_from([*whatsapp_form(), "NumMedia", "Latitude", "ButtonPayload", "ListId", "OptOutType", "MessageStatus", "ErrorCode"]), st.text()
    )
)
@settings(max_examples=300, deadline=None)
def test_no_form_breaks_the_reading(form: dict[str, str]) -> None:
    """Whatever stands in its fields."""
    heard(TEXTS, form)


@pytest.mark.parametrize(("channel", "number"), [("sms", "REFRAME_TWILIO_NUMBER"), ("whatsapp", "REFRAME_TWILIO_WHATSAPP")])
def test_how_to_configure_it_is_documented(channel: str, number: str) -> None:
    """With the address, the settings, what others see, and that there is no quick exit."""
    page = (ROOT / "docs" / "channels" / f"{channel}.md").read_text(encoding="utf-8")
    for said in (f"/webhooks/{channel}", number, "REFRAME_TWILIO_TOKEN", f"reframe channel check {channel}", "## What others see", "no quick exit"):
        assert said in page


# -- writing -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("It’s “so” — really…", 'It\'s "so" - really...'),
        ("a\u00a0b\u2009c\u200b", "a b c"),
        ("• one\n– two", "- one\n- two"),
        ("It’s fine 🙂", "It’s fine 🙂"),
        ("“Привет”", "“Привет”"),
        ("Él: 5 € é à", "Él: 5 € é à"),
        ("5 € é à", "5 € é à"),
        ("<b>x</b> & *y* _z_ `k`", "<b>x</b> & *y* _z_ 'k'"),
        ("see https://example.org/a_b?c=1&d=2", "see https://example.org/a_b?c=1&d=2"),
    ],
)
def test_a_text_is_written_in_the_alphabet_of_texts_where_that_holds_it(sms: Sms, text: str, written: str) -> None:
    """Else it costs the same with its own signs, and keeps them."""
    assert [part.text for part in sms.parts(Reply(text))] == [written]


def test_the_alphabet_is_whole() -> None:
    """128 places, one of which leads to the extension; ten letters there."""
    assert (len(gsm.BASIC), len(gsm.EXTENDED)) == (127, 10)
    assert not gsm.BASIC & gsm.EXTENDED


@pytest.mark.parametrize(("text", "length"), [("abc", 3), ("a€[", 5), ("а", 1), ("🙂", 2), ("é€", 3)])
def test_letters_count_as_carriers_count_them(text: str, length: int) -> None:
    """Those of the extension twice, and outside of the alphabet by their UTF-16 units."""
    assert gsm.length(text) == length


SIGNS = "*_~`"


def formatted(text: str) -> list[str]:
    """What WhatsApp would show as something else, by its published rules: https://faq.whatsapp.com/539178204879377."""
    inline = [found for sign in SIGNS for found in re.findall(rf"(?<![^\W_]){re.escape(sign)}(?=\S)[^\n]*?\S{re.escape(sign)}(?![^\W_])", text)]
    return inline + re.findall(r"```.+?```", text, re.DOTALL) + re.findall(r"^(?:[*-] .|> .|\d+\. .).*", text, re.MULTILINE)


@pytest.mark.parametrize(
    "text",
    [
        "*x*",
        "_a b_",
        "~no~",
        "`k`",
        "```k```",
        "**x**",
        "so *x*, _y_.",
        "(*x*)",
        "> said",
        "* item",
        "- item",
        "1. first",
        "<b>x</b> & y",
        "say _*x*_ now",
        "“*x*”",
    ],
)
def test_whatsapp_shows_every_sign_as_it_is(text: str) -> None:
    """And nobody sees what was put in for it."""
    shown = literally(text)
    assert (formatted(text) != [], formatted(shown)) == (not text.startswith("<"), [])
    assert shown.replace(HAIR_SPACE, "").replace(WORD_JOINER, "") == text


@pytest.mark.parametrize("text", ["2 * 3 = 6", "a_b_c", "https://example.org/_a_/*b*?c=_d_", "call 116 123", "snake_case", "www.example.org/_x_"])
def test_what_whatsapp_leaves_alone_is_not_touched(text: str) -> None:
    """Links above all."""
    assert literally(text) == text


@given(text=st.text(alphabet="*_~`> -1.ab\n(“é", max_size=40))
@settings(max_examples=500, deadline=None)
def test_no_mixture_of_signs_is_formatted(text: str) -> None:
    """Whatever stands next to what."""
    assert formatted(literally(text)) == []


CHOICES = ({"title": "Small shifts", "payload": "/reflect_small_shifts"}, {"title": "Something else", "payload": "/deny"})


@pytest.mark.parametrize("kind", [Sms, WhatsApp])
def test_choices_are_numbered_and_how_to_answer_is_said(stand_in: StandIn, kind: type[Any]) -> None:
    """In the last part, which is the only one here."""
    channel = made(kind, stand_in)
    assert [p.text for p in channel.parts(Reply("Which?", CHOICES))] == [f"Which?\n\n1 Small shifts\n2 Something else\n{HOW_TO_CHOOSE}"]
    assert channel.parts(Reply("Which?", CHOICES))[0].buttons == ()


@pytest.mark.parametrize("kind", [Sms, WhatsApp])
def test_a_supporter_is_named_as_a_person(stand_in: StandIn, kind: type[Any]) -> None:
    """Before anything is said."""
    assert made(kind, stand_in).parts(Reply("Hello.", author="supporter", speaker="Sam")) == [Part("Sam (a person): Hello.")]


LONG = "\n\n".join(f"This is paragraph {n}. " + "It goes on for a while and then ends. " * 9 for n in range(1, 9)).replace(" \n", "\n").strip()


@pytest.mark.parametrize("kind", [Sms, WhatsApp])
def test_a_long_reply_is_cut_at_the_limit_with_choices_in_the_last_part(stand_in: StandIn, kind: type[Any]) -> None:
    """Of texts each says which it is, since they may overtake each other."""
    parts = [part.text for part in made(kind, stand_in).parts(Reply(LONG, CHOICES))]
    assert len(parts) > 1
    assert all(len(part) <= 1600 for part in parts)
    assert parts[-1].endswith(HOW_TO_CHOOSE)
    assert all(part.startswith(f"({n}/{len(parts)}) This") for n, part in enumerate(parts, 1)) is (kind is Sms)


@pytest.mark.parametrize("kind", [Sms, WhatsApp])
def test_in_an_answer_to_danger_the_lines_of_help_are_in_the_first_part(stand_in: StandIn, kind: type[Any]) -> None:
    """Also where they stand last."""
    parts = made(kind, stand_in).parts(Reply(f"{LONG}\n\nCall 116 123 at any hour.", author=CRISIS))
    assert "116 123" in parts[0].text


@pytest.mark.parametrize("kind", [Sms, WhatsApp])
def test_nothing_is_nothing_but_choices_stand_alone(stand_in: StandIn, kind: type[Any]) -> None:
    """An empty message would be refused."""
    channel = made(kind, stand_in)
    assert channel.parts(Reply("  ")) == []
    assert [part.text[:2] for part in channel.parts(Reply("", CHOICES))] == ["1 "]


@given(text=st.text(alphabet=st.one_of(st.sampled_from("ab .\n’€[*_🙂é"), st.characters(blacklist_categories=["Cs"])), max_size=4000))
@settings(max_examples=40, deadline=None)
def test_no_part_is_longer_than_twilio_takes(text: str) -> None:
    """In letters as they count there."""
    for channel in (TEXTS, made(WhatsApp, StandIn())):
        assert all(0 < len(part.text.encode("utf-16-le")) // 2 <= 1600 for part in channel.parts(Reply(text * 3)))


# -- sending -----------------------------------------------------------------------------------------------------------


def addressed(**more: str) -> dict[str, str]:
    """Of a text that has just come."""
    return {"to": PERSON, "from": OURS, "at": str(int(NOW)), **more}


async def test_a_text_is_sent_from_the_number_that_was_written_to(stand_in: StandIn, sms: Sms) -> None:
    """And Twilio is told where to report."""
    await sms.send(addressed(), Part("Hello & <b>*x*</b>"))
    assert stand_in.sent == [{"To": PERSON, "From": OURS, "Body": "Hello & <b>*x*</b>", "StatusCallback": f"{PUBLIC}/webhooks/sms"}]


async def test_what_came_by_a_messaging_service_is_answered_by_it(stand_in: StandIn, sms: Sms) -> None:
    """So that its list of who stopped is the one that counts."""
    arrival = heard(sms, text_form(MessagingServiceSid=stand_in.service))
    assert arrival is not None
    await sms.send(arrival.address, Part("Hello"))
    assert stand_in.sent[0]["MessagingServiceSid"] == stand_in.service


@pytest.mark.parametrize("sender", [f"whatsapp:{PERSON}", ""])
async def test_whatsapp_is_answered_as_it_came(stand_in: StandIn, whatsapp: WhatsApp, sender: str) -> None:
    """Also where the number is hidden."""
    arrival = heard(whatsapp, {**whatsapp_form(), "From": sender})
    assert arrival is not None
    await whatsapp.send(arrival.address, Part("Hello"))
    assert stand_in.sent[0]["From"] == f"whatsapp:{OURS}"


@pytest.mark.parametrize("kind", [Sms, WhatsApp])
async def test_everything_that_is_made_of_a_long_reply_is_taken(stand_in: StandIn, kind: type[Any]) -> None:
    """Nothing of it is over a limit of the stand-in."""
    channel = made(kind, stand_in)
    prefix = "whatsapp:" if kind is WhatsApp else ""
    for part in channel.parts(Reply(LONG.replace("paragraph", "€ 🙂 _paragraph_"), CHOICES, author=CRISIS)):
        await channel.send(addressed(to=prefix + PERSON, **{"from": prefix + OURS}), part)
    assert len(stand_in.sent) > 1


@pytest.mark.parametrize(("seconds", "sent"), [(0, 1), (WINDOW_SECONDS, 1), (WINDOW_SECONDS + 1, 0)])
async def test_after_a_day_whatsapp_takes_no_answer_and_a_supervisor_is_told(stand_in: StandIn, seconds: int, sent: int) -> None:
    """Twilio itself would tell of it only when it is too late for that."""
    channel = made(WhatsApp, stand_in, NOW + seconds)
    problem = None
    try:
        await channel.send(addressed(to=f"whatsapp:{PERSON}", **{"from": f"whatsapp:{OURS}"}), Part("Hello"))
    except Undeliverable as error:
        problem = str(error)
    assert len(stand_in.sent) == sent
    assert sent or (problem is not None and "24 hours" in problem)


async def test_a_text_may_be_answered_later(stand_in: StandIn) -> None:
    """There is no such window."""
    await made(Sms, stand_in, NOW + 9 * WINDOW_SECONDS).send(addressed(), Part("Hello"))
    assert len(stand_in.sent) == 1


@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        (refusal(400, 21610, "Attempt to send to unsubscribed recipient"), Unreachable, "START"),
        (refusal(400, 63014, "Channel message blocked by user action"), Unreachable, "blocked"),
        (refusal(400, 21211, "Invalid 'To' Phone Number"), Undeliverable, "21211"),
        (refusal(400, 21614, "'To' number is not a valid mobile number"), Undeliverable, "no phone"),
        (refusal(400, 21635, "'To' number cannot be a landline"), Undeliverable, "no phone"),
        (refusal(400, 21408, "Permission to send an SMS has not been enabled"), Undeliverable, "Geo permissions"),
        (refusal(400, 21608, "The number is unverified"), Undeliverable, "trial"),
        (refusal(400, 21617, "The concatenated message body exceeds the 1600 character limit"), Undeliverable, "longer"),
        (refusal(400, 21659, "'From' is not a Twilio phone number"), Undeliverable, "does not belong"),
        (refusal(400, 63016, "Outside the allowed window"), Undeliverable, "24 hours"),
        (refusal(400, 63007, "Could not find a Channel with the specified From address"), Undeliverable, "does not belong"),
        (refusal(400, 63015, "The sandbox can only send to numbers that have joined"), Undeliverable, "join"),
        (refusal(400, 12345, "Something new"), Undeliverable, "12345"),
        (refusal(404, 20404, "The requested resource was not found"), Undeliverable, "20404"),
        (httpx.Response(400, text="<html>"), Undeliverable, "400"),
        (httpx.Response(400, json=["odd"]), Undeliverable, "400"),
        (httpx.Response(302, headers={"location": "https://example.org"}), Undeliverable, "302"),
        (httpx.Response(201, json={"sid": "SM1", "status": "failed", "error_code": 63016}), Undeliverable, "24 hours"),
        (refusal(401, 20003, "Authenticate"), TryLater, "does not accept"),
        (httpx.Response(401, text=""), TryLater, ""),
        (refusal(403, 20005, "Account not active"), TryLater, "does not accept"),
        (refusal(429, 20429, "Too Many Requests"), TryLater, "patience"),
        (refusal(400, 20429, "Too Many Requests"), TryLater, "waiting"),
        (refusal(400, 14107, "Message rate limit exceeded"), TryLater, "waiting"),
        (refusal(400, 21611, "This 'From' number has exceeded the maximum number of queued messages"), TryLater, "waiting"),
        (refusal(400, 63018, "Rate limit exceeded for Channel"), TryLater, "waiting"),
        (refusal(400, 63038, "Account exceeded the daily messages limit"), TryLater, "one day"),
        (httpx.Response(503, text="busy"), TryLater, "503"),
        (httpx.ConnectError("refused"), TryLater, "reached"),
        (httpx.ReadTimeout("slow"), Uncertain, "may have arrived"),
    ],
    ids=lambda value: str(getattr(value, "status_code", "")),
)
async def test_every_refusal_has_its_consequence(stand_in: StandIn, sms: Sms, answer: Any, error: type[SendError], says: str) -> None:
    """By the code that Twilio names, and a supervisor is told in words."""
    stand_in.trouble.append(answer)
    with pytest.raises(SendError, match=says) as raised:
        await sms.send(addressed(), Part("Hello"))
    assert type(raised.value) is error
    assert not any(secret in str(raised.value) for secret in (PERSON, OURS, stand_in.token, stand_in.account, "Hello"))
    assert len(str(raised.value)) <= 255


@pytest.mark.parametrize(("headers", "seconds"), [({"Retry-After": "17"}, 17.0), ({}, 5.0)])
async def test_twilio_says_how_long_it_wants_to_be_left_alone(stand_in: StandIn, sms: Sms, headers: dict[str, str], seconds: float) -> None:
    """In a header, and else some seconds."""
    stand_in.trouble.append(refusal(429, 20429, "Too Many Requests", **headers))
    with pytest.raises(TryLater) as raised:
        await sms.send(addressed(), Part("Hello"))
    assert raised.value.seconds == seconds


@pytest.mark.parametrize(
    ("address", "part", "error"),
    [
        (addressed(), Part("x" * 1601), Undeliverable),
        (addressed(), Part(" "), Undeliverable),
        (addressed(to="nobody"), Part("Hello"), Undeliverable),
        (addressed(**{"from": "+15005550007"}), Part("Hello"), Undeliverable),
        (addressed(to=f"whatsapp:{PERSON}"), Part("Hello"), Undeliverable),
        (addressed(to="+447700900666"), Part("Hello"), Unreachable),
        (addressed(), Part("x" * 1600), None),
    ],
)
async def test_the_stand_in_refuses_what_twilio_refuses(
    stand_in: StandIn, sms: Sms, address: dict[str, str], part: Part, error: Optional[type[SendError]]
) -> None:
    """So that the tests above mean something."""
    stand_in.stopped.add("+447700900666")
    raised = None
    try:
        await sms.send(address, part)
    except SendError as refused:
        raised = type(refused)
    assert raised is error


# -- configuration -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Sms, WhatsApp])
async def test_a_good_configuration_has_nothing_wrong(stand_in: StandIn, kind: type[Any]) -> None:
    """Of a number, a short code, a messaging service, the sandbox, and with options of the connection behind the address."""
    numbers = ["reframe_twilio_number", "reframe_twilio_whatsapp"]
    for number in [OURS, "12345", stand_in.service] if kind is Sms else [OURS, f"whatsapp:{OURS}", "+14155238886"]:
        assert await made(kind, stand_in, **dict.fromkeys(numbers, number)).check(PUBLIC + "/") == []
    stand_in.number_said["sms_url"] = f"{PUBLIC}/webhooks/sms#rc=3&rp=all"
    assert await made(kind, stand_in).check(PUBLIC) == []


Wrong = tuple[type[Any], dict[str, str], dict[str, dict[str, Any]], str]
WRONG: list[Wrong] = [
    (Sms, {"reframe_twilio_token": "other"}, {}, "does not accept"),
    (Sms, {"reframe_twilio_account": "SK" + "0" * 32}, {}, "API key"),
    (Sms, {"reframe_twilio_number": "07700 900123"}, {}, "like \\+1500"),
    (Sms, {"reframe_twilio_number": "+15005550009"}, {}, "does not belong"),
    (Sms, {"reframe_twilio_number": "MG" + "0" * 32}, {}, "does not know"),
    (Sms, {}, {"account_said": {"status": "suspended"}}, "suspended"),
    (Sms, {}, {"account_said": {"status": "active", "type": "Trial"}}, "trial"),
    (Sms, {}, {"number_said": {"capabilities": {"sms": False}}}, "cannot send texts"),
    (Sms, {}, {"number_said": {"sms_application_sid": "AP1"}}, "TwiML app"),
    (Sms, {}, {"number_said": {"sms_url": "https://demo.twilio.com/welcome/sms/reply"}}, "https://chat.example.org/webhooks/sms"),
    (Sms, {}, {"number_said": {"sms_url": None}}, "https://chat.example.org/webhooks/sms"),
    (Sms, {"reframe_twilio_number": "service"}, {"service_said": {"inbound_request_url": None}}, "https://chat.example.org/webhooks/sms"),
    (WhatsApp, {"reframe_twilio_whatsapp": "12"}, {}, "like \\+1500"),
    (WhatsApp, {"reframe_twilio_whatsapp": "+15005550009"}, {}, "no WhatsApp sender"),
    (WhatsApp, {}, {"sender_said": {"status": "PENDING_VERIFICATION"}}, "PENDING_VERIFICATION"),
    (WhatsApp, {}, {"sender_said": {"webhook": None}}, "https://chat.example.org/webhooks/whatsapp"),
    (WhatsApp, {}, {"sender_said": {"webhook": {"callback_url": f"{PUBLIC}/webhooks/sms"}}}, "https://chat.example.org/webhooks/whatsapp"),
]


@pytest.mark.parametrize(("kind", "changed", "there", "says"), WRONG)
async def test_each_thing_that_is_wrong_is_said_in_one_sentence(
    stand_in: StandIn, kind: type[Any], changed: dict[str, str], there: dict[str, dict[str, Any]], says: str
) -> None:
    """One at a time, with what to do, and without a secret."""
    for name, said in there.items():
        getattr(stand_in, name).update(said)
    changed = {key: stand_in.service if value == "service" else value for key, value in changed.items()}
    found = await made(kind, stand_in, **changed).check(PUBLIC)
    assert len(found) == 1
    assert re.search(says, found[0])
    assert stand_in.token not in found[0]


async def test_an_address_without_tls_is_said_to_be_open(stand_in: StandIn, sms: Sms) -> None:
    """Beside what else is wrong."""
    stand_in.number_said["sms_url"] = "http://chat.example.org/webhooks/sms"
    found = await sms.check("http://chat.example.org")
    assert [sentence for sentence in found if "https://" in sentence] == found
    assert len(found) == 1


@pytest.mark.parametrize(
    ("answer", "says"),
    [(httpx.ConnectError("no"), "cannot be reached"), (httpx.Response(500), "status 500"), (httpx.Response(200, text="<html>"), "status 200")],
)
async def test_a_twilio_that_does_not_answer_as_it_does_is_said(stand_in: StandIn, sms: Sms, answer: Any, says: str) -> None:
    """In one sentence."""
    stand_in.trouble.append(answer)
    assert [says in sentence for sentence in await sms.check(PUBLIC)] == [True]


TWILIO = ("reframe_twilio_account", "reframe_twilio_token", "reframe_twilio_number", "reframe_twilio_whatsapp")


@pytest.mark.parametrize(
    ("given_here", "names"),
    [
        ((), []),
        (TWILIO, ["sms", "whatsapp"]),
        (TWILIO[:3], ["sms"]),
        ((*TWILIO[:2], TWILIO[3]), ["whatsapp"]),
    ],
)
def test_only_what_is_configured_is_on(given_here: tuple[str, ...], names: list[str]) -> None:
    """Texts and WhatsApp each by its own number."""
    configured = {**Settings().dict(), **dict.fromkeys(given_here, OURS), "reframe_public_url": PUBLIC}
    assert [channel.name for channel in channels_of(configured, PUBLIC)] == names


@pytest.mark.parametrize(
    ("given_here", "says"),
    [
        (TWILIO[:2], "REFRAME_TWILIO_NUMBER or REFRAME_TWILIO_WHATSAPP is missing"),
        (TWILIO[:1], "REFRAME_TWILIO_NUMBER or REFRAME_TWILIO_WHATSAPP is missing"),
        (TWILIO[2:3], "REFRAME_TWILIO_ACCOUNT, REFRAME_TWILIO_TOKEN is missing"),
        ((TWILIO[0], TWILIO[3]), "whatsapp does not start: REFRAME_TWILIO_TOKEN is missing"),
    ],
)
def test_what_is_configured_in_part_does_not_start(given_here: tuple[str, ...], says: str) -> None:
    """And names what is missing, never what is there."""
    value = secrets.token_hex(8)
    with pytest.raises(NotConfigured, match=says) as error:
        channels_of({**Settings().dict(), **dict.fromkeys(given_here, value)}, PUBLIC)
    assert value not in str(error.value)


def test_without_a_public_address_nothing_starts() -> None:
    """Twilio could not be told where to post."""
    with pytest.raises(NotConfigured, match="REFRAME_PUBLIC_URL"):
        channels_of({**Settings().dict(), **dict.fromkeys(TWILIO, sid("AC"))}, "")
