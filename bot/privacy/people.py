"""Names of people: by the list of given names, by what the words around say, and by the model.

Small models miss names in small letters, so the words around count most: `my therapist …`, `called …`, `dr …`, `… told me`. How much a word needs beside it
depends on what it is: a name that is nothing else needs nothing, a name that is also a word (`hope`, `will`) a place where only a person can stand.
"""

from __future__ import annotations

from typing import Iterator, Sequence

from bot.privacy import cues
from bot.privacy.reading import Found, Word, WordRecognizer
from bot.privacy.words import is_frequent, unaccented, words

PARTICLES = frozenset(
    ["van", "von", "de", "der", "den", "da", "di", "del", "dos", "la", "le", "el", "al", "bin", "bint", "ibn", "ni", "mac", "mc", "o", "ter", "ten", "zu"]
)
NO_PERSON = frozenset(["GPE", "LOC", "NORP", "FAC", "PRODUCT", "EVENT", "LANGUAGE", "DATE", "TIME", "MONEY", "LAW", "WORK_OF_ART"])
"""What the model may take a word for so that its capital alone makes it no name."""
MODALS = frozenset(["will", "may", "can", "might"])
NEVER_AFTER_A_TITLE = ("VB", "MD", "IN", "RB", "WP", "CC")
"""Parts of speech: verbs, prepositions, adverbs, pronouns, conjunctions (`my dr never …`)."""
MOST = 4
"""Words of one name."""


class People(WordRecognizer):
    """Names with what belongs to them: further names, particles, initials."""

    KINDS = ("NAME", "THERAPIST")

    def spans(self, text: str, seen: Sequence[Word]) -> Iterator[Found]:
        """All of them."""
        plain = unaccented(text).replace("’", "'")
        for start, end, score in (*_by_words(plain, seen), *_by_model(seen)):
            yield Found("THERAPIST" if cues.professional(plain, start, end) else "NAME", start, end, score)


def _by_words(text: str, seen: Sequence[Word]) -> Iterator[tuple[int, int, float]]:
    n = 0
    while n < len(seen):
        score = _score(text, seen, n)
        last = _last(text, seen, n) if score else n
        if score:
            yield seen[n].start - len(cues.initials(text, seen[n].start)), seen[last].end, score
        n = last + 1


def _score(text: str, seen: Sequence[Word], n: int) -> float:
    """How sure it is that a name begins here, 0 for not at all. The numbers only rank what speaks for it."""
    word, following = seen[n], seen[n + 1] if n + 1 < len(seen) else None
    before, after = cues.before(text, word.start), cues.after(text, word.end)
    certain = "titled" in before or (word.both and bool(before & {"introduced", "role"} | after & {"role"}))
    small = word.grammar and not word.both
    if small or word.plain in words("titles") | words("people") or (word.kept and not certain):
        return 0.0
    if "titled" in before:
        return 0.9 if word.raised or not word.ordinary or not word.tag.startswith(NEVER_AFTER_A_TITLE) else 0.0
    if word.listed:
        return 0.7
    if (word.both or not word.ordinary) and n + 2 < len(seen) and text[word.end : seen[n + 2].start] == " and " and _score(text, seen, n + 2):
        return 0.5
    if word.both:
        return 0.6 if _stands_for_a_person(word, following, text, before, after) else 0.0
    return _unlisted(word, before, after)


def _unlisted(word: Word, before: frozenset[str], after: frozenset[str]) -> float:
    """The score of a word that is no name we know. Right after some cues even a capital is enough, elsewhere it has to be no word."""
    if "initialled" in before:
        return 0.8 if len(word.text) > 1 and (word.noun or word.capital) else 0.0
    if len(word.text) < 2 or (word.short_form and word.raised):
        return 0.0
    if before & {"introduced", "role", "role is", "half titled"}:
        surname = word.surname and word.tag in ("NNP", "NN") and "half titled" in before
        return 0.8 if word.capital or surname or word.rare or not (word.ordinary or word.slip) else 0.0
    if word.rare and (before & {"asked", "met"} or (after & {"role", "spoke"} and "limited" not in before)):
        return 0.4
    if word.ordinary or word.slip or (word.derived and not word.raised and "owns" not in after):
        return 0.0
    return _unknown(word, before, after)


def _unknown(word: Word, before: frozenset[str], after: frozenset[str]) -> float:
    """The score of what is no word of the language, by the strongest thing that speaks for a name."""
    possible = word.entity not in NO_PERSON
    somebody = word.raised or word.tag.startswith(("NN", "JJ", "FW"))
    evidence = (
        (0.7, "greeted" in before and "here" in after),
        (0.6, bool(after & {"role", "spoke"}) and "limited" not in before and somebody),
        (0.5, "owns" in after or (bool(before & {"asked", "met", "liked", "near"}) and (word.capital or (word.noun and len(word.text) > 2)))),
        (0.4, word.raised and possible and (word.capital or bool(after & {"does", "here"}))),
        (0.3, word.strange and possible and not word.raised),
    )
    return max((score for score, holds in evidence if holds), default=0.0)


def _stands_for_a_person(word: Word, following: Word | None, text: str, before: frozenset[str], after: frozenset[str]) -> bool:
    """Whether a word that is also a name stands where only the name can."""
    if "introduced" in before or ("role" in after and not word.tag.startswith("VB")):
        return "limited" not in before
    apart = following is None or bool(text[word.end : following.start].strip(" '"))
    verb_follows = following is not None and following.tag.startswith(("VBD", "VBZ", "MD"))
    if before & {"role", "half titled"}:
        return verb_follows or word.capital or (word.plain not in MODALS and (apart or word.tag == "NNP"))
    if word.capital and word.entity not in NO_PERSON:
        return True
    if word.plain in MODALS and not word.capital:
        return not apart and following is not None and following.tag in ("VBZ", "VBD")
    if "spoke" in after and "limited" not in before:
        return True
    object_of_a_compound = following is not None and not apart and following.noun
    return not object_of_a_compound and ("asked" in before or ("met" in before and (word.tag == "NNP" or "regularly" in after)))


def _last(text: str, seen: Sequence[Word], n: int) -> int:
    """The place of the last word of the name that begins at `n`."""
    last = n
    while last + 1 < len(seen) and last - n < MOST - 1:
        step = 2 if seen[last + 1].plain in PARTICLES and last + 2 < len(seen) else 1
        gap = text[seen[last].end : seen[last + 1].start]
        initial = len(seen[last].text) == 1
        if gap not in ((" ", ". ", "-", "'") if initial else (" ", "-", "'")) or not _belongs(seen[last], seen[last + step]):
            break
        last += step
    return last


def _belongs(name: Word, word: Word) -> bool:
    """Whether a word goes on a name: a known name, an initial, a capital beside one, or in small letters what is no word or what the model takes for a name."""
    if word.grammar or word.kept or word.plain in words("people") | words("therapists"):
        return False
    if word.listed or word.surname or (len(word.text) == 1 and (word.raised or word.plain not in "aiunwrxb")):
        return True
    if word.raised or name.raised:
        return word.raised
    if not word.ordinary:
        return not word.slip
    return word.plain not in words("chat") and word.text.islower() and (word.tag == "NNP" or (word.tag == "NN" and not is_frequent(word.text)))


def _by_model(seen: Sequence[Word]) -> Iterator[tuple[int, int, float]]:
    """Words that the model takes for a person's, without what is plainly a word."""
    for word in seen:
        refused = word.grammar or word.kept or word.short_form or word.plain in words("titles") | words("people")
        if word.entity == "PERSON" and not refused and _is_likely(word):
            yield word.start, word.end, 0.5


def _is_likely(word: Word) -> bool:
    """Whether the model may be believed: it takes many words at the start of a sentence, and slips in small letters, for names."""
    strange = not (word.ordinary or word.slip)
    return word.capital or word.listed or (word.raised and (strange or (word.both and word.noun))) or (word.tag == "NNP" and strange)
