"""Postcodes, by the shapes they have in the countries people write from."""

from __future__ import annotations

from typing import Any, Iterator, Sequence

import regex
from presidio_analyzer import Pattern, PatternRecognizer

from bot.privacy.reading import Found, Word, WordRecognizer, found

STATES = r"(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY])"
NAMES = r"(?:post ?code|postal code|zip(?: ?code)?|pin ?code|pin|plz|eircode|code postal|codigo postal|cep|cap)"
SHAPES = {
    "GB": r"\b(?:gir ?0aa|[a-pr-uwyz](?:\d{1,2}|[a-hk-y]\d{1,2}|\d[a-hjks-uw]|[a-hk-y]\d[abehmnprv-y]) ?\d[abd-hjlnp-uw-z]{2})\b",  # BS 7666
    "IE": r"\b(?:[ac-fhknprtv-y]\d{2}|d6w) ?(?=[\da-z]{0,3}[a-z])[\dac-fhknprtv-y]{4}\b",
    "CA": r"\b[abceghj-nprstvxy]\d[abceghj-nprstv-z][ -]?\d[abceghj-nprstv-z]\d\b",
    "AU": r"(?-i:\b(?:NSW|VIC|QLD|WA|SA|TAS|ACT|NT)),? \d{4}\b",
    "US": rf"(?-i:\b{STATES}\.?,? )\K\d{{5}}(?:-\d{{4}})?\b|\b\d{{5}}-\d{{4}}\b",
    "NL": r"\b[1-9]\d{3} ?(?-i:[A-Z]{2})\b",
    "PL, BR, PT": r"(?<![\d\-/])(?:\d{2}-\d{3}|\d{5}-\d{3}|\d{4}-\d{3})(?![\d\-/])",
    "JP": r"〒\s?\d{3}-?\d{4}\b",
    "SE": r"(?<![\d.,])\d{3} \d{2}(?= (?-i:\p{Lu})\p{L})",
    "before a town": r"(?<=, )(?:[A-Z]{1,2}-)?\d{4,6}(?= (?-i:\p{Lu}\p{Ll}))",
    "named": rf"(?<=\b{NAMES}(?: is| was|:)?:? )(?=[a-z]{{0,2}}\d)[\da-z]{{2,5}}(?:[ \-]?[\da-z]{{3,4}})?\b",
}
"""Country, or what stands around it → shape."""
UNMISTAKABLE = rf"(?:{'|'.join(SHAPES[country] for country in ('GB', 'CA', 'IE', 'AU'))})"
"""Postcodes that are nothing else, so that what leads up to one is an address."""


class CodesAfterTowns(WordRecognizer):
    """Four to six figures right after what the model takes for a town, and six after any noun, as India writes them (`mumbai 400050`)."""

    KINDS = ("POSTCODE",)
    CODE = regex.compile(r",?\s(?P<code>\d{4,6}(?:-\d{4})?)\b(?![.,]\d|\s?(?:people|years|euros|pounds|dollars|km|miles|steps|words|times|%))")

    def spans(self, text: str, seen: Sequence[Word]) -> Iterator[Found]:
        """The codes."""
        for word in seen:
            match = self.CODE.match(text, word.end)
            if match and self._is_code(match["code"], word):
                yield found("POSTCODE", match.span("code"), 0.5)

    @staticmethod
    def _is_code(figures: str, word: Word) -> bool:
        if len(figures) == 4:
            return word.town and not regex.fullmatch(r"(?:19|20)\d\d", figures)
        indian = len(figures) == 6 and figures[0] in "12345678" and word.noun and not word.grammar
        return word.town or word.tag == "NNP" or indian


def recognisers() -> list[Any]:
    """By shape and by town."""
    return [PatternRecognizer("POSTCODE", patterns=[Pattern(name, shape, 0.7) for name, shape in SHAPES.items()]), CodesAfterTowns()]
