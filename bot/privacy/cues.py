"""What the words around say of a word: that a person is named here, and whether a therapist."""

from __future__ import annotations

import regex

from bot.privacy.words import words


def _any(of: str) -> str:
    return f"(?:{'|'.join(sorted(map(regex.escape, words(of)), key=len, reverse=True))})"


THERAPIST, PERSON, TITLE, TITLE_OR_WORD = _any("therapists"), _any("people"), _any("titles"), _any("titles_and_words")
NAMING = (
    r"(?:(?:,? ?(?:her|his|their|whose|whos))?(?:'s|s)?,? ?(?:real |first |full )?name(?:'s|s| is| was|:)|(?:,? (?:is|was|who's|whos|who is))? ?(?:called|named)|:|,|\(|-|–| -)?"
)
SPOKE = (
    r"(?:said|says|told|tells|asked|asks|thinks|thought|reckons|goes|knew|knows|laughed|shrugged|smiled|nodded|sighed|listened|replied|answered|texted|emailed|rang|blamed|charged|cancelled|ghosted"
    r"|dumped|hit|hates|loves|wants|wanted|hears|stopped|left|moved|died|cried)"
)
BEFORE = {
    name: regex.compile(shape + "$", regex.IGNORECASE)
    for name, shape in {
        "introduced": r"(?:\bname(?:'s|s|d)?(?: is| was|:| =)?|\b(?:is|was|am|'m|im|i'm|be|she's|he's|shes|hes|who's|people|person|someone|woman|man|guy|lady|girl|boy|one|therapist|counsell?or) (?:called|named)"
        r"|\b(?:known as|goes by|call me|calls? (?:him|her|them)|calls me|signed|regards|sincerely|cheers|love from|yours|this is)|^\s*[-–—])[,:]?\s*[\"“']?",
        "titled": rf"\b{TITLE}\.? (?:(?:dr|doktor|prof)\.? )?",
        "half titled": rf"\b{TITLE_OR_WORD} ",
        "role": rf"\b(?:{THERAPIST}|{PERSON}){NAMING} ?[\"“'(]?",
        "initialled": r"(?<![\w.'])(?!e\. ?g|i\. ?e|a\. ?m|p\. ?m|d\. ?o)(?:[a-z]\. ?){1,3}",
        "role is": rf"\b(?:{THERAPIST}|{PERSON}) (?:is|was) ",
        "greeted": r"(?:\b(?:hi|hey|hello|hiya|heya|evening|morning|afternoon),? (?:(?:i'm|im|i am|its|it's|this is|my name|name) )?|^(?:i'm|im|i am|its|it's|this is|thanks,?) )",
        "addressed": r"\b(?:tell|told|telling|ask|asked|asking|met|meet|meeting|miss|missed|misses|spoke (?:to|w|with)|speak (?:to|with)|talk(?:ed|ing)? (?:to|with)|blamed?|matched w(?:ith)?|assigned(?: to)?"
        r"|referred to|lied to|phoned|texted|emailed|messaged|thanks?|with|w|w/|see|saw|seen|seeing|trust(?:ed)?|like|love|hate) ",
        "near": r"(?:\b(?:about|from|by|between|and|if|can|does|did|because|bc|then|so|but|or|when|what|wish|think|says|said) |[\"“,(] ?|^)",
        "limited": r"\b(?:the|a|an|my|your|his|her|our|their|no|some|any|this|that|more|such|of|in|for|same|much|every|new|old) ",
    }.items()
}
"""Endings of what stands before a word."""
AFTER = {
    name: regex.compile(shape, regex.IGNORECASE)
    for name, shape in {
        "role": rf"(?:(?:,|'s| -)? ?\(?(?:(?:is|was|who is|who was|who runs|the one who was) )?(?:my|our|the|a|an|his|her) (?:[\w\-]+ ){{0,2}}?(?:{THERAPIST}|{PERSON})\b| my (?:cbt|emdr) |,? from (?:the )?(?:[a-z]+ ){{0,3}}(?:group|work|church|school|clinic|surgery|practice|place|service|team|therapies|cent(?:re|er)|hospital|agency)\b"
        r"| aunt(?:y|ie)\b| \((?:cbt|dbt|emdr|ifs|act)\))",
        "spoke": rf"(?:'s voice)?,? (?:(?:just|never|always|then|really|still|basically|literally|actually|only|already|once) )?{SPOKE}\b",
        "does": r",? (?:is|was|has|had|isn't|isnt|hasn't|hasnt|wasn't|wasnt|never|always|keeps|kept|gave|made|put|sent|looked|will|would|did|didn't|didnt|and me|and i|at the|at [a-z]+ clinic)\b",
        "here": r"(?:,? (?:here|btw|speaking|from)\b|[,.!]?\s*$)",
    }.items()
}
"""Beginnings of what stands after one."""
PROFESSIONAL_BEFORE = regex.compile(rf"(?:\b(?:dr|drs|prof|professor|doctor|nurse|doktor)\.? |\b{THERAPIST}{NAMING} ?[\"“'(]?)$", regex.IGNORECASE)
PROFESSIONAL_AFTER = regex.compile(
    rf"(?:(?:,|'s| -)? ?\(?(?:(?:is|was|who is|who was) )?(?:my|our|the|a|an) (?:[\w\-]+ ){{0,2}}?{THERAPIST}\b| my cbt | \((?:cbt|dbt|emdr|ifs|act)\)| (?:at|from) (?:the )?(?:\w+ ){{1,3}}(?:clinic|surgery|practice)\b)",
    regex.IGNORECASE,
)
REACH = 70
"""Letters before and after a word that are looked at."""


def before(text: str, start: int) -> frozenset[str]:
    """Which cues end where a word starts."""
    near = text[max(0, start - REACH) : start]
    return frozenset(name for name, shape in BEFORE.items() if shape.search(near))


def after(text: str, end: int) -> frozenset[str]:
    """Which cues begin where a word ends."""
    near = text[end : end + REACH]
    return frozenset(name for name, shape in AFTER.items() if shape.match(near))


def initials(text: str, start: int) -> str:
    """The initials that end where a word starts, such as `j. p. `; empty when there are none."""
    found = BEFORE["initialled"].search(text[max(0, start - REACH) : start])
    return found[0] if found else ""


def professional(text: str, start: int, end: int) -> bool:
    """Whether the words around say that the name is that of a therapist, doctor or nurse."""
    return bool(PROFESSIONAL_BEFORE.search(text[max(0, start - REACH) : start]) or PROFESSIONAL_AFTER.match(text[end : end + REACH]))
