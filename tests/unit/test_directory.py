"""The directory of services: who is offered, when, and what a check finds."""

from __future__ import annotations

import ast
import re
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.safety import directory as module
from bot.safety.directory import CONTENT, LOCAL, TOPICS, Directory, DirectoryError, Service, load, read, topics_of

TODAY = date(2026, 7, 1)
NOON = datetime(2026, 7, 1, 12, tzinfo=timezone.utc)  # a Wednesday
WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
SHIPPED = load()
COUNTRIES = sorted({s.country for s in SHIPPED.services} - {"INT"})


def entry(**changed: Any) -> dict[str, Any]:
    """A faultless entry with some of it changed."""
    plain = {
        "id": "xx_line",
        "country": "XX",
        "region": None,
        "name": "Line",
        "phone": "000 1",
        "sms": None,
        "chat_url": None,
        "url": "https://line.example.org/",
        "hours": "24/7",
        "timezone": None,
        "languages": ["en"],
        "topics": ["crisis"],
        "cost": "free",
        "source": "https://line.example.org/contact",
        "trust": "A",
        "verified_on": TODAY,
        "verified_by": "Ada",
        "source_verified_on": None,
    }
    return {**plain, **changed}


WORLD = entry(id="int_list", country="INT", name="List", phone=None, topics=["directory"])


def made(*entries: dict[str, Any], emergencies: dict[str, Any] | None = None) -> Directory:
    """A directory of these entries and the international one."""
    return Directory.parse_obj({"services": [*entries, WORLD], "emergencies": emergencies or {}})


def hours(opens: str, closes: str, days: list[str] = WEEK) -> list[dict[str, Any]]:
    """One period."""
    return [{"days": days, "open": opens, "close": closes}]


def ids(services: list[Service]) -> list[str]:
    """Their names in the file."""
    return [s.id for s in services]


@pytest.mark.parametrize(
    ("country", "topics", "channel", "first"),
    [
        ("US", ("suicide",), None, ["us_988", "us_crisis_text_line"]),
        ("US", ("abuse",), None, ["us_domestic_violence_hotline", "us_988"]),
        ("US", ("sexual_assault",), "phone", ["us_rainn", "us_988"]),
        ("US", ("sexual_assault",), "text", ["us_988", "us_crisis_text_line"]),
        ("US", (), None, ["us_988", "us_crisis_text_line"]),
        ("GB", ("suicide",), None, ["gb_samaritans", "gb_shout"]),
        ("GB", ("suicide",), "phone", ["gb_samaritans", "int_find_a_helpline"]),
        ("GB", ("suicide",), "text", ["gb_shout", "int_find_a_helpline"]),
        (" uk ", ("abuse",), None, ["gb_domestic_abuse_helpline", "gb_samaritans"]),
        ("AU", ("child",), None, ["au_kids_helpline", "au_lifeline"]),
        ("AU", ("suicide",), None, ["au_lifeline", "int_find_a_helpline"]),
        ("FR", ("no such topic",), None, ["fr_3114", "int_find_a_helpline"]),
        ("FR", ("suicide",), "text", ["int_find_a_helpline"]),
    ],
)
def test_what_fits_comes_first_then_the_general_lines_then_the_world(country: str, topics: tuple[str, ...], channel: Any, first: list[str]) -> None:
    """In this order, at most two."""
    assert ids(SHIPPED.choose(country, topics, NOON, channel)) == first


@pytest.mark.parametrize("country", [None, "", "ZZ", "INT", "no country", "🇺🇸"])
@pytest.mark.parametrize("channel", [None, "phone", "text"])
def test_an_unknown_country_gets_the_international_directory_only(country: str | None, channel: Any) -> None:
    """Never the United States by default."""
    assert ids(SHIPPED.choose(country, ("suicide", "abuse"), NOON, channel)) == ["int_find_a_helpline"]
    assert SHIPPED.emergency(country) == LOCAL == "call your local emergency number"


@pytest.mark.parametrize("country", COUNTRIES)
def test_nobody_is_sent_to_another_country_or_away_with_nothing(country: str) -> None:
    """For any topic, at any hour, on any channel."""
    for hour in range(0, 24, 3):
        for topic in TOPICS:
            for channel in (None, "phone", "text"):
                got = SHIPPED.choose(country, (topic,), NOON + timedelta(hours=hour), channel)
                assert got
                assert {s.country for s in got} <= {country, "INT"}


def test_a_line_for_something_else_is_not_offered_in_general() -> None:
    """A line for the young or against violence is offered only to whom it is for."""
    offered = ids(made(entry(topics=["child"]), entry(id="xx_b", topics=["abuse"])).choose("XX", ("suicide",), NOON))
    assert offered == ["int_list"]


def test_the_order_is_that_of_the_topics_then_trust_then_the_file() -> None:
    """The same every time."""
    found = made(
        entry(id="b_first", trust="B"),
        entry(id="a_first"),
        entry(id="a_second"),
        entry(id="abuse", topics=["abuse"]),
        entry(id="both", topics=["abuse", "child"]),
    )
    assert ids(found.choose("XX", ("child", "abuse"), NOON, limit=9)) == ["both", "abuse", "a_first", "a_second", "b_first", "int_list"]


@pytest.mark.parametrize(("limit", "count"), [(-1, 1), (0, 1), (1, 1), (2, 2), (3, 3), (99, 3)])
def test_there_are_as_many_as_asked_for_but_never_none(limit: int, count: int) -> None:
    """Two lines of the country and the world are there."""
    assert len(made(entry(), entry(id="xx_b")).choose("XX", (), NOON, limit=limit)) == count


def at(text: str, zone: str = "Asia/Dhaka") -> datetime:
    """A moment by the clock of a place."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        (at("2026-07-01T14:59"), False),
        (at("2026-07-01T15:00"), True),
        (at("2026-07-01T23:59"), True),
        (at("2026-07-02T00:00"), True),
        (at("2026-07-02T02:59"), True),
        (at("2026-07-02T03:00"), False),
        (at("2026-07-01T10:00", "Europe/London"), True),  # 15:00 in Dhaka
        (at("2026-07-01T15:00", "America/New_York"), True),  # 01:00 in Dhaka
        (at("2026-07-01T20:00", "America/New_York"), False),  # 06:00 in Dhaka
        (datetime(2026, 7, 1, 9, tzinfo=timezone.utc), True),
        (datetime(2026, 7, 1, 8, 59, tzinfo=timezone.utc), False),
    ],
)
def test_a_line_that_closes_after_midnight(moment: datetime, is_open: bool) -> None:
    """Its own clock counts, not that of the person."""
    line = next(s for s in SHIPPED.services if s.id == "bd_kaan_pete_roi")
    assert line.is_open(moment) is is_open
    assert ids(SHIPPED.choose("BD", ("suicide",), moment)) == (["bd_kaan_pete_roi"] if is_open else []) + ["int_find_a_helpline"]


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-07-03T22:00", True),  # Friday evening
        ("2026-07-04T01:00", True),  # the night from Friday
        ("2026-07-04T22:00", False),  # Saturday evening
        ("2026-07-03T01:00", False),  # the night from Thursday
    ],
)
def test_the_night_belongs_to_the_day_it_began_on(moment: str, is_open: bool) -> None:
    """Open on Fridays until two means Saturday at one."""
    line = Service.parse_obj(entry(hours=hours("20:00", "02:00", ["fri"]), timezone="Europe/Berlin"))
    assert line.is_open(at(moment, "Europe/Berlin")) is is_open


@pytest.mark.parametrize(("moment", "is_open"), [("2026-07-05T23:59", True), ("2026-07-06T00:00", False), ("2026-07-05T19:59", False)])
def test_closing_at_midnight_is_the_end_of_the_day(moment: str, is_open: bool) -> None:
    """On the last day of the week too."""
    line = Service.parse_obj(entry(hours=hours("20:00", "00:00", ["sun"]), timezone="Europe/Berlin"))
    assert line.is_open(at(moment, "Europe/Berlin")) is is_open


@pytest.mark.parametrize(("month", "is_open"), [(1, False), (7, True)])
def test_summer_time_is_known(month: int, is_open: bool) -> None:
    """Eight in London is seven in Greenwich, but only in summer."""
    line = Service.parse_obj(entry(hours=hours("08:00", "17:00"), timezone="Europe/London"))
    assert line.is_open(datetime(2026, month, 1, 7, 30, tzinfo=timezone.utc)) is is_open


@pytest.mark.parametrize(
    "doubtful",
    [
        entry(hours=None),
        entry(hours=[]),
        entry(hours=hours("09:00", "17:00")),
        entry(hours=hours("09:00", "17:00"), timezone="Mars/Olympus"),
        entry(hours=hours("12:00", "12:00"), timezone="UTC"),
        entry(hours=hours("09:00", "17:00", []), timezone="UTC"),
        entry(hours=hours("13:00", "17:00"), timezone="UTC"),
        entry(hours=hours("09:00", "17:00", ["tue", "thu"]), timezone="UTC"),
    ],
)
def test_what_is_closed_or_may_be_is_not_offered(doubtful: dict[str, Any]) -> None:
    """A line that does not answer is worse than the international directory."""
    assert ids(made(doubtful).choose("XX", ("crisis",), NOON)) == ["int_list"]


def test_a_time_without_a_zone_is_refused() -> None:
    """Nobody can know what hour it is somewhere else."""
    with pytest.raises(ValueError, match="zone"):
        SHIPPED.choose("GB", (), datetime(2026, 7, 1, 12))  # noqa: DTZ001  # the point of the test


@pytest.mark.parametrize(("chat", "sms", "count"), [(None, None, 1), ("https://line.example.org/chat", None, 2), (None, "HELLO to 1", 2)])
def test_chat_counts_as_text(chat: str | None, sms: str | None, count: int) -> None:
    """A line that only takes calls is not offered to who cannot speak aloud."""
    assert len(made(entry(chat_url=chat, sms=sms)).choose("XX", (), NOON, "text")) == count


@pytest.mark.parametrize(
    ("country", "what"),
    [("GB", "call 999"), ("uk", "call 999"), ("US", "call 911"), ("AU", "call 000"), ("FR", "call 112"), ("ID", LOCAL), ("XX", LOCAL), (None, LOCAL)],
)
def test_the_emergency_number_is_that_of_the_country(country: str | None, what: str) -> None:
    """Or none at all."""
    assert SHIPPED.emergency(country) == what


@pytest.mark.parametrize(
    ("ident", "line"),
    [
        ("us_988", "988 Suicide & Crisis Lifeline: call 988, text 988"),
        ("us_crisis_text_line", "Crisis Text Line: text HOME to 741741"),
        ("gb_samaritans", "Samaritans: call 116 123"),
        ("be_zelfmoordlijn_1813", "Zelfmoordlijn 1813 (Flanders): call 1813"),
        ("bd_kaan_pete_roi", "Kaan Pete Roi: call 09612-119911 (daily 15:00 to 03:00, Dhaka time)"),
        ("in_icall", "iCall (TISS): call +91 9152987821 (Mon, Tue, Wed, Thu, Fri, Sat 10:00 to 20:00, Kolkata time)"),
        ("int_find_a_helpline", "Find A Helpline: https://findahelpline.com"),
    ],
)
def test_a_service_is_one_plain_line(ident: str, line: str) -> None:
    """Name, ways to reach it, hours unless always open."""
    assert next(s for s in SHIPPED.services if s.id == ident).shown() == line


def test_a_chat_is_shown_and_a_line_stays_one_line() -> None:
    """Whatever the file says."""
    assert Service.parse_obj(entry(name="A\nline", chat_url="https://a.example.org/c")).shown() == "A line: call 000 1, chat at https://a.example.org/c"


def test_no_number_is_offered_that_is_not_in_the_files() -> None:
    """The code holds none, and a line shows only digits of its own entry."""
    words = [
        n.value for n in ast.walk(ast.parse(Path(module.__file__).read_text(encoding="utf-8"))) if isinstance(n, ast.Constant) and isinstance(n.value, str)
    ]
    assert not [w for w in words if re.search(r"\d{3}", w) and "ISO 3166" not in w]
    files = "".join(path.read_text(encoding="utf-8") for path in (CONTENT / "resources.yml", CONTENT / "emergency.yml"))
    for service in SHIPPED.services:
        assert all(number in files for number in re.findall(r"\d[\d -]*\d", service.shown()))
    for country in COUNTRIES:
        assert all(f'"{country}": {{ number: "{number}' in files or f"or {number} for" in files for number in re.findall(r"\d+", SHIPPED.emergency(country)))


def test_the_shipped_files_have_no_fault_and_await_a_person() -> None:
    """Each entry is pending, none is wrong."""
    assert SHIPPED.check(TODAY, ("US", "CA", "GB", "IE", "AU")) == []
    assert len(SHIPPED.pending()) == len(SHIPPED.services) + len(SHIPPED.emergencies)
    assert load() is SHIPPED


def test_only_what_is_unverified_is_pending() -> None:
    """And that alone is no fault."""
    unseen = {"number": "1", "source": "x", "verified_on": None, "verified_by": None}
    found = made(
        entry(),
        entry(id="xx_new", verified_on=None, verified_by=None),
        emergencies={"XX": unseen, "YY": {**unseen, "verified_on": TODAY, "verified_by": "Ada"}},
    )
    assert found.pending() == ["xx_new: no person has checked it yet", "emergency number XX: no person has checked it yet"]
    assert found.check(TODAY, ()) == []


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"verified_on": date(2026, 1, 1)}, "stale"),
        ({"verified_on": date(2026, 7, 2)}, "in the future"),
        ({"verified_on": None}, "belong together"),
        ({"verified_by": None}, "belong together"),
        ({"phone": None}, "no way to contact"),
        ({"phone": ""}, "no way to contact"),
        ({"hours": None}, "no hours"),
        ({"hours": []}, "no hours"),
        ({"hours": hours("09:00", "17:00", []), "timezone": "UTC"}, "no hours"),
        ({"hours": hours("09:00", "17:00")}, "no time zone"),
        ({"hours": hours("09:00", "17:00"), "timezone": "Mars/Olympus"}, "unknown time zone"),
        ({"hours": hours("09:00", "09:00"), "timezone": "UTC"}, "opens and closes at 09:00"),
        ({"url": "line.example.org"}, "bad URL"),
        ({"url": "https://"}, "bad URL"),
        ({"chat_url": "https://line example.org/"}, "bad URL"),
        ({"source": "ftp://line.example.org/"}, "bad URL"),
        ({"topics": ["crisis", "weather"]}, "unknown topic 'weather'"),
        ({"topics": []}, "no topics"),
    ],
)
def test_a_check_finds_each_planted_fault_and_no_other(changed: dict[str, Any], fault: str) -> None:
    """One line that names the entry."""
    (found,) = made(entry(**changed)).check(TODAY, ())
    assert found.startswith("xx_line: ")
    assert fault in found


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"verified_on": TODAY - timedelta(days=180)},
        {"phone": None, "sms": "HELLO to 1"},
        {"phone": None, "chat_url": "https://line.example.org/chat"},
        {"hours": hours("20:00", "02:00"), "timezone": "Europe/Berlin"},
        {"languages": [], "cost": "unknown", "trust": "B", "region": "North"},
    ],
)
def test_a_check_leaves_a_good_entry_alone(changed: dict[str, Any]) -> None:
    """Even an unusual one."""
    assert made(entry(**changed)).check(TODAY, ()) == []


def test_a_check_finds_an_emergency_number_that_is_stale() -> None:
    """They age like the others."""
    old = {"number": "1", "source": "x", "verified_on": date(2025, 1, 1), "verified_by": "Ada"}
    assert made(emergencies={"XX": old}).check(TODAY, ()) == ["emergency number XX: stale, last verified on 2025-01-01"]


@pytest.mark.parametrize(
    ("second", "faults"),
    [
        ({"phone": "000 2"}, ["xx_line: the same id twice"]),
        ({"id": "xx_b", "name": "Other", "phone": "0001"}, ["XX: 0001 under two names, Line and Other"]),
        ({"id": "xx_b", "name": "Other", "phone": "5 or 00-01"}, ["XX: 0001 under two names, Line and Other"]),
        ({"id": "xx_b", "phone": "000 1", "region": "North"}, []),
        ({"id": "yy_b", "name": "Other", "country": "YY"}, []),
        ({"id": "xx_b", "name": "Other", "phone": "000 12"}, []),
    ],
)
def test_a_check_finds_entries_that_contradict_each_other(second: dict[str, Any], faults: list[str]) -> None:
    """Two countries may share a number; two names in one may not."""
    assert made(entry(), entry(**second)).check(TODAY, ()) == faults


@pytest.mark.parametrize(
    ("changed", "covered"),
    [
        ({}, True),
        ({"topics": ["suicide"]}, True),
        ({"topics": ["abuse"]}, False),
        ({"region": "North"}, False),
        ({"country": "YY"}, False),
        ({"hours": hours("09:00", "17:00"), "timezone": "UTC"}, False),
    ],
)
def test_a_served_country_needs_a_crisis_service_at_every_hour(changed: dict[str, Any], covered: bool) -> None:
    """For the whole of it."""
    assert (made(entry(**changed)).check(TODAY, ("XX",)) == []) is covered


def test_a_check_misses_the_international_directory() -> None:
    """Without it an unknown country would get nothing."""
    assert Directory.parse_obj({"services": [entry()], "emergencies": {}}).check(TODAY, ()) == ["there is no international directory to fall back on"]


@pytest.mark.parametrize(
    "changed",
    [
        {"fax": "1"},
        {"phone": 116123},
        {"country": "gb"},
        {"country": "USA"},
        {"country": False},
        {"id": "Not Snake"},
        {"hours": "verify"},
        {"hours": hours("9:00", "17:00")},
        {"hours": [{"days": WEEK, "open": 900, "close": 1020}]},
        {"hours": hours("09:00", "24:00")},
        {"hours": hours("09:00", "17:00", ["Monday"])},
        {"cost": "cheap"},
        {"trust": "C"},
    ],
)
def test_an_entry_of_another_shape_is_refused(changed: dict[str, Any]) -> None:
    """Also what YAML makes of a number, a time or Norway without quotes."""
    with pytest.raises(ValueError, match="validation error"):
        made(entry(**changed))


@pytest.mark.parametrize(
    ("resources", "emergency", "message"),
    [
        (None, "{}", "resources.yml cannot be read"),
        ("[", "{}", "resources.yml cannot be read"),
        ("", "{}", "services"),
        ("a: b", "{}", "services"),
        ("- id: a\n  id: b", "{}", r"resources.yml says the same key twice: id \(line 1\)"),
        ("[]", "A1: {}", "emergencies"),
        ("[]", "GB: {}\nGB: {}", "emergency.yml says the same key twice"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, resources: str | None, emergency: str, message: str) -> None:
    """With what is wrong in it."""
    if resources is not None:
        (tmp_path / "resources.yml").write_text(resources, encoding="utf-8")
    (tmp_path / "emergency.yml").write_text(emergency, encoding="utf-8")
    with pytest.raises(DirectoryError, match=message):
        read(tmp_path)


@pytest.mark.parametrize(
    ("category", "topics"),
    [("suicide", ("suicide",)), ("child_safety", ("child",)), ("third_party", ("suicide",)), ("grief", ()), ("therapist_misconduct", ()), (None, ())],
)
def test_a_category_of_risk_has_its_topics(category: str | None, topics: tuple[str, ...]) -> None:
    """Those the directory does not know get the general lines."""
    assert topics_of(category) == topics
