"""Telegram: who is believed, what an update holds, what is sent and what its refusals mean, what a check finds."""

from __future__ import annotations

import json
import time
from typing import Any, Iterator, Optional

import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some

from bot.channels.configured import channels_of
from bot.channels.messaging import Malformed, NotBelieved, NotConfigured, Received
from bot.channels.splitting import utf16
from bot.channels.telegram import NotConnected
from bot.channels.telegram.reading import heard
from bot.channels.telegram.updates import HEARD
from bot.desk.arrivals import Arrival
from bot.desk.courier import Part, SendError, TryLater, Uncertain, Undeliverable, Unreachable
from bot.reframing.loading import load
from bot.settings import Settings
from bot.store.messages import Reply
from tests.telegram_bot_api import PUBLIC, BotApi, new_token, refusal

ANN, ROOM, BROADCAST = {"id": 7, "type": "private"}, {"id": -70, "type": "supergroup"}, {"id": -71, "type": "channel"}
SENDER = {"id": 7, "is_bot": False, "first_name": "Ann"}
HOOK = f"{PUBLIC}/webhooks/telegram"


def received(body: object, **headers: str) -> Received:
    """A request to the webhook."""
    return Received("POST", HOOK, headers, {}, body if isinstance(body, bytes) else json.dumps(body).encode())


def message(chat: dict[str, Any] = ANN, **fields: Any) -> dict[str, Any]:
    """A message as Telegram tells of it."""
    return {"message_id": 5, "date": 1, "from": SENDER, "chat": chat, **fields}


def said(text: str, chat: dict[str, Any] = ANN, **fields: Any) -> dict[str, Any]:
    """A new message of text."""
    return {"message": message(chat, text=text, **fields)}


def pressed(**fields: Any) -> dict[str, Any]:
    """A button."""
    return {"callback_query": {"id": "99", "from": SENDER, "chat_instance": "1", **fields}}


def changed(chat: dict[str, Any], before: str, after: str) -> dict[str, Any]:
    """The bot is let in or sent away."""
    old, new = ({"status": status, "user": {"id": 1, "is_bot": True, "first_name": "Reframe"}} for status in (before, after))
    return {"my_chat_member": {"chat": chat, "from": SENDER, "date": 1, "old_chat_member": old, "new_chat_member": new}}


def kind(name: str, text: str = "", media: Optional[str] = None, *, payload: Optional[str] = None, person: str = "7", number: str = "1") -> Arrival:
    """What has to come out."""
    return Arrival("telegram", number, person, {"chat": person}, name, text, payload, media)  # type: ignore[arg-type]  # names of kinds


PHOTO = {"photo": [{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}]}
POLL = {"id": "1", "question": "Do I want to live?", "options": [{"text": "yes", "voter_count": 0}, {"text": "no", "voter_count": 0}]}
VENUE = {"location": {"latitude": 1.0, "longitude": 1.0}, "title": "t", "address": "a"}
SAID: list[tuple[str, dict[str, Any], list[Arrival]]] = [
    ("text", said("I failed"), [kind("message", "I failed")]),
    ("text with marks", said("<b>a</b> & *b*", entities=[{"type": "bold", "offset": 0, "length": 1}]), [kind("message", "<b>a</b> & *b*")]),
    ("an answer that quotes", said("yes", reply_to_message=message(text="old"), quote={"text": "old", "position": 0}), [kind("message", "yes")]),
    ("forwarded", said("look", forward_origin={"type": "hidden_user", "sender_user_name": "x", "date": 1}), [kind("message", "look")]),
    ("by way of another bot", said("hi", via_bot={"id": 2, "is_bot": True, "first_name": "b"}), [kind("message", "hi")]),
    ("in a thread of ours", said("hi", message_thread_id=3, is_topic_message=True), [Arrival("telegram", "1", "7", {"chat": "7", "thread": "3"}, text="hi")]),
    ("numbered as an answer only", said("hi", message_thread_id=3), [kind("message", "hi")]),
    ("a picture", {"message": message(**PHOTO)}, [kind("message", media="photo")]),
    ("a picture with a caption", {"message": message(**PHOTO, caption="I want to die")}, [kind("message", "I want to die", "photo")]),
    ("one picture of an album", {"message": message(**PHOTO, media_group_id="4")}, [kind("message", media="photo", number="album 4")]),
    ("one of an album with a caption", {"message": message(**PHOTO, media_group_id="4", caption="me")}, [kind("message", "me", "photo")]),
    ("an animation", {"message": message(animation={}, document={})}, [kind("message", media="animation")]),
    ("a sticker", {"message": message(sticker={"emoji": "😭"})}, [kind("message", media="sticker")]),
    ("a recording", {"message": message(voice={"duration": 3})}, [kind("message", media="voice")]),
    ("a recording with a caption", {"message": message(voice={"duration": 3}, caption="listen")}, [kind("message", "listen", "voice")]),
    ("a video note", {"message": message(video_note={})}, [kind("message", media="video_note")]),
    ("a video", {"message": message(video={})}, [kind("message", media="video")]),
    ("music", {"message": message(audio={})}, [kind("message", media="audio")]),
    ("a file", {"message": message(document={})}, [kind("message", media="document")]),
    ("a story", {"message": message(story={})}, [kind("message", media="story")]),
    ("a place", {"message": message(location=VENUE["location"])}, [kind("message", media="location")]),
    ("a venue", {"message": message(venue=VENUE, location=VENUE["location"])}, [kind("message", media="venue")]),
    ("a contact", {"message": message(contact={"phone_number": "1", "first_name": "x"})}, [kind("message", media="contact")]),
    ("a die", {"message": message(dice={"emoji": "🎲", "value": 3})}, [kind("message", media="dice")]),
    ("a game", {"message": message(game={})}, [kind("message", media="game")]),
    ("a poll", {"message": message(poll=POLL)}, [kind("message", "Do I want to live?\nyes\nno", "poll")]),
    ("a list", {"message": message(checklist={"title": "Today", "tasks": [{"id": 1, "text": "end it"}]})}, [kind("message", "Today\nend it", "checklist")]),
    ("something new", {"message": message(hologram={})}, [kind("message", media="unknown")]),
    ("start", said("/start"), [kind("began", "/start")]),
    ("start by a link", said("/start ref_42-a"), [kind("began", "/start")]),
    ("start with words", said("/start I want to die"), [kind("began", "/start"), kind("message", "I want to die", number="1 words")]),
    ("start with the bot's name", said("/Start@reframe_bot"), [kind("began", "/start")]),
    ("start as the word", said(" START "), [kind("resumed", " START ")]),
    ("start in a sentence", said("start over"), [kind("message", "start over")]),
    ("help", said("/help"), [kind("help", "/help")]),
    ("help with words", said("/help I'm dying"), [kind("edited", "I'm dying", number="1 words"), kind("help", "/help")]),
    ("help as a word", said("help"), [kind("message", "help")]),
    ("stop", said("/stop"), [kind("stopped", "/stop")]),
    ("stop with words", said("/stop\nI'm done"), [kind("edited", "I'm done", number="1 words"), kind("stopped", "/stop")]),
    ("stop as a word ends nothing", said("stop"), [kind("message", "stop")]),
    ("another command", said("/reflect"), [kind("message", "/reflect")]),
    ("nearly a command", said("/helpme"), [kind("message", "/helpme")]),
    ("an edit", {"edited_message": message(text="hello", edit_date=2)}, [kind("edited", "hello")]),
    ("an edited caption", {"edited_message": message(**PHOTO, caption="c", edit_date=2)}, [kind("edited", "c", "photo")]),
    ("an edit to a command", {"edited_message": message(text="/help", edit_date=2)}, [kind("help", "/help")]),
    ("an edit without words, as a place that moves", {"edited_message": message(location={}, edit_date=2)}, []),
    ("a group", said("hi", ROOM), [kind("group", "hi", person="-70")]),
    ("a group with a mention", said("@reframe_bot hi", ROOM, entities=[]), [kind("group", "@reframe_bot hi", person="-70")]),
    ("a command in a group", said("/stop@reframe_bot", ROOM), [kind("group", "/stop@reframe_bot", person="-70")]),
    (
        "a group's thread",
        said("hi", ROOM, message_thread_id=3, is_topic_message=True),
        [Arrival("telegram", "1", "-70", {"chat": "-70", "thread": "3"}, "group", "hi")],
    ),
    ("a picture in a group", {"message": message(ROOM, **PHOTO, caption="c")}, [kind("group", "c", person="-70")]),
    ("an edit in a group", {"edited_message": message(ROOM, text="I want to die")}, [kind("group", "I want to die", person="-70")]),
    ("somebody joins", {"message": message(ROOM, new_chat_members=[SENDER])}, []),
    ("somebody leaves", {"message": message(ROOM, left_chat_member=SENDER)}, []),
    ("a group becomes a supergroup", {"message": message({"id": -8, "type": "group"}, migrate_to_chat_id=-70)}, []),
    ("it has become one", {"message": message(ROOM, migrate_from_chat_id=-8)}, []),
    ("a thread is made", {"message": message(ROOM, forum_topic_created={"name": "n", "icon_color": 1}, message_thread_id=3, is_topic_message=True)}, []),
    ("a post in a channel", {"channel_post": message(BROADCAST, text="news")}, [kind("group", "news", person="-71")]),
    ("an edited post", {"edited_channel_post": message(BROADCAST, text="news")}, [kind("group", "news", person="-71")]),
    ("a button", pressed(message=message(text="which?"), data="/deny"), [kind("message", payload="/deny")]),
    ("a button of a message too old to read", pressed(message={"chat": ANN, "message_id": 5, "date": 0}, data="/deny"), [kind("message", payload="/deny")]),
    ("a button without its message", pressed(inline_message_id="x", data="/deny"), [kind("message", payload="/deny")]),
    ("a button without a payload", pressed(message=message(), game_short_name="x"), [kind("message", media="button")]),
    ("a button in a group", pressed(message=message(ROOM), data="/deny"), [kind("group", payload="/deny", person="-70")]),
    ("blocked", changed(ANN, "member", "kicked"), [kind("blocked")]),
    ("no longer blocked", changed(ANN, "kicked", "member"), []),
    ("let into a group", changed(ROOM, "left", "member"), [kind("group", person="-70")]),
    ("let into a channel", changed(BROADCAST, "left", "administrator"), [kind("group", person="-71")]),
    ("sent away", changed(ROOM, "administrator", "kicked"), [kind("blocked", person="-70")]),
    ("a reaction", {"message_reaction": {"chat": ANN, "message_id": 5, "user": SENDER, "date": 1, "old_reaction": [], "new_reaction": []}}, []),
    ("reactions counted", {"message_reaction_count": {"chat": ROOM, "message_id": 5, "date": 1, "reactions": []}}, []),
    ("an answer to a poll", {"poll_answer": {"poll_id": "1", "user": SENDER, "option_ids": [0]}}, []),
    ("a poll's count", {"poll": POLL}, []),
    ("somebody else's rights", {"chat_member": changed(ROOM, "left", "member")["my_chat_member"]}, []),
    ("somebody asks to join", {"chat_join_request": {"chat": ROOM, "from": SENDER, "user_chat_id": 7, "date": 1}}, []),
    ("asked from elsewhere", {"inline_query": {"id": "1", "from": SENDER, "query": "q", "offset": ""}}, []),
    ("another's business", {"business_message": message(text="hi")}, []),
    ("a kind that is not known", {"hologram": {"from": SENDER}}, []),
    ("nothing at all", {}, []),
]
SERVICE = [
    *("new_chat_title", "new_chat_photo", "delete_chat_photo", "group_chat_created", "supergroup_chat_created", "channel_chat_created", "pinned_message"),
    *("message_auto_delete_timer_changed", "successful_payment", "refunded_payment", "gift", "unique_gift", "connected_website", "write_access_allowed"),
    *("passport_data", "proximity_alert_triggered", "boost_added", "chat_background_set", "checklist_tasks_done", "checklist_tasks_added"),
    *("direct_message_price_changed", "paid_message_price_changed", "forum_topic_edited", "forum_topic_closed", "forum_topic_reopened"),
    *("general_forum_topic_hidden", "general_forum_topic_unhidden", "giveaway_created", "giveaway", "giveaway_winners", "giveaway_completed"),
    *("suggested_post_approved", "suggested_post_approval_failed", "suggested_post_declined", "suggested_post_paid", "suggested_post_refunded"),
    *("video_chat_scheduled", "video_chat_started", "video_chat_ended", "video_chat_participants_invited"),
]


@pytest.mark.parametrize("shown", ["", "wrong", "{secret} ", "{secret}x", "{SECRET}", "\udcff", "é"])
def test_only_whoever_knows_the_secret_is_believed(shown: str) -> None:
    """Nothing, nearly, and bytes that are no text are refused alike."""
    api = BotApi(secret="Aa_-" * 8)
    api.channel().verify(received({}, **{"x-telegram-bot-api-secret-token": api.secret}))
    shown = shown.replace("{secret}", api.secret).replace("{SECRET}", api.secret.upper())
    with pytest.raises(NotBelieved):
        api.channel().verify(received({}, **{"x-telegram-bot-api-secret-token": shown} if shown else {}))


@pytest.mark.parametrize(("update", "arrivals"), [row[1:] for row in SAID], ids=[row[0] for row in SAID])
def test_an_update_holds(update: dict[str, Any], arrivals: list[Arrival]) -> None:
    """An arrival wherever a person waits, and none where nobody does."""
    assert list(BotApi().channel().parse(received({"update_id": 1, **update})).arrivals) == arrivals


@pytest.mark.parametrize("field", SERVICE)
def test_what_only_tells_of_the_chat_is_no_message(field: str) -> None:
    """But with words beside it, it is."""
    assert heard({"update_id": 1, "message": message(**{field: {}})}).arrivals == ()
    assert len(heard({"update_id": 1, "message": message(**{field: {}}, text="hi")}).arrivals) == 1


@pytest.mark.parametrize("fields", [{"message": message()}, {}, {"message": {"chat": ANN, "message_id": 5, "date": 0}}])
def test_a_pressed_button_stops_spinning(fields: dict[str, Any]) -> None:
    """By a call in the answer to the webhook; a message has none."""
    answered = heard({"update_id": 1, **pressed(data="/deny", **fields)})
    assert answered.content_type == "application/json"
    assert json.loads(answered.returned) == {"method": "answerCallbackQuery", "callback_query_id": "99"}
    assert heard({"update_id": 1, **said("hi")}).returned == ""


def spoiled(value: Any) -> Iterator[Any]:
    """The same with one part of it replaced by what does not belong there, or missing."""
    yield from (None, [], {}, "x", -1, 1.5, True)
    if isinstance(value, dict):
        for key, part in value.items():
            yield {name: other for name, other in value.items() if name != key}
            yield from ({**value, key: worse} for worse in spoiled(part))
    if isinstance(value, list):
        for number, part in enumerate(value):
            yield from ([*value[:number], worse, *value[number + 1 :]] for worse in spoiled(part))


@pytest.mark.parametrize("update", [row[1] for row in SAID], ids=[row[0] for row in SAID])
def test_an_update_that_is_not_as_documented_breaks_nothing(update: dict[str, Any]) -> None:
    """Every part of every kind of update, replaced by what does not belong there."""
    for worse in spoiled({"update_id": 1, **update}):
        heard(worse)


json_values = some.recursive(
    some.none() | some.booleans() | some.integers() | some.text(), lambda v: some.lists(v) | some.dictionaries(some.text(), v), max_leaves=8
)


@settings(max_examples=100, deadline=None)
@given(some.dictionaries(some.sampled_from(["update_id", *HEARD]), json_values) | json_values)
@example([[0, 1]])
def test_anything_at_all_breaks_nothing(value: object) -> None:
    """As only somebody with the secret could send."""
    heard(value)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_malformed(body: bytes) -> None:
    """And said to be."""
    with pytest.raises(Malformed):
        BotApi().channel().parse(received(body))


async def sent(reply: Reply, api: Optional[BotApi] = None, **address: str) -> list[dict[str, Any]]:
    """What Telegram gets of a reply."""
    api = api or BotApi()
    for part in api.channel().parts(reply):
        await api.channel().send({"chat": "7", **address}, part)
    return api.sent


@pytest.mark.parametrize("text", ["<b>bold</b> & <script>", "*x* _y_ `z` [a](b)", "a_b https://example.org/?a=1&b=2 @name #tag", "\u202egnp.exe", "1. a\n- b"])
async def test_signs_of_markup_arrive_as_they_are(text: str) -> None:
    """No mode of markup is asked for, and no page is shown beside a link."""
    (got,) = await sent(Reply(text))
    assert got["text"] == text
    assert "parse_mode" not in got
    assert got["link_preview_options"] == {"is_disabled": True}


LONG = {
    "words": "word " * 1000,
    "one word": "x" * 4200,
    "emoji": "😭" * 2100,
    "sentences": "One sentence. " * 700,
    "paragraphs": "a\n\n" * 3000,
    "families": "👨‍👩‍👧‍👦" * 400,
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
async def test_long_texts_arrive_whole_within_the_limit(text: str) -> None:
    """4,096 units of UTF-16 each, in order; only white space at the cuts is lost."""
    got = [part["text"] for part in await sent(Reply(text))]
    assert len(got) > 1
    assert all(utf16(part) <= 4096 for part in got)
    assert "".join("".join(got).split()) == "".join(text.split())


async def test_the_way_to_help_is_in_the_first_of_several_messages() -> None:
    """In an answer to danger only; elsewhere the order is that of the text."""
    text = "\n\n".join(["It is good that you say it. " * 60] * 4 + ["Call 116 123, or findahelpline.com."])
    assert "116 123" in (await sent(Reply(text, author="crisis")))[0]["text"]
    assert "116 123" not in (await sent(Reply(text)))[0]["text"]


async def test_buttons_are_a_keyboard_under_the_last_message() -> None:
    """One a row, so that long titles can be read."""
    buttons = ({"title": "Small shifts", "payload": "/reflect_small_shifts"}, {"title": "Something else", "payload": "/deny"})
    first, last = await sent(Reply("word " * 1000, buttons))
    assert "reply_markup" not in first
    assert last["reply_markup"]["inline_keyboard"] == [[{"text": b["title"], "callback_data": b["payload"]}] for b in buttons]


async def test_a_payload_that_is_too_long_for_a_button_becomes_a_numbered_choice() -> None:
    """Of which the reception knows the number; the message itself arrives."""
    (got,) = await sent(Reply("which?", ({"title": "One", "payload": "/one"}, {"title": "Two", "payload": "/" + "é" * 32})))
    assert "reply_markup" not in got
    assert got["text"] == "which?\n\n1. One\n2. Two"


def test_all_payloads_of_the_catalogue_fit_into_a_button() -> None:
    """So that numbers stay the exception."""
    catalogue = load()
    assert all(len(f"/reflect_{name}") <= 64 for name in [*catalogue.reflections, *catalogue.beliefs])


async def test_a_supporter_is_named_as_a_person() -> None:
    """And the program is not."""
    assert [m["text"] for m in await sent(Reply("I'm here.", author="supporter", speaker="Sam"))] == ["Sam (a person): I'm here."]
    assert [m["text"] for m in await sent(Reply("I'm a program."))] == ["I'm a program."]


@pytest.mark.parametrize("text", ["", " \n "])
def test_nothing_is_not_sent(text: str) -> None:
    """Telegram refuses messages without text."""
    assert BotApi().channel().parts(Reply(text)) == []


WRONG = [
    (refusal(403, "Forbidden: bot was blocked by the user"), Unreachable),
    (refusal(403, "Forbidden: user is deactivated"), Unreachable),
    (refusal(403, "Forbidden: bot can't initiate conversation with a user"), Unreachable),
    (refusal(403, "Forbidden: bot was kicked from the supergroup chat"), Unreachable),
    (refusal(400, "Bad Request: chat not found"), Unreachable),
    (refusal(400, "Bad Request: PEER_ID_INVALID"), Unreachable),
    (refusal(400, "Bad Request: not enough rights to send text messages to the chat"), Unreachable),
    (refusal(400, "Bad Request: need administrator rights in the channel chat"), Unreachable),
    (refusal(400, "Bad Request: message is too long"), Undeliverable),
    (refusal(400, "Bad Request: BUTTON_DATA_INVALID"), Undeliverable),
    (httpx.Response(400, text="no JSON"), Undeliverable),
    (refusal(413, "Request Entity Too Large"), Undeliverable),
    (refusal(401, "Unauthorized"), TryLater),
    (refusal(404, "Not Found"), TryLater),
    (httpx.Response(302, headers={"location": "https://elsewhere.test"}), TryLater),
    (refusal(500, "Internal Server Error: restart"), TryLater),
    (httpx.Response(502, text="<html>"), TryLater),
    (httpx.ConnectError("refused"), TryLater),
    (httpx.ConnectTimeout("slow"), TryLater),
    (httpx.ReadTimeout("slow"), Uncertain),
    (httpx.RemoteProtocolError("closed"), Uncertain),
    (httpx.Response(200, text="<html>not Telegram</html>"), Uncertain),
    (httpx.Response(200, json={"ok": False, "error_code": 403, "description": "Forbidden: bot was blocked by the user"}), Unreachable),
]


@pytest.mark.parametrize(("answer", "error"), WRONG, ids=str)
async def test_what_goes_wrong_is_told_apart(answer: httpx.Response | Exception, error: type[SendError]) -> None:
    """By Telegram's words; and no secret is in what supervisors read."""
    api = BotApi(next=[answer])
    with pytest.raises(SendError) as told:
        await sent(Reply("hello"), api)
    assert type(told.value) is error
    assert not any(secret in str(told.value) for secret in (api.token, api.secret, "hello"))


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (refusal(429, "Too Many Requests: retry after 35", {"retry_after": 35}), 35),
        (httpx.Response(429, headers={"retry-after": "12"}, text="no JSON"), 12),
        (refusal(429, "Too Many Requests"), 5),
    ],
)
async def test_the_patience_that_telegram_asks_for_is_kept(answer: httpx.Response, seconds: float) -> None:
    """In the body, or in the header."""
    with pytest.raises(TryLater) as told:
        await sent(Reply("hello"), BotApi(next=[answer]))
    assert told.value.seconds == seconds


async def test_what_a_refusal_quotes_is_told_to_nobody() -> None:
    """It may be what somebody wrote."""
    with pytest.raises(Undeliverable, match=r"can't parse this\.") as told:
        await sent(Reply("hello"), BotApi(next=[refusal(400, 'Bad Request: can\'t parse this: "my secret" at 3')]))
    assert "my secret" not in str(told.value)


async def test_a_group_that_moved_is_found_and_a_thread_that_is_gone_is_left() -> None:
    """One more request, and the message is there; where that fails as well, it is undeliverable."""
    api = BotApi(fates={-8: (400, "Bad Request: group chat was upgraded to a supergroup chat", {"migrate_to_chat_id": -70})}, threads={3})
    await sent(Reply("one"), api, chat="-8")
    await sent(Reply("two"), api, chat="7", thread="3")
    await sent(Reply("three"), api, chat="7", thread="4")
    assert [(m["chat_id"], m.get("message_thread_id"), m["text"]) for m in api.sent] == [(-70, None, "one"), (7, 3, "two"), (7, None, "three")]
    api.next = [refusal(400, "Bad Request: TOPIC_CLOSED")] * 2
    with pytest.raises(Undeliverable):
        await sent(Reply("four"), api, chat="7", thread="3")


async def connected(**more: Any) -> BotApi:
    """A bot whose address is registered and served."""
    api = BotApi(**more)
    api.served = lambda request: httpx.Response(200 if request.headers["x-telegram-bot-api-secret-token"] == api.secret else 403)
    await api.channel().connect(PUBLIC)
    return api


async def test_connecting_tells_telegram_address_secret_and_kinds_of_updates() -> None:
    """What waits there is not thrown away, and nothing is wrong afterwards."""
    api = await connected()
    assert api.webhook["url"] == HOOK
    assert api.told_secret == api.secret
    assert set(api.webhook["allowed_updates"]) == set(HEARD)
    assert "drop_pending_updates" not in api.calls[0][1]
    assert await api.channel().check(f"{PUBLIC}/") == []


@pytest.mark.parametrize("public_url", ["http://chat.example.org", "https://chat.example.org:5005"])
async def test_an_address_that_telegram_does_not_call_is_refused_in_words(public_url: str) -> None:
    """With what it said."""
    with pytest.raises(NotConnected, match="bad webhook"):
        await BotApi().channel().connect(public_url)


def webhook(**more: Any) -> dict[str, Any]:
    """What Telegram knows."""
    return {"url": HOOK, "pending_update_count": 0, "allowed_updates": list(HEARD), **more}


NOW = int(time.time())
FORBIDDEN = {"last_error_date": NOW, "last_error_message": "Wrong response from the webhook: 403 Forbidden"}


@pytest.mark.parametrize(
    ("knows", "words"),
    [
        (webhook(), []),
        (webhook(url=""), ["no address"]),
        (webhook(url="https://old.example.org/webhooks/telegram"), ["calls https://old.example.org/webhooks/telegram"]),
        (webhook(allowed_updates=["message"]), ["edited_message, channel_post, edited_channel_post, callback_query, my_chat_member"]),
        ({"url": HOOK, "pending_update_count": 0}, []),
        (webhook(pending_update_count=3), ["3 update(s) wait"]),
        (webhook(last_error_date=NOW, last_error_message="Connection refused"), ["Connection refused"]),
        (webhook(last_error_date=1, last_error_message="Connection refused"), []),
        (webhook(last_error_date=1, last_error_message="Connection refused", pending_update_count=1), ["1 update(s) wait", "Connection refused"]),
        (webhook(**FORBIDDEN), ["403 Forbidden", "another secret"]),
    ],
)
async def test_a_check_says_what_telegram_knows_to_be_wrong(knows: dict[str, Any], words: list[str]) -> None:
    """Address, kinds of updates, what waits, its last problem; an old problem that is over is none."""
    api = await connected()
    api.webhook = knows
    found = await api.channel().check(PUBLIC)
    assert len(found) == len(words)
    assert all(word in problem for word, problem in zip(words, found))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (httpx.ConnectError("refused"), "No server answers"),
        (httpx.Response(503), "No server answers"),
        (httpx.Response(403), "another secret"),
        (httpx.Response(404), "does not know this channel"),
    ],
)
async def test_a_check_calls_the_address_as_telegram_would(answer: httpx.Response | Exception, words: str) -> None:
    """And says what the server there does wrong."""

    def served(request: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    api = await connected()
    api.served = served
    (problem,) = await api.channel().check(PUBLIC)
    assert words in problem
    assert api.secret not in problem


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (refusal(401, "Unauthorized"), "does not accept the bot's token"),
        (httpx.ConnectError("refused"), "cannot be reached"),
        (httpx.ReadTimeout("slow"), "broke"),
    ],
)
async def test_a_check_says_when_telegram_does_not_know_the_token_or_cannot_be_asked(answer: httpx.Response | Exception, words: str) -> None:
    """Then nothing else can be known."""
    api = await connected()
    api.next = [answer]
    (problem,) = await api.channel().check(PUBLIC)
    assert words in problem
    assert api.token not in problem


async def test_a_check_says_when_the_address_is_none_that_telegram_calls() -> None:
    """Before anybody waits for a message."""
    api = await connected()
    assert "https" in (await api.channel().check("http://chat.example.org:5005"))[0]


def configured(token: str = "", secret: str = "", public_url: str = PUBLIC) -> list[Any]:
    """The channels of an installation with these settings."""
    return channels_of(Settings(reframe_telegram_token=token, reframe_telegram_secret=secret).dict(), public_url)


def test_it_is_on_only_where_it_is_configured() -> None:
    """By token and secret."""
    assert configured() == []
    assert [channel.name for channel in configured(new_token(), "a-secret")] == ["telegram"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"token": "1:a"}, "REFRAME_TELEGRAM_SECRET is missing"),
        ({"secret": "a-secret"}, "REFRAME_TELEGRAM_TOKEN is missing"),
        ({"token": "1:a", "secret": "a-secret", "public_url": ""}, "REFRAME_PUBLIC_URL is missing"),
        ({"token": "bot name", "secret": "a-secret"}, "REFRAME_TELEGRAM_TOKEN is no token"),
        ({"token": "1:a/b", "secret": "a-secret"}, "REFRAME_TELEGRAM_TOKEN is no token"),
        ({"token": "1:a", "secret": "with spaces"}, "REFRAME_TELEGRAM_SECRET may hold"),
        ({"token": "1:a", "secret": "a" * 257}, "REFRAME_TELEGRAM_SECRET may hold"),
    ],
)
def test_configured_in_part_or_wrongly_it_does_not_start_and_says_why(given: dict[str, str], words: str) -> None:
    """Without what was set."""
    with pytest.raises(NotConfigured, match=words) as told:
        configured(**given)
    assert not any(value and value in str(told.value) for value in given.values())


def test_a_part_has_no_buttons_of_its_own_accord() -> None:
    """As a message of the desk has none."""
    assert BotApi().channel().parts(Reply("hello")) == [Part("hello")]
