"""What clinics and schools are called: the words that their names end or begin with."""

from __future__ import annotations

import regex

CENTRE = r"cent(?:er|re)s?"
CARE = r"(?:medical|health|wellness|well-?being|therapy|counsell?ing|psychology|treatment|recovery|rehab|healing|care|day|resource)"
GROUP = rf"(?:{CENTRE}|group|services?|associates|partnership|collective|project|board|network|partners|system|hub)"
LEVEL = r"(?:high|primary|secondary|middle|elementary|infant|junior|grammar|boarding|public|convent|comprehensive)"
ENDS = {
    "CLINIC": rf"(?:clinics?|hospitals?|infirmary|hospice|sanatorium|asylum|polyclinic|{CENTRE}|institute|{CARE} {GROUP}|psychological services"
    r"|behavioral health|rehab|rehabilitation|(?:nhs|foundation|health) trust|klinik|klinikum|krankenhaus|ziekenhuis|sjukhus|sygehus|szpital)",
    "SCHOOL": rf"(?:(?:{LEVEL} )?school|college|university|uni|academy|kindergarten|gymnasium|nursery|preschool|sixth form|polytechnic|high|primary"
    r"|elementary|grammar|prep)",
}
PLAIN_ENDS = r"(?:wellness|practice|surgery|counsell?ing|psychology|psychotherapy|psychiatry)"
"""Also plain words: two words have to name the clinic, or one with a capital or that is no word, or one right after `at`."""
METHOD_ENDS = r"therapy"
"""The same, but `at` does not help: what is before it is a method more often than a place."""
HOUSES = r"(?:house|lodge|court|hall|manor|unit|ward|priory|abbey|retreat|grange|villa)"
"""Taken only in a message that speaks of being a patient."""
BEGINNINGS = {
    "CLINIC": r"(?:hospital|h[oô]pital|ospedale|cl[ií]nica|clinique|(?:universit[äa]ts)?klinik(?:um)?|krankenhaus|praxis|centro|centre hospitalier"
    rf"|(?:{CENTRE}|institute|clinic|foundation) (?:of|for))",
    "SCHOOL": r"(?:universit(?:y|é|e|à|a|ät|at|eit)|universidade?|uni|college|school|institute|instituto|escuela|colegio|lyc[ée]e|coll[èe]ge|[ée]cole)",
}
FOR = rf"\b(?:{CENTRE}|institute|clinic) for "
JOINING = r"(?:of|for|the|de|del|della|di|da|do|dos|la|las|le|les|los|el|and|&|für|van|der|des|du)"
CAPITAL = r"(?!I\b)(?-i:\p{Lu})[\p{L}'’\-]+"
SAINT = regex.compile(
    r"\b(?:st|saint|ste|sainte)\.? \p{L}[\p{L}'’\-]{2,}|\bour lady(?:'s| of (?:the )?\p{L}+(?: (?-i:\p{Lu})\p{L}+)?)?"
    r"|\b(?:sacred|holy) (?:heart|cross|family|trinity)\b",
    regex.IGNORECASE,
)
PATIENT = regex.compile(r"\b(?:rehab|in-?patient|patient|admitted|discharged|sectioned|hospital|detox|psych ward|residential)\b", regex.IGNORECASE)
SCHOOLING = regex.compile(r"\b(?:school|college|teacher|pupil|year \d+|class|excluded)\b", regex.IGNORECASE)
DESCRIBED = regex.compile(r"\b(?:an?|my|your|his|her|our|their|some|any|this|that|these|those|another|every|each|which|no) $", regex.IGNORECASE)
"""What stands before a description rather than before a name."""
PLACED = regex.compile(r"(?:^|\b(?:at|from|to|with|by) )(?:the )?$", regex.IGNORECASE)
"""What stands before a place."""
IN_THE = regex.compile(r"\b(?:at|in|into|from|left|to) the $", regex.IGNORECASE)
