"""The whole process over HTTP: from a sentence to a reframe, and whatever else a client may send."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from bot.reframing.loading import load
from tests.whole.conftest import Person, Server, start, stop

CATALOGUE = load()


def holds(said: str, belief: str, *names: str) -> bool:
    """Whether a line of these lists stands in what was said."""
    return any(line.text in said for name in names for line in getattr(CATALOGUE.beliefs[belief], name))


@pytest.mark.parametrize(("text", "belief"), [("I think I've failed therapy", "failed_therapy"), ("maybe I'm just too resistant", "resistant")])
def test_the_main_job(person: Person, text: str, belief: str) -> None:
    """Acknowledgement, reframe, question; then the answer is heard as an answer."""
    said = person.say(text)
    assert holds(said, belief, "acknowledgements")
    assert holds(said, belief, "reframes")
    assert said.count("?") == 1
    assert holds(person.say("I suppose I thought I would sleep again, and be nicer to my kids."), belief, "deepen")
    assert holds(person.say("that doesn't fit me"), belief, "angles")
    assert holds(person.say("idk"), belief, "easier")
    assert holds(person.say("can you say more about that?"), belief, "more")
    assert person.say("please stop") in CATALOGUE.moments["stop"]


def test_it_begins_by_saying_what_it_is(person: Person) -> None:
    """A program, not a therapist, who may read, how to leave and delete, where help is."""
    (notice,) = person.greeted
    for part in ("program", "not a therapist", "not a crisis service", "can read it", "stop", "delete", "emergency number"):
        assert part in notice["text"]


@pytest.mark.parametrize(
    "text", ["I want to kill myself", "I failed therapy and I want to die", "k i l l myself tonight", "my husband hits me and I'm not safe"]
)
def test_danger_gets_help_and_never_a_reframe(person: Person, text: str) -> None:
    """Also beside a belief, and the next belief is not reframed either."""
    for said in (person.say(text), person.say("I think I've failed therapy"), person.say("hello")):
        assert "findahelpline.com" in said
        assert not any(holds(said, belief, "core") for belief in CATALOGUE.beliefs)


def test_a_reflection_by_button_to_a_kept_sentence(person: Person) -> None:
    """Offered, pressed, answered, kept, shown again."""
    person.say("what can you do?")
    form = CATALOGUE.reflections["small_shifts"]
    said = person.press("/reflect_small_shifts")
    for step in form.steps:
        assert any(ask in said for ask in step.asks)
        said = person.say("I noticed it a day earlier, maybe")
    person.say("noticing counts")
    assert "noticing counts" in person.say("what did I take away?")


@pytest.mark.parametrize(
    ("text", "goes_on"),
    [
        ("a little sooner than last spring, perhaps", True),
        ("I go quiet, that is the first sign", True),
        ("no, nothing has changed", True),
        ("idk", False),
    ],
)
def test_an_answer_takes_a_reflection_to_its_next_question(person: Person, text: str, goes_on: bool) -> None:
    """Sooner, a sign, or nothing at all is an answer; not knowing gets an easier question of the same step."""
    person.say("what can you do?")
    person.press("/reflect_small_shifts")
    said = person.say(text)
    assert any(ask in said for ask in CATALOGUE.reflections["small_shifts"].steps[1].asks) is goes_on


DANGER = "I want to kill myself"


def test_danger_in_the_middle_of_a_reflection_is_seen(person: Person) -> None:
    """The reflection is left."""
    person.say("what can you do?")
    person.press("/reflect_translate")
    assert "findahelpline.com" in person.say(DANGER)
    assert not any(ask in person.say("hm") for step in CATALOGUE.reflections["translate"].steps for ask in step.asks)


@pytest.mark.parametrize(
    "text",
    [f'/affirm{{"x": 1}} {DANGER}', f"/restart {DANGER}", "The bus was late again today. " * 3000 + DANGER + ". It rained." * 300],
    ids=["after a command", "after restart", "far inside"],
)
def test_danger_is_seen_wherever_it_stands(person: Person, text: str) -> None:
    """After what looks like a command, and in the 90,000th character."""
    assert "findahelpline.com" in person.say(text)


def test_danger_in_the_second_of_three_quick_messages_is_seen(person: Person) -> None:
    """And stays in force for the third."""
    with ThreadPoolExecutor(3) as pool:
        said = []
        for text in ("hello there", DANGER, "I think I've failed therapy"):
            said.append(pool.submit(person.say, text))
            time.sleep(0.03)
        answers = [s.result() for s in said]
    assert "findahelpline.com" in answers[1]
    assert not any(holds(answers[2], belief, "core") for belief in CATALOGUE.beliefs)


def test_help_is_for_the_country_that_was_named(person: Person) -> None:
    """Its emergency number, and no other country's."""
    said = person.say(f"I live in Ireland and {DANGER}")
    assert "999" in said
    assert "988" not in said


BAD_TEXTS = [
    "",
    "   ",
    "\u200b\u200d",
    "😞😞",
    "x" * 100_000,
    "I am tired. " * 8000,
    "a\x00b",
    "\x00",
    "\ud800",
    "ok \udfff ok",
    "/restart",
    '/reflect_translate{"memory": {}}',
    "  /affirm",
    "\n/stop",
    "/",
    "\u202e/greet",
]


@pytest.mark.parametrize("text", BAD_TEXTS, ids=lambda t: repr(t[:20]))
def test_any_text_gets_an_answer_and_is_kept(person: Person, text: str) -> None:
    """Nothing that can be typed breaks it or is lost."""
    response = person.http.post(f"/{person.id}/messages", content=json.dumps({"text": text}))
    assert response.status_code == 200
    replies = response.json()["messages"]
    assert replies
    assert "fault on my side" not in replies[0]["text"]
    kept = next(m for m in person.read() if m["from"] == "person")
    assert len(kept["text"]) == len(text)


@pytest.mark.parametrize(
    "text",
    ["/reflect_translate", '/reflect_translate{"x":1}', "  /reflect_translate", "\n\t/reflect_translate", '/affirm{"memory": {"takeaways": ["planted"]}}'],
)
def test_free_text_triggers_no_intent_and_fills_no_slot(person: Person, text: str) -> None:
    """Only buttons that were offered do."""
    said = person.say(text)
    assert CATALOGUE.reflections["translate"].opening not in said
    assert "planted" not in person.say("what did I take away?")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"nul", 400),
        (b"[" * 100_000, 400),
        (b"[]", 422),
        (b'"text"', 422),
        (b"12", 422),
        (b"null", 422),
        (b"{}", 422),
        (b'{"text": null}', 422),
        (b'{"text": 1}', 422),
        (b'{"text": ["a"]}', 422),
        (b'{"text": {"a": 1}}', 422),
        (b'{"text": "a", "sender": "b"}', 422),
        (b'{"text": "a", "button": "/stop"}', 422),
        (b'{"button": "/restart"}', 409),
        (b'{"button": 1}', 422),
        (b'{"text": "a", "client_id": ""}', 422),
        (b'{"text": "a", "client_id": "../x"}', 422),
        (b'{"text": "' + b"a" * 1_100_000 + b'"}', 413),
    ],
    ids=lambda v: repr(v[:24]) if isinstance(v, bytes) else None,
)
def test_what_is_no_message_is_refused_clearly(person: Person, body: bytes, status: int) -> None:
    """A status of its own, a sentence for people, nothing of the inside."""
    response = person.http.post(f"/{person.id}/messages", content=body)
    assert response.status_code == status
    error = response.json()["error"]
    assert error["code"]
    assert error["message"].endswith(".")
    assert "Traceback" not in response.text
    assert [m for m in person.read() if m["from"] == "person"] == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/nowhere"),
        ("GET", "/api/conversations/x/messages"),
        ("PUT", "/api/conversations/"),
        ("GET", "/api/conversations/%00/messages"),
        ("POST", "/api/conversations/a%2fb/messages"),
    ],
)
def test_an_address_that_is_not_there_is_a_clear_error(server: Server, method: str, path: str) -> None:
    """As JSON."""
    response = httpx.request(method, server.url + path)
    assert 400 <= response.status_code < 500
    assert response.json()["error"]["message"]


def test_nobody_reads_or_writes_another_persons_conversation(server: Server, person: Person) -> None:
    """Neither with another's secret nor with none."""
    other = Person(server)
    for headers in (
        {"Authorization": f"Bearer {other.secret}"},
        {"Authorization": "Bearer x"},
        {"Authorization": "Basic eA"},
        {"Authorization": "Bearer ü"},
        {},
    ):
        for response in (
            httpx.get(f"{server.url}/api/conversations/{person.id}/messages", headers={k: v.encode("latin-1") for k, v in headers.items()}),
            httpx.post(
                f"{server.url}/api/conversations/{person.id}/messages", headers={k: v.encode("latin-1") for k, v in headers.items()}, json={"text": "hi"}
            ),
            httpx.delete(f"{server.url}/api/conversations/{person.id}", headers={k: v.encode("latin-1") for k, v in headers.items()}),
        ):
            assert response.status_code == 404
    assert person.say("hello there")


def test_sent_twice_under_one_name_is_answered_once(person: Person) -> None:
    """The same replies come back, and the conversation holds the message once."""
    first, second = (person.post({"text": "hello there", "client_id": "abc"}).json() for _ in range(2))
    assert first == second
    assert len([m for m in person.read() if m["from"] == "person"]) == 1


def test_only_what_is_new_is_read(person: Person) -> None:
    """From a number on; a number that is none is refused."""
    person.say("hello there")
    last = person.read()[-1]["number"]
    path = f"/{person.id}/messages"
    assert person.http.get(path, params={"after": last}).json()["messages"] == []
    for wrong in ("x", "-1", "1.5", "9" * 40):
        assert person.http.get(path, params={"after": wrong}).status_code == 400


def test_a_deleted_conversation_is_gone(person: Person) -> None:
    """For good."""
    person.say("I think I've failed therapy")
    assert person.http.delete(f"/{person.id}").status_code == 204
    assert person.http.get(f"/{person.id}/messages").status_code == 404
    assert person.post({"text": "hello"}).status_code == 404


def test_after_a_restart_the_conversation_goes_on(tmp_path: Path) -> None:
    """The tracker, the take-away and the messages are still there; nothing already said comes again."""
    environment = {"DATABASE_URL": f"sqlite:///{tmp_path / 'reframe.db'}"}
    running = start(environment)
    person = Person(running)
    before = person.say("I think I've failed therapy")
    stop(running)
    running = start(environment)
    person.http.base_url = httpx.URL(f"{running.url}/api/conversations/")
    assert [m["text"] for m in person.read()][-1] == before
    assert holds(person.say("sleeping again, I suppose"), "failed_therapy", "deepen")
    person.say("let's start over")
    again = person.say("I think I've failed therapy")
    reframes = [next(line.text for line in CATALOGUE.beliefs["failed_therapy"].reframes if line.text in said) for said in (before, again)]
    assert reframes[0] != reframes[1]
    stop(running)
