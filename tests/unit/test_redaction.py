"""Personal data becomes placeholders; what only looks like it stays."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.privacy.engine import engine
from bot.privacy.measuring import BETWEEN, Counts, MeasureError, counted, read, write
from bot.privacy.redaction import KINDS, PLACEHOLDER, Span, find, redact
from bot.safety.directory import load
from bot.settings import ROOT

DATA = ROOT / "data" / "privacy"
SETS = ("development", "held_out", "fresh")


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("my therapist sarah said i was resistant", "my therapist <THERAPIST> said i was resistant"),
        ("My therapist’s name was Gethin.", "My therapist’s name was <THERAPIST>."),
        ("so dr okafor upped my dose", "so dr <THERAPIST> upped my dose"),
        ("DR HENDRICKS TOLD ME NOTHING", "DR <THERAPIST> TOLD ME NOTHING"),
        ("i see ben at oakfield clinic", "i see <THERAPIST> at <CLINIC>"),
        ("my name is wanjiru btw", "my name is <NAME> btw"),
        ("sheila o'donovan said so", "<NAME> said so"),
        ("I had six sessions with Anneke de Wit in May", "I had six sessions with <NAME> in May"),
        ("my ex marcus and my sister xiomara", "my ex <NAME> and my sister <NAME>"),
        ("sarah's voice", "<NAME>'s voice"),
        ("the crisis team sent john smith", "the crisis team sent <NAME>"),
        ("regards Siobhan Kearney", "regards <NAME>"),
        ("im on 07700 900142 if anyone wants to ring", "im on <PHONE> if anyone wants to ring"),
        ("+49 151 23456789", "<PHONE>"),
        ("call (312) 555-0147", "call <PHONE>"),
        ("whatsapp me +91 98765 01234", "whatsapp me <PHONE>"),
        ("mail jo.x@example.org please", "mail <EMAIL> please"),
        ("tinyteacup.q at gmail dot com", "<EMAIL>"),
        ("dm me @moth.in.jars", "dm me <HANDLE>"),
        ("my insta is kelp.and.kettle", "my insta is <HANDLE>"),
        ("i post as /u/grief_and_gravel", "i post as <HANDLE>"),
        ("see https://www.example.com/in/somebody ok", "see <LINK> ok"),
        ("it is on sarahjones-therapy.co.uk", "it is on <LINK>"),
        ("i live at 14 rowan street", "i live at <ADDRESS>"),
        ("Lindenstraße 44 is where", "<ADDRESS> is where"),
        ("im in M14 5RT", "im in <POSTCODE>"),
        ("zip code 98115", "zip code <POSTCODE>"),
        ("born 14/03/1991", "born <BIRTHDATE>"),
        ("my birthday is 22 november", "my birthday is <BIRTHDATE>"),
        ("they know me at kingsmead primary school", "they know me at <SCHOOL>"),
        ("the university of tartu", "the <SCHOOL>"),
        ("St Brigid's Hospital kept my shoes", "<CLINIC> kept my shoes"),
    ],
)
def test_what_is_personal_becomes_a_placeholder(text: str, redacted: str) -> None:
    """In small letters too, and without its title or the 's after it."""
    assert redact(text).text == redacted


@pytest.mark.parametrize(
    "text",
    [
        "my therapist said i was resistant",
        "my dr said wait, the nurse never called",
        "im 34 and ive done cbt, dbt, emdr and ifs",
        "Internal Family Systems, Hakomi and the Gottman method did nothing",
        "988 didnt pick up, nor did 116 123 or 741741",
        "paid £1,200 in 2019 and $14,500 since, that is 60 sessions",
        "50mg then 100mg then 150mg at 3:30pm, 24/7 anxiety",
        "my phq-9 was 21 and my gad-7 was 19, 8 out of 10",
        "my last session was on 12/03/2024",
        "i went to a private clinic, my local hospital and a public eating disorder clinic",
        "high school was hell and the university is cold",
        "god knows i tried. from Monday to Friday, until May",
        "so done.i want out.it hurts",
        "call me crazy but name one thing that changed",
        "therapy @ 5pm tmrw ugh, 5 @ a time",
        "took 20 of the 100 steps down the road",
        "lexapro and lithium, then nothing",
        "r/therapyabuse says its common",
        "",
    ],
)
def test_what_only_looks_personal_stays(text: str) -> None:
    """Methods, amounts, doses, ages, times, dates of sessions, numbers of the crisis services."""
    assert redact(text) == (text, ())


@pytest.mark.parametrize(
    ("a_name", "a_word"),
    [
        ("my therapist hope told me to journal", "i hope my therapist told the truth"),
        ("my counsellor rose said no", "my anger rose in the session"),
        ("i used to see a woman called april", "i stopped in april"),
        ("her name's autumn", "i will stop in autumn"),
        ("i told mark i was done", "she told me to mark my moods"),
        ("my best friend jack stopped replying", "jack shit changed"),
        ("My dad, Frank, thinks I made it up", "a frank talk with myself"),
        ("I keep hearing Penny's voice", "not a penny left"),
        ("my boyfriend will said so", "my boyfriend will say so"),
    ],
)
def test_a_name_that_is_also_a_word_is_taken_only_where_a_person_stands(a_name: str, a_word: str) -> None:
    """Both ways round."""
    assert PLACEHOLDER.search(redact(a_name).text)
    assert redact(a_word).text == a_word


def test_no_number_of_the_directory_is_taken() -> None:
    """Nor the name or site of a service: whoever reads an export has to see which help was named."""
    for service in load().services:
        for way in filter(None, (service.phone, service.sms, service.name, service.url)):
            assert redact(f"call {way} now").text == f"call {way} now"


def test_spans_are_places_in_the_original() -> None:
    """In order and apart; the rest of the text is left as it is."""
    text = "hi 😀 im tadhg, im on 07700 900142, i see ben at oakfield clinic"
    result = redact(text)
    assert [(text[s.start : s.end], s.kind) for s in result.spans] == [
        ("tadhg", "NAME"),
        ("07700 900142", "PHONE"),
        ("ben", "THERAPIST"),
        ("oakfield clinic", "CLINIC"),
    ]
    assert all(0 < s.score <= 1 for s in result.spans)


PIECES = st.sampled_from(
    [
        "my therapist ",
        "sarah",
        " said ",
        "07700 900142",
        "@",
        "<NAME>",
        "hope",
        ". ",
        "\n",
        "14 rowan street",
        "😀",
        "\ud800",
        "’s",
        "born 1/2/90",
        "a",
        "1",
        "İ",
    ]
)


@settings(deadline=None, max_examples=60)
@given(st.lists(PIECES, max_size=12).map("".join))
def test_whatever_is_written_spans_rebuild_the_text_and_placeholders_stay(text: str) -> None:
    """Also with broken characters, and on a text that was redacted before."""
    result = redact(text)
    rebuilt, at = "", 0
    for span in result.spans:
        assert at <= span.start < span.end
        assert span.kind in KINDS
        rebuilt, at = f"{rebuilt}{text[at : span.start]}<{span.kind}>", span.end
    assert result.text == rebuilt + text[at:]
    assert len(PLACEHOLDER.findall(redact(result.text).text)) >= len(PLACEHOLDER.findall(text))


@pytest.mark.parametrize("piece", ["1 ", "1-", "a.", "a@", "sarah ", "12 road ", "born ", "(((1", "university of the "])
def test_the_longest_message_takes_seconds_at_most(piece: str) -> None:
    """However it is made; the web takes 4,000 letters."""
    find("the engine is loaded")
    begun = perf_counter()
    find((piece * 4000)[:4000])
    assert perf_counter() - begun < 30, "a pattern tries the same letters again and again"


def test_the_engine_is_loaded_when_first_used_and_once() -> None:
    """Importing it must not cost a server its start."""
    assert engine() is engine()
    script = "import sys; import bot.privacy.redaction; sys.exit('spacy' in sys.modules or 'presidio_analyzer' in sys.modules)"
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)


def test_nothing_is_fetched(tmp_path: Path) -> None:
    """With every connection refused and no cache of an earlier run, links and addresses are told apart by what is installed."""
    script = (
        "import socket\n"
        "def refuse(*_, **__): raise AssertionError('something was fetched')\n"
        "socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse\n"
        "from bot.privacy.redaction import redact\n"
        "print(redact('jo@example.org, sarahjones.co.uk, done.it').text)"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env={"HOME": str(tmp_path), "PYTHONPATH": "."}, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "<EMAIL>, <LINK>, done.it"


def test_the_labelled_messages_are_what_the_page_says() -> None:
    """Enough, no text twice, spans apart, at least half of them in small letters, a good part with nothing to take."""
    rows = [row for name in SETS for row in read(DATA / f"{name}.jsonl")]
    texts = [row["text"] for row in rows]
    assert len(set(texts)) == len(texts) >= 320
    assert sum(text == text.lower() for text in texts) >= len(texts) / 2
    assert sum(not row["spans"] for row in rows) >= 80
    for row in rows:
        places = [(span["start"], span["end"]) for span in row["spans"]]
        assert all(end <= start for (_, end), (start, _) in zip(places, places[1:])), row["text"]
    assert {span["kind"] for row in rows for span in row["spans"]} == set(KINDS)


@pytest.mark.parametrize("name", ["held_out", "fresh"])
def test_nineteen_of_twenty_labelled_letters_are_covered(name: str) -> None:
    """On messages that no rule was made from, with few letters taken beside them."""
    tallies = [counted(row["spans"], find(row["text"])) for row in read(DATA / f"{name}.jsonl")]
    every = [one for tally in tallies for one in tally.values()]
    assert sum(one.covered for one in every) >= 0.95 * sum(one.labelled for one in every)
    assert sum(one.meant for one in every) >= 0.9 * sum(one.taken for one in every)


def test_letters_are_counted_by_kind() -> None:
    """Half a name covered, under another kind, and four letters taken for nothing."""
    tally = counted([{"start": 0, "end": 8, "kind": "NAME"}], [Span(0, 4, "THERAPIST", 1.0), Span(10, 14, "PHONE", 1.0)])
    assert tally["NAME"] == Counts(pieces=1, whole=0, labelled=8, covered=4, named=0)
    assert tally["THERAPIST"] == Counts(taken=4, meant=4)
    assert tally["PHONE"] == Counts(taken=4, meant=0)


@pytest.mark.parametrize(
    "line",
    [
        "no",
        '{"text": "a"}',
        '{"text": "a", "spans": [{"start": 0, "end": 2, "kind": "NAME"}]}',
        '{"text": "a", "spans": [{"start": 0, "end": 1, "kind": "X"}]}',
    ],
)
def test_a_line_that_is_no_labelled_message_is_refused(line: str, tmp_path: Path) -> None:
    """Rather than counted as nothing."""
    (tmp_path / "some.jsonl").write_text(line, encoding="utf-8")
    with pytest.raises(MeasureError, match=r"some\.jsonl"):
        read(tmp_path / "some.jsonl")


def test_the_figures_are_written_between_their_marks(tmp_path: Path) -> None:
    """And nothing else of the page is touched; a page without marks is refused."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "data" / "privacy").mkdir(parents=True)
    rows = [{"text": "my therapist sarah", "spans": [{"start": 13, "end": 18, "kind": "THERAPIST"}]}, {"text": "i hope so", "spans": []}]
    for name in SETS:
        (tmp_path / "data" / "privacy" / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    page = tmp_path / "docs" / "privacy-redaction.md"
    page.write_text("before\n<!-- figures -->\nold\n<!-- end -->\nafter\n", encoding="utf-8")
    figures = write(tmp_path)
    assert "| THERAPIST | 1 | 1 | 1.000 [1.00, 1.00] | 1.00 | 1.00 |" in figures
    assert "2 messages, 1 of them with nothing to take, of which 1 were left alone" in figures
    assert page.read_text(encoding="utf-8") == f"before\n<!-- figures -->\n{figures}<!-- end -->\nafter\n"
    page.write_text("no marks", encoding="utf-8")
    with pytest.raises(MeasureError, match="no place for the figures"):
        write(tmp_path)


def test_the_page_has_figures() -> None:
    """As `reframe privacy measure` wrote them."""
    found = BETWEEN.search((ROOT / "docs" / "privacy-redaction.md").read_text(encoding="utf-8"))
    assert found
    assert all(f"| {kind} |" in found[0] for kind in (*KINDS, "all"))
