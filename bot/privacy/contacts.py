"""Ways to reach a person: telephone numbers, e-mail, accounts and links."""

from __future__ import annotations

from typing import Any, Iterable

import regex
from presidio_analyzer import Pattern, PatternRecognizer, RecognizerResult
from presidio_analyzer.predefined_recognizers import EmailRecognizer, PhoneRecognizer
from tldextract import TLDExtract

from bot.privacy.words import is_ordinary

REGIONS = (
    *("GB", "IE", "US", "CA", "AU", "NZ", "IN", "PK", "BD", "LK", "NG", "KE", "GH", "ZA", "UG", "ZM", "DE", "AT", "CH", "FR", "BE", "ES", "IT", "NL", "PT"),
    *("SE", "PL", "CZ", "GR", "TR", "UA", "IL", "EG", "AE", "SA", "BR", "MX", "AR", "CO", "JP", "KR", "MY", "PH", "ID", "VN", "TH"),
)
"""Whose way of writing a number within the country is known. Left out: countries whose numbers are any eight figures. With a plus every country's is found."""
SCORE = {"sure": 0.9, "likely": 0.6}
FIGURES = r"\(?\+?\(?\+?\d[\d\s().\-/‑–]{4,20}\d"
DATE = regex.compile(r"(?:\d{1,2}[./\-]\d{1,2}[./\-]\d{2,4}|(?:19|20)\d\d[./\-]\d{1,2}[./\-]\d{1,2}|(?:19|20)\d\d\s?[\-–/]\s?(?:19|20)?\d\d)")
PLACES = (
    r"instagram|insta|ig|snapchat|snap|sc|twitter|x|tiktok|tik tok|tt|telegram|tg|discord|disc|kik|psn|xbox(?: live)?|gamertag|steam|bsky|bluesky|mastodon|reddit"
    r"|tumblr|twitch|threads|facebook|fb|whatsapp|signal|line|wechat|skype|youtube|yt|onlyfans|vk"
)
ACCOUNT = r"[\w][\w.\-]{1,30}[\w]"
BUNDLED = TLDExtract(cache_dir=None, suffix_list_urls=(), fallback_to_snapshot=True)
"""Suffixes of the web from the list that the package brings along: nothing is fetched, nothing written."""
WORDS_AS_SUFFIXES = frozenset("is it in me so no to am at be by do my us as im la et al md ms mr st ac ps pm ad ai id re".split())
"""Countries' suffixes that are words or short forms: after a stop without a space ("done.it") they are no address."""


class Telephones(PhoneRecognizer):  # type: ignore[misc]  # Presidio ships no types
    """Numbers that are possible in one of REGIONS, and any that the words before it call a telephone number."""

    CALLED = regex.compile(
        r"\b(?:phone|telephone|tel|mobile|mob|cell|landline|number|nr|no|num|text|txt|call|ring|rang|whatsapp|wa|sms|reach|dial|line|sim|fax|contact|ph|numero|número|nummer)\b"
        r"(?:[^\d\n]{0,30}?|[^\d\n]{0,30}?\bon )(?P<number>" + FIGURES + ")",
        regex.IGNORECASE,
    )

    def __init__(self) -> None:
        super().__init__(supported_regions=REGIONS)

    def get_supported_entities(self) -> list[str]:
        """Our name for them."""
        return ["PHONE"]

    def analyze(self, text: str, entities: list[str], nlp_artifacts: Any = None) -> list[RecognizerResult]:
        """All that are no dates or spans of years."""
        if sum(sign.isdigit() for sign in text) < 7:
            return []
        found = [RecognizerResult("PHONE", r.start, r.end, SCORE["likely"]) for r in super().analyze(text, entities, nlp_artifacts)]
        found += [RecognizerResult("PHONE", *m.span("number"), SCORE["sure"]) for m in self.CALLED.finditer(text) if _long_enough(m["number"])]
        found += [RecognizerResult("PHONE", *m.span(), SCORE["likely"]) for m in regex.finditer(r"\+\(?\d[\d\s().\-]{5,18}\d", text) if _long_enough(m[0])]
        return [r for r in found if not DATE.fullmatch(text[r.start : r.end].strip())]


def _long_enough(number: str) -> bool:
    """ITU E.164: at most 15 figures; fewer than seven are extensions and short codes."""
    return 7 <= sum(sign.isdigit() for sign in number) <= 15 and not DATE.fullmatch(number.strip())


class Mail(EmailRecognizer):  # type: ignore[misc]
    """Addresses of e-mail, also with an unknown suffix, with spaces, and spelt out (`at`, `dot`)."""

    DOT = r"(?:\s?[\[({]\s?dot\s?[\])}]\s?|\sdot\s)"
    AT = r"(?:\s?[\[({]\s?(?:at|@)\s?[\])}]\s?|\sat\s(?!www\.|https?:))"
    SHAPES = (
        rf"\b[\w.+\-]+(?:{DOT}[\w+\-]+)*{AT}[\w\-]+(?:(?:{DOT}|\.)[\w\-]+)*(?:{DOT}|\.)[a-z]{{2,}}\b",
        rf"\b[\w.+\-]+(?:{DOT}[\w+\-]+)*\s?@\s?[\w\-]+(?:{DOT}[\w\-]+)+\b",
        r"\b[\w.+\-]+\s@\s[\w\-]+(?:\s?\.\s?[\w\-]+)*\s?\.\s?[a-z]{2,3}\b",
    )

    def __init__(self) -> None:
        super().__init__(supported_entity="EMAIL", patterns=[*self.PATTERNS, *(Pattern("spelt out", shape, SCORE["likely"]) for shape in self.SHAPES)])

    def validate_result(self, pattern_text: str) -> bool | None:
        """Never the vendor's check: it would fetch the list of suffixes, and an address with a slip in it is personal too."""
        return None


class Accounts(PatternRecognizer):  # type: ignore[misc]
    """Accounts on social networks: with @ or u/, or called so by the words around them."""

    SURE = (
        rf"(?<![\w.@/])@{ACCOUNT}(?:@[\w.\-]+\.\w+)?",
        r"(?<![\w/])/?u/[\w\-]{3,}",
        r"(?<!\w)[\w.]{2,32}#\d{4}\b",
        rf"(?<=\b(?:user ?name|handle|gamertag|screen ?name)(?: on (?:there|here|it|\w+))?(?:'s| is|:| =)? ){ACCOUNT}",
    )
    LIKELY = (
        rf"(?<=\b(?:{PLACES})(?: name| user(?:name)?| handle| id| account)?\s?(?:is|as|:|=|-|@)?\s){ACCOUNT}",
        rf"(?<=\b(?:post|find me|follow me|known|go) (?:on \w+ )?(?:as|under|by) ){ACCOUNT}",
        rf"{ACCOUNT}(?= on (?:{PLACES})\b)",
    )

    def __init__(self) -> None:
        super().__init__("HANDLE", patterns=[Pattern("sure", p, SCORE["sure"]) for p in self.SURE] + [Pattern("likely", p, SCORE["likely"]) for p in self.LIKELY])

    def invalidate_result(self, pattern_text: str) -> bool:
        """A word of the language is no account by being near a network's name, and figures alone are none."""
        if not regex.search(r"\p{L}", pattern_text):
            return True
        return not regex.search(r"[@#/\d_]|\w\.\w", pattern_text) and _is_plain(pattern_text)


def _is_plain(text: str) -> bool:
    return all(is_ordinary(part) for part in regex.split(r"[^\w']+", text) if part)


class Links(PatternRecognizer):  # type: ignore[misc]
    """Addresses on the web."""

    PATTERN = r"(?:https?://\S+|(?<![\w@.])(?:[\w\-]+\.)+[a-z]{2,}(?::\d+)?(?:/[^\s<>()\"']*)?)"

    def __init__(self) -> None:
        super().__init__("LINK", patterns=[Pattern("link", self.PATTERN, SCORE["likely"])])

    def invalidate_result(self, pattern_text: str) -> bool:
        """A word, a stop and a word are no address unless the suffix exists and is no word."""
        if regex.match(r"https?://|www\.", pattern_text, regex.IGNORECASE):
            return False
        parts = BUNDLED(pattern_text.lower())
        with_path = "/" in pattern_text
        return not (parts.domain and parts.suffix) or (parts.suffix in WORDS_AS_SUFFIXES and not with_path)


def recognisers() -> Iterable[Any]:
    """One of each."""
    return Telephones(), Mail(), Accounts(), Links()
