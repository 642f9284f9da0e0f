"""Ways to reach a person: telephone numbers, e-mail, accounts and links."""

from __future__ import annotations

from typing import Any

import regex
from presidio_analyzer import Pattern, PatternRecognizer, RecognizerResult
from presidio_analyzer.predefined_recognizers import EmailRecognizer, PhoneRecognizer
from tldextract import TLDExtract

from bot.privacy.words import is_ordinary, words

SURE, LIKELY = 0.9, 0.6
REGIONS = (
    *("GB", "IE", "US", "CA", "AU", "NZ", "IN", "PK", "BD", "LK", "NG", "KE", "GH", "ZA", "UG", "ZM", "DE", "AT", "CH", "FR", "BE", "ES", "IT", "NL", "PT"),
    *("SE", "PL", "CZ", "GR", "TR", "UA", "IL", "EG", "AE", "SA", "BR", "MX", "AR", "CO", "JP", "KR", "MY", "PH", "ID", "VN", "TH"),
)
"""Whose way of writing a number within the country is known. Left out: countries whose numbers are any eight figures. With a plus every country's is found."""
SHORTEST, LONGEST = 7, 15
"""Figures of a number: ITU E.164 sets the most; fewer than seven are extensions and short codes."""
FIGURES = r"\(?\+?\(?\+?\d[\d\s().\-/‑–]{4,20}\d"
PLUS = regex.compile(r"\+\(?\d[\d\s().\-]{5,18}\d")
DATE = regex.compile(r"(?:\d{1,2}[./\-]\d{1,2}[./\-]\d{2,4}|(?:19|20)\d\d[./\-]\d{1,2}[./\-]\d{1,2}|(?:19|20)\d\d\s?[\-–/]\s?(?:19|20)?\d\d)")
CALLED = regex.compile(
    r"\b(?:phone|telephone|tel|mobile|mob|cell|landline|number|nr|no|num|text|txt|call|ring|rang|whatsapp|wa|sms|reach|dial|line|sim|fax|contact|ph|numero|número|nummer)\b"
    rf"[^\d\n]{{0,30}}?(?P<number>{FIGURES})",
    regex.IGNORECASE,
)
NETWORKS = (
    r"(?:instagram|insta|ig|snapchat|snap|sc|twitter|x|tiktok|tik tok|tt|telegram|tg|discord|disc|kik|psn|xbox(?: live)?|gamertag|steam|bsky|bluesky|mastodon"
    r"|reddit|tumblr|twitch|threads|facebook|fb|whatsapp|signal|line|wechat|skype|youtube|yt|onlyfans|vk)"
)
ACCOUNT = r"\w[\w.\-]{1,30}\w"
BUNDLED = TLDExtract(cache_dir=None, suffix_list_urls=(), fallback_to_snapshot=True)
"""Suffixes of the web from the list that the package brings along: nothing is fetched, nothing written."""


class Telephones(PhoneRecognizer):
    """Numbers that are possible in one of REGIONS, and any that the words before it call a telephone number."""

    def __init__(self) -> None:
        super().__init__(supported_regions=REGIONS)

    def get_supported_entities(self) -> list[str]:
        """Our name for them."""
        return ["PHONE"]

    def analyze(self, text: str, entities: list[str], nlp_artifacts: Any = None) -> list[RecognizerResult]:
        """All that are no dates or spans of years."""
        if not _is_number(text, longest=len(text)):
            return []
        spans = [(r.start, r.end, LIKELY) for r in super().analyze(text, entities, nlp_artifacts)]
        spans += [(*match.span("number"), SURE) for match in CALLED.finditer(text)]
        spans += [(*match.span(), LIKELY) for match in PLUS.finditer(text)]
        return [RecognizerResult("PHONE", start, end, score) for start, end, score in spans if _is_number(text[start:end])]


def _is_number(text: str, longest: int = LONGEST) -> bool:
    return SHORTEST <= sum(sign.isdigit() for sign in text) <= longest and not DATE.fullmatch(text.strip())


class Mail(EmailRecognizer):
    """Addresses of e-mail, also with an unknown suffix, with spaces, and spelt out (`at`, `dot`)."""

    PROVIDER = r"(?:gmail|googlemail|hotmail|outlook|yahoo|icloud|me|proton|protonmail|aol|gmx|live|msn|mail|ymail|rediffmail|web)"
    DOT = r"(?:\s?[\[({]\s?dot\s?[\])}]\s?|\sdot\s)"
    AT = r"\s?[\[({]\s?(?:at|@)\s?[\])}]\s?"
    NAME = rf"(?<![\w.+\-])[\w.+\-]{{0,63}}\w(?:{DOT}[\w+\-]+)*"
    SHAPES = (
        rf"{NAME}{AT}[\w\-]+(?:(?:{DOT}|\.)[\w\-]+)+\b",
        rf"{NAME}\sat\s[\w\-]+(?:{DOT}[\w\-]+)+\b",
        rf"{NAME}\sat\s{PROVIDER}\.[a-z]{{2,3}}(?:\.[a-z]{{2}})?\b",
        rf"{NAME}\s?@\s?[\w\-]+(?:{DOT}[\w\-]+)+\b",
        r"(?<![\w.+\-])[\w.+\-]{1,64}\s@\s[\w\-]+(?:\s?\.\s?[\w\-]+)*\s?\.\s?[a-z]{2,3}\b",
    )

    def __init__(self) -> None:
        super().__init__(supported_entity="EMAIL", patterns=[*self.PATTERNS, *(Pattern("spelt out", shape, LIKELY) for shape in self.SHAPES)])

    def validate_result(self, pattern_text: str) -> bool | None:
        """Never the vendor's check: it would fetch the list of suffixes, and an address with a slip in it is personal too."""
        return None


class Accounts(PatternRecognizer):
    """Accounts on social networks: with @ or u/, or called so by the words around them."""

    CERTAIN = (
        rf"(?<![\w.@/])@{ACCOUNT}(?:@[\w.\-]+\.\w+)?",
        r"(?<![\w/])/?u/[\w\-]{3,}",
        r"(?<![\w.])[\w.]{2,32}#\d{4}\b",
        rf"(?<=\b(?:user ?name|handle|gamertag|screen ?name)(?: on (?:there|here|it|\w+))?(?:'s| is|:| =)? ){ACCOUNT}",
    )
    PROBABLE = (
        rf"(?<=\b{NETWORKS}(?: name| user(?:name)?| handle| id| account)?\s?(?:is|as|:|=|-|@)?\s){ACCOUNT}",
        rf"(?<=\b(?:post|find me|follow me|known|go) (?:on \w+ )?(?:as|under|by) ){ACCOUNT}",
        rf"(?<!\w){ACCOUNT}(?= on {NETWORKS}\b)",
    )

    def __init__(self) -> None:
        patterns = [*(Pattern("certain", shape, SURE) for shape in self.CERTAIN), *(Pattern("probable", shape, LIKELY) for shape in self.PROBABLE)]
        super().__init__("HANDLE", patterns=patterns)

    def invalidate_result(self, pattern_text: str) -> bool:
        """A word of the language is no account by being near a network's name, and figures alone are none."""
        if not regex.search(r"\p{L}", pattern_text):
            return True
        parts = [part for part in regex.split(r"[^\w']+", pattern_text) if part]
        return not regex.search(r"[@#/\d_]|\w\.\w", pattern_text) and all(map(is_ordinary, parts))


class Links(PatternRecognizer):
    """Addresses on the web."""

    SHAPE = r"https?://\S+|(?<![\w@.\-])(?:[\w\-]{1,63}\.){1,8}[a-z]{2,24}(?![\w\-])(?::\d+)?(?:/[^\s<>()\"']*)?"

    def __init__(self) -> None:
        super().__init__("LINK", patterns=[Pattern("link", self.SHAPE, LIKELY)])

    def invalidate_result(self, pattern_text: str) -> bool:
        """A word, a stop and a word are no address unless the suffix exists and is no word."""
        if regex.match(r"https?://|www\.", pattern_text, regex.IGNORECASE):
            return False
        parts = BUNDLED(pattern_text.lower())
        return not (parts.domain and parts.suffix) or (parts.suffix in words("suffixes_that_are_words") and "/" not in pattern_text)


def recognisers() -> list[Any]:
    """One of each."""
    return [Telephones(), Mail(), Accounts(), Links()]
