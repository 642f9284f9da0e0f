"""Postal addresses, by the shapes they have in the countries people write from."""

from __future__ import annotations

from presidio_analyzer import Pattern, PatternRecognizer

from bot.privacy.postcodes import UNMISTAKABLE
from bot.privacy.words import any_of, words

STREET, PATH = any_of("streets"), any_of("paths")
RAISED_PATH = rf"(?-i:{'|'.join(path.capitalize() for path in sorted(words('paths'), reverse=True))})"
RAISED = r"(?-i:\p{Lu})[\p{L}'’\-]+"
ROOM = (
    r"(?:(?:flat|apt|apartment|unit|suite|ste|room|block|blk|tower|level|floor|plot|no|nr)(?:\.?\s|\.)?#?|#)"
    r"(?:\d{1,4}[a-z]?|(?<=[\s#.])[a-z]\d{0,3})(?:[\-/]\d{1,4})?\b"
)
FIRST = rf"(?:{ROOM},?\s(?:block\s\w{{1,2}},\s)?)?"
FLOOR = r"(?:,?\s#\d{1,2}-\d{1,4}|,\s?\d{1,2}\.\s?(?:tv|th|mf|og|etage|stock)\b|,\s?\d{1,2}\s?[º°ª](?:\s\p{L}\b)?)?"
NUMBER = r"\d{1,5}(?:\s?[a-z](?![\w']))?(?:[\-/]\d{1,4}[a-z]?)?"
COUNTED = rf"(?!{any_of('counted')}\b)"
"""Not before a word that would make the number an amount: `3 times down the road`."""
WORDS = rf"(?:{COUNTED}[\p{{L}}\d][\p{{L}}\d'’.\-]*\s){{1,4}}?"
START = rf"(?<![\w.,£$€/\-]){FIRST}(?:no\.?\s)?{NUMBER},?\s(?:[nsew]{{1,2}}\.?\s)?"
BESIDE = rf",?\s(?:off|near|opp|opposite|behind)\s(?:\p{{L}}+\s){{1,2}}{STREET}\b"
TOWN = rf"(?:,\s\p{{L}}+(?:\s\p{{L}}+)?(?=,?\s{UNMISTAKABLE}))?(?:(?:,\s\p{{L}}+){{0,2}},?\s\d{{4,6}}\b)?"
TAIL = rf"{FLOOR}(?:{BESIDE}|,?\s?{ROOM}|,\s?{RAISED}(?:\s{RAISED}){{0,2}}|,?\s[nsew]{{1,2}}\b){{0,3}}{TOWN}"
"""What may follow: the floor, up to three parts, the town."""
CUE = (
    r"(?<=\b(?:liv(?:e|es|ed|ing)|address|addr|moved|stay(?:s|ing)?|house|home|office|works?|based|post(?: it)?|send(?: it)?|located|visit|are|is|im|i'm|we're"
    r"|at|to|from|on)\b[^\d\n]{0,16})"
)
HOME = r"(?<=\b(?:(?:liv(?:e|es|ed|ing)|staying|resid(?:e|es|ing)) (?:at|in)|moved to|address(?: is| was|:)?) )"
KINDS_BEFORE = (
    r"(?:c/|calle|avenida|avda|plaza|paseo|carrer|viale|piazza|corso|vicolo|rua|travessa|praça|praca|largo|ulica|ul\.|aleja|al\.|strada|jalan|jl\.?|(?-i:Via))"
)
ASIAN = r"(?:ku|shi|machi|cho|dori|dong|gu|ro|gil)"
ARTICLES, PARTICLES = r"(?:(?:de|des|du|de la|la|le|les|l'|d')\s?)*", r"(?:(?:de|da|do|das|dos|del|de la|la|las|los|el|san|santa)\s)*"
NAMED = r"[\p{L}'’\-]+"
FRENCH = rf"\b\d{{1,4}}(?:\s?(?:bis|ter))?,?\s(?:rue|avenue|boulevard|bd|place|chemin|impasse|allée|quai|cours)\s{ARTICLES}{NAMED}(?:\s{RAISED})*"
SOUTHERN = rf"\b{KINDS_BEFORE}\s{PARTICLES}{NAMED}(?:\s{NAMED}){{0,2}}?,?\s(?:n[.ºo°]*\s?)?\d{{1,5}}(?:\s?m\.\s?\d+)?"
BLOCK = r"\b\d{1,4}(?:-\d{1,4}){1,2},?\s(?-i:\p{Lu})[\p{L}\-]+"
WARD = rf"(?-i:\b\p{{Lu}})\p{{L}}+-{ASIAN}\b(?:,?\s\d{{1,4}}(?:-\d{{1,4}}){{0,2}})?"
SECTOR = r"\b(?:(?:house|flat|plot|door|h)\.?(?:\s?no\.?)?\s)?[a-z]?-?\d{1,4}[a-z]?,\s?(?:sector|block|phase|street|road|ward|lane)\s?-?\w{1,3}\b"
SHAPES = {
    "street": (rf"{START}{WORDS}{STREET}\b\.?", 0.8),
    "path with a capital": (rf"{START}{WORDS}{RAISED_PATH}\b", 0.7),
    "path after a cue": (rf"{CUE}{START}{WORDS}{PATH}\b", 0.7),
    "room and street": (rf"\b{ROOM},\s?(?:block\s\w{{1,2}},\s?)?(?:\p{{L}}[\p{{L}}'’]*\s){{1,3}}{STREET}\b", 0.7),
    "where one lives": (rf"{HOME}{FIRST}{NUMBER}\s(?:the\s)?(?:{COUNTED}\p{{L}}[\p{{L}}'’\-]*\s?){{1,3}}(?=[,.\n]|$|\s?{UNMISTAKABLE})", 0.6),
    "up to a code": (rf"{START}(?:{COUNTED}\p{{L}}[\p{{L}}'’\-]*,?\s){{1,5}}(?={UNMISTAKABLE})", 0.7),
    "German": (r"(?-i:\b\p{Lu})[\p{L}\-]*(?:straße|strasse|str\.|weg|platz|allee|gasse|ufer|damm)\s\d{1,4}\s?[a-z]?\b", 0.8),
    "Dutch, Nordic": (r"\b\p{L}{3,}(?:straat|gracht|laan|plein|kade|dijk|gatan|vägen|vagen|gade|vej|veien|gata|katu|tie)\s\d{1,4}\s?[a-z]?\b", 0.8),
    "French": (FRENCH, 0.8),
    "after its kind": (SOUTHERN, 0.8),
    "Thai": (r"\b\d{1,4}(?:/\d{1,4})?\s(?:moo|mu|m\.|soi)\s?\d{1,3}", 0.8),
    "Japanese, Korean": (f"{BLOCK}|{WARD}", 0.8),
    "box": (r"\b(?:p\.?\s?o\.?\s?box|gpo box|postfach|apartado)\s?#?\d{1,6}\b", 0.8),
    "block and sector": (SECTOR, 0.8),
    "Singaporean": (r"\b(?:blk|block)\s\d{1,4}[a-z]?\s[\p{L} ]+?\s(?:ave(?:nue)?|st(?:reet)?|road|rd|drive|dr|crescent|lane|close|central)\s?\d{0,3}", 0.8),
}
"""Way of writing → shape of the part that tells it, and how much that says."""


def recogniser() -> PatternRecognizer:
    """Finds each shape with what may follow it."""
    return PatternRecognizer("ADDRESS", patterns=[Pattern(name, f"(?:{shape}){TAIL}", score) for name, (shape, score) in SHAPES.items()])
