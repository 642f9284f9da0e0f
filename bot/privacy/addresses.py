"""Postal addresses and postcodes, by the shapes they have in the countries people write from."""

from __future__ import annotations

from typing import Any, Iterable

import regex
from presidio_analyzer import EntityRecognizer, Pattern, PatternRecognizer, RecognizerResult

from bot.privacy.reading import Word, read

def _any(names: Iterable[str]) -> str:
    return f"(?:{'|'.join(names)})"


POSTCODES = {
    # The United Kingdom's, by the letters that may stand at each place (BS 7666).
    "GB": r"\b(?:gir ?0aa|[a-pr-uwyz](?:\d{1,2}|[a-hk-y]\d{1,2}|\d[a-hjks-uw]|[a-hk-y]\d[abehmnprv-y]) ?\d[abd-hjlnp-uw-z]{2})\b",
    "IE": r"\b(?:[ac-fhknprtv-y]\d{2}|d6w) ?(?=[\da-z]{0,3}[a-z])[\dac-fhknprtv-y]{4}\b",
    "CA": r"\b[abceghj-nprstvxy]\d[abceghj-nprstv-z][ -]?\d[abceghj-nprstv-z]\d\b",
    "US": r"(?-i:\b(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY])\.?,? )\K\d{5}(?:-\d{4})?\b|\b\d{5}-\d{4}\b",
    "AU": r"(?-i:\b(?:NSW|VIC|QLD|WA|SA|TAS|ACT|NT)),? \d{4}\b",
    "NL": r"\b[1-9]\d{3} ?(?-i:[A-Z]{2})\b",
    "with a stroke": r"(?<![\d\-/])(?:\d{2}-\d{3}|\d{5}-\d{3}|\d{4}-\d{3})(?![\d\-/])",  # Poland, Brazil, Portugal
    "JP": r"〒\s?\d{3}-?\d{4}\b",
    "SE": r"(?<![\d.,])\d{3} \d{2}(?= (?-i:\p{Lu})\p{L})",
    "before a town": r"(?<=, )(?:[A-Z]{1,2}-)?\d{4,6}(?= (?-i:\p{Lu}\p{Ll}))",
    "named": r"(?<=\b(?:post ?code|postal code|zip(?: ?code)?|pin ?code|pin|plz|eircode|code postal|codigo postal|cep|cap)(?: is| was|:)?:? )[\da-z]{2,5}(?:[ \-]?[\da-z]{3,4})?\b(?<=\d[^ ]*|\d\w* ?\w*)",
}
CODED = rf"(?:{POSTCODES['GB']}|{POSTCODES['CA']}|{POSTCODES['IE']}|{POSTCODES['AU']})"
"""Postcodes that are nothing else, so that what leads up to one is an address."""
STREETS = (
    "street road avenue ave lane terrace crescent cres gardens gdns boulevard blvd highway hwy parkway pkwy mews wharf esplanade quay grove drive court square "
    "rd ln ct sq pde st dr cir circle trail tce marg nagar salai"
).split()
"""What only streets are called."""
PATHS = "way close place pl row walk rise hill park view green vale heights loop alley parade mill colony estate layout cross extension gate end fields side yard".split()
"""What streets are called, and much else: these need a cue before them or a capital."""
ROOM = r"(?:(?:flat|apt|apartment|unit|suite|ste|room|block|blk|tower|level|floor|plot|no|nr)(?:\.?\s|\.)?#?|#)(?:\d{1,4}[a-z]?|(?<=[\s#.])[a-z]\d{0,3})(?:[\-/]\d{1,4})?\b"
NUMBER = r"\d{1,5}(?:\s?[a-z](?![\w']))?(?:[\-/]\d{1,4}[a-z]?)?"
NOT_A_NAME = (
    r"(?!(?:of|the|to|in|on|at|for|and|or|a|an|my|is|was|times?|days?|weeks?|wks?|months?|years?|yrs?|hours?|hrs?|minutes?|mins?|miles?|km|metres?|meters?|steps?|euros?|pounds|dollars"
    r"|bucks|quid|percent|sessions?|people|ppl|kids|other|different|more|mg|pm|am|o'clock|streets?|roads?|old|feet|ft|down|up|from|per|more|houses|doors|blocks|with|that|who|this)\b)"
)
NAMED = rf"(?:{NOT_A_NAME}[\p{{L}}\d][\p{{L}}\d'’.\-]*\s){{1,4}}?"
NEAR = rf",?\s(?:off|near|opp|opposite|behind)\s(?:\p{{L}}+\s){{1,2}}{_any(STREETS)}\b"
PART = rf"(?:{NEAR}|,?\s?{ROOM}|,\s?(?-i:[\p{{Lu}}][\p{{L}}'’\-]+(?:\s[\p{{Lu}}][\p{{L}}'’\-]+){{0,2}})|,?\s[nsew]{{1,2}}\b)"
TAIL = rf"(?:{PART}){{0,3}}(?:,\s\p{{L}}+(?:\s\p{{L}}+)?(?=,?\s{CODED}))?(?:(?:,\s\p{{L}}+){{0,2}},?\s\d{{4,6}}\b)?"
AFTER = r"(?<=\b(?:liv(?:e|es|ed|ing)|address|addr|moved|stay(?:s|ing)?|house|home|office|works?|based|post(?: it)?|send(?: it)?|lives|located|visit|are|is|im|i'm|we're|at|to|from|on)\b[^\d\n]{0,16})"
ABROAD = {
    "German": r"(?-i:\b\p{Lu})[\p{L}\-]*(?:straße|strasse|str\.|weg|platz|allee|gasse|ufer|damm)\s\d{1,4}\s?[a-z]?\b",
    "Dutch and Nordic": r"\b\p{L}{3,}(?:straat|gracht|laan|plein|kade|dijk|gatan|vägen|vagen|gade|vej|veien|gata|katu|tie)\s\d{1,4}\s?[a-z]?\b",
    "French": r"\b\d{1,4}(?:\s?(?:bis|ter))?,?\s(?:rue|avenue|boulevard|bd|place|chemin|impasse|allée|quai|cours)\s(?:(?:de|des|du|de la|la|le|les|l'|d')\s?)*[\p{L}'’\-]+(?:\s(?-i:\p{Lu})[\p{L}'’\-]+)*",
    "after its kind": r"\b(?:calle|avenida|avda|plaza|paseo|carrer|viale|piazza|corso|vicolo|rua|travessa|praça|praca|largo|ulica|ul\.|aleja|al\.|strada|jalan|jl\.?|(?-i:Via))\s"
    r"(?:(?:de|da|do|das|dos|del|de la|la|las|los|el|san|santa)\s)*[\p{L}'’\-]+(?:\s[\p{L}'’\-]+){0,2}?,?\s(?:n[.ºo°]*\s?)?\d{1,5}(?:\s?m\.\s?\d+)?",
    "box": r"\b(?:p\.?\s?o\.?\s?box|gpo box|postfach|apartado)\s?#?\d{1,6}\b",
    "block and sector": r"\b(?:(?:house|flat|plot|door|h)\.?(?:\s?no\.?)?\s)?[a-z]?-?\d{1,4}[a-z]?,\s?(?:sector|block|phase|street|road|ward|lane)\s?-?\w{1,3}\b",
    "singapore": r"\b(?:blk|block)\s\d{1,4}[a-z]?\s[\p{L} ]+?\s(?:ave(?:nue)?|st(?:reet)?|road|rd|drive|dr|crescent|lane|close|central)\s?\d{0,3}",
}
FLOOR = r"(?:,?\s#\d{1,2}-\d{1,4}|,\s?\d{1,2}\.\s?(?:tv|th|mf|og|etage|stock)\b)?"
FIRST = rf"(?:{ROOM},?\s(?:block\s\w{{1,2}},\s)?)?"


def _home() -> list[Pattern]:
    number_first = rf"(?<![\w.,£$€/\-]){FIRST}(?:no\.?\s)?{NUMBER},?\s(?:[nsew]{{1,2}}\.?\s)?{NAMED}"
    shapes = {
        "street": (rf"{number_first}{_any(STREETS)}\b\.?{FLOOR}{TAIL}", 0.8),
        "path with a capital": (rf"{number_first}(?-i:{_any(path.capitalize() for path in PATHS)})\b{FLOOR}{TAIL}", 0.7),
        "path after a cue": (rf"{AFTER}{number_first}{_any(PATHS)}\b{TAIL}", 0.7),
        "room and street": (rf"\b{ROOM},\s?(?:block\s\w{{1,2}},\s?)?(?:\p{{L}}[\p{{L}}'’]*\s){{1,3}}{_any(STREETS)}\b", 0.7),
        "up to a code": (rf"{number_first[:-len(NAMED)]}(?:{NOT_A_NAME}\p{{L}}[\p{{L}}'’\-]*,?\s){{1,5}}(?={CODED})", 0.7),
        **{name: (shape + FLOOR + TAIL, 0.8) for name, shape in ABROAD.items()},
    }
    return [Pattern(name, shape, score) for name, (shape, score) in shapes.items()]


class CodesAfterTowns(EntityRecognizer):  # type: ignore[misc]  # Presidio ships no types
    """Five or six figures (four after a town) right after what the model takes for a town or a name."""

    CODE = regex.compile(r",?\s(?P<code>\d{4,6}(?:-\d{4})?)\b(?![.,]\d|\s?(?:people|years|euros|pounds|dollars|km|miles|steps|words|times|%))")

    def __init__(self) -> None:
        super().__init__(supported_entities=["POSTCODE"])

    def load(self) -> None:
        """Nothing to load."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: Any = None) -> list[RecognizerResult]:
        """The codes."""
        places = [word for word in read(text, nlp_artifacts) if word.entity in ("GPE", "LOC") or (word.noun and not word.grammar)]
        after = ((word, self.CODE.match(text, word.end)) for word in places)
        return [RecognizerResult("POSTCODE", *match.span("code"), 0.5) for word, match in after if match and self._is_code(match["code"], word)]

    @staticmethod
    def _is_code(figures: str, word: Word) -> bool:
        town = word.entity in ("GPE", "LOC")
        if len(figures) == 4:
            return town and not regex.fullmatch(r"(?:19|20)\d\d", figures)
        return town or word.tag == "NNP" or (len(figures) == 6 and figures[0] in "12345678")  # India's PIN codes


def recognisers() -> list[Any]:
    """Addresses, postcodes by shape, postcodes by town."""
    codes = [Pattern(country, shape, 0.7) for country, shape in POSTCODES.items()]
    return [PatternRecognizer("ADDRESS", patterns=_home()), PatternRecognizer("POSTCODE", patterns=codes), CodesAfterTowns()]
