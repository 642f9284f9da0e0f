"""A report that a professional did harm, told by its words: it must never be taken for a belief to reframe, so it does not rest on likeness alone."""

from __future__ import annotations

import re

from bot.safety.words import clauses

WHO = r"(?:therapists?|counsell?ors?|psychologist|psychiatrist|psych|shrink|analyst|psychotherapist|clinician|practitioner|social worker|doctor|dr)"
DID = (
    r"(?:laugh\w* at|mock\w*|ridicul\w*|humiliat\w*|belittl\w*|insult\w*|sham\w+ me|yell\w*|scream\w*|shout\w*|snap\w* at|"
    r"swor\w+ at|blam\w+ me|accus\w+|"
    r"call\w* me (?!back|by|in|on|to|at|again|when|every|today|tomorrow)|touch\w* (?:me|my)|kiss\w*|flirt\w*|hit on|"
    r"came on to|asked me out|hugged me|slept with|sexual\w*|inappropriat\w*|"
    r"told (?:my|other|others|his|her|everyone)|shar\w+ (?:my|what|private)|gossip\w*|broke (?:my )?confiden\w*|breach\w*|"
    r"betray\w*|threaten\w*|lied|dismiss\w*|rolled|"
    r"fell asleep|ghost\w*|abandon\w*|dropped me|did not (?:believe|care)|does not (?:believe|care)|refus\w* to (?:see|listen|"
    r"help|believe)|made fun|manipulat\w*|abus\w*|exploit\w*|"
    r"made me feel (?:\w+ )?(?:stupid|small|worse|dirty|ashamed|crazy|guilty|like)|makes me feel (?:\w+ )?(?:stupid|small|"
    r"dirty|ashamed|crazy|guilty)|"
    r"told me (?:\w+ )?(?:i (?:was|am|deserved|should|had) (?:\w+ )?(?:crazy|lazy|dramatic|faking|lying|attention|stupid|"
    r"selfish|difficult|hopeless|too|to blame|asking)|to (?:get over|suck|just|shut|stop being|lose))|"
    r"judg\w+ me|rude|cruel|unprofessional|mean to me|creepy|contempt\w*|harass\w*|violat\w*)"
)
BAD = r"(?:bad|awful|terrible|horrible|traumatic|traumati[sz]ing|nightmare|abusive|harmful|damaging)"
REPORT = re.compile(
    rf"\b{WHO}\b (?:\w+ ){{0,12}}?{DID}|\b{DID}\b (?:\w+ ){{0,4}}?by (?:my|a|the|this|his|her) (?:\w+ ){{0,2}}?{WHO}\b"
    rf"|\b(?:wronged|hurt|harmed|let down|traumati\w+|damaged|burned|burnt|mistreated) by (?:\w+ ){{0,3}}?{WHO}\b"
    rf"|\b{BAD} experiences? (?:\w+ ){{0,4}}?(?:therapy|counsel\w*|{WHO})\b|\b(?:therapy|counselling|counseling) (?:was|"
    rf"has been|were) (?:an? )?(?:\w+ )?{BAD}\b"
    rf"|\b(?:no longer|not|never|can not) (?:\w+ )?trust (?:\w+ )?{WHO}\b"
)


def reports_harm(text: str) -> bool:
    """Whether a message says that a professional did something that harms."""
    return any(REPORT.search(clause) for clause in clauses(text))
