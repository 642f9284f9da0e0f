"""Screening, first form: what raises a tier and what does not, side by side."""

from __future__ import annotations

import pytest

from bot.safety.scoring import Score
from bot.safety.screening import assess

URGENT = [
    "I want to kill myself",
    "i wanna die",
    "I'm going to end it all tonight",
    "ive got the pills here and im going to take the whole bottle",
    "I'm cutting myself again right now",
    "k1ll mys3lf",
    "i want to *kill* myself",
    "_i want to die_",
    "i want to kill 🔫 myself",
    "i want to k i l l myself",
    "I want to\u200b kill my\u200bself",
    "ＩＷＡＮＴ to ｋｉｌｌ　ｍｙｓｅｌｆ",
    "my boyfriend hits me when he drinks",
    "the voices tell me to hurt my sister, they say do it",
    "I failed therapy and I want to kill myself",
    "I think I'm going to kill him, I have the knife",
    "my friend is trying to kill herself",
]
CHECK_IN = [
    "everyone would be better off without me",
    "I can't go on",
    "it is never going to get better",
    "there is no way out",
    "I'm such a burden",
    "I haven't eaten in four days",
]
NONE = [
    "my plants are drooping again",
    "I'm going to see my dad tonight",
    "gonna check out the new bakery on friday",
    "parked by the quarry for a walk with the dog",
    "a stray cat followed me home again",
    "I have a plan for Saturday",
    "the cat is outside again",
    "how many of these eggs would I need",
    "My wife's face dropped when I told her",
    "we rehomed the dog and I cancelled my pet insurance",
    "I know which roof the leak comes from",
    "The boiler man is fitting now",
    "I'm going to join them up there after lunch",
    "I took a month's supply of vitamins with me to Thailand",
    "My throat keeps closing on the high notes, any warm-ups?",
    "Advent calendar: only one door left!",
    "Please ignore the last message from me, it was for Sarah",
    "My mouse hand does not work so well any more",
    "I'm going to shoot my shot tomorrow",
    "tonight's the night for our first gig",
    "dad plays the game with me every Sunday",
    "she told me the date of the wedding",
    "we're finally making it official",
    "she reads my messages and doesn't reply",
    "I want to be with my wife forever",
    "I know when and where the meeting is",
    "the only reason I'm here is that my wife made me come",
    "I chipped my tooth on an olive",
    "there's a bug in my light, it keeps buzzing",
    "don't come to school tomorrow if you have a fever",
    "my hotel says I have to check out before eleven",
    "the conversation went too deep for a first date",
    "Ana is back from Spain",
    "this homework is killing me",
    "I was bored to death in that meeting",
    "I failed therapy",
    "therapy will never work for me",
    "I'm not suicidal, just very tired",
    "my novel has a chapter about suicide",
    "I'd kill for a coffee",
    "",
    "…",
    "7",
]


PAIRS = [
    ("I'm 13 and when mum drinks she hits", "urgent", "I'm 13 and mum doesn't know I talk to anyone"),
    ("i am 15 and my dad comes home drunk", "urgent", "i am 15 and my dad works nights"),
    ("it's a hopeless existence and I feel hopeless", "check_in", "they treat me like a hopeless case, I am a hopeless case"),
    ("I wish I could just stop being", "check_in", "I wish I would stop being scared"),
    ("by the time anyone reads this it's done", "urgent", "by the time anyone reads this I'll be on a beach"),
    ("I can't stop thinking about dying", "urgent", "I can't stop thinking about dinner"),
    ("I keep counting the tablets and putting them back", "urgent", "I keep counting the days till half term"),
    ("it's just I've sort of decided", "check_in", "I've sort of decided on the blue one"),
    ("I think I had my evening tablets twice", "check_in", "I had my evening class twice this week"),
    ("everyone's on the list, they're going to find out soon", "check_in", "everyone's on the guest list, we'll find out the date soon"),
    ("if he ever found out I told someone", "check_in", "if he ever found out I ate his yoghurt"),
    ("I took double of everything", "urgent", "I took double the flour the recipe says"),
    ("I want to kil mysellf", "urgent", "I want to kil this taks"),
    ("i want to not be alive anymore", "urgent", "i want to not be late anymore"),
    ("I say no, he does it anyway and holds my wrists", "urgent", "my husband said no to a dog but we got one anyway"),
    ("i could do what he did, and no one would be surprised", "urgent", "i could do what he did and open a bakery"),
    ("it would be so easy to go after her now", "urgent", "it would be easier to follow them on instagram"),
    ("they put something in the walls, it clicks", "check_in", "we put cameras in the flat after the burglary"),
    ("i paid for it at home when he heard", "check_in", "i paid for it later, should have warmed up"),
    ("fainted twice today, not eaten since monday", "urgent", "my heart was racing after the stairs"),
    ("been sick so often there is blood in it", "urgent", "i was sick on the ferry"),
    ("she has a burn on her hand and says daddy did it", "urgent", "daddy did it, he finished the shed"),
    ("i put the pillow over his face and nearly did it", "urgent", "he put a pillow over his head and slept on"),
    ("my hands won't stop and last night i saw spiders that were not there", "urgent", "stopped drinking coffee and the shakes are gone"),
    ("did a thing again 🔪 cat scratches haha", "check_in", "the cat scratched me haha"),
    ("wish there was an alt f4 for being a person", "check_in", "alt f4 closes the game"),
    ("simpler for everyone if i were not in it", "check_in", "simpler for everyone if i take the bus"),
    ("woke up and my clothes were wrong", "check_in", "woke up and my clothes were in the dryer"),
    ("my tongue is swelling after those cashews", "urgent", "the car park is closing after nine"),
    ("my flatmate won't wake up and there's a bottle next to her", "urgent", "my flatmate won't wake up before noon on Sundays"),
    ("i swallowed everything in the medicine cupboard", "urgent", "I tidied everything in the medicine cupboard"),
    ("took way too many of the blue ones", "urgent", "took way too many photos of the blue ones"),
    ("wrote letters to my kids, they're in the drawer", "urgent", "my therapist had me write a letter to my mother"),
    ("can i od on mirtazapine", "urgent", "can I pay on my phone"),
    ("cut went deep this time and my towel is red", "urgent", "the haircut went well this time"),
    ("he pinned me down in the back room at the party", "urgent", "we pinned down a date for the meeting"),
    ("got the knife and im going to his house", "urgent", "got the keys and I'm going to his house"),
    ("a girl i know is live from a bridge right now", "urgent", "the band is live from a bridge on channel four"),
    ("my kids would be better off with a mother who works right", "check_in", "my kids would be better off with a bigger garden"),
    ("three days on black coffee and gum", "check_in", "three days on trains and buses"),
    ("I flinch when he raises his hand", "check_in", "I'm happy when he comes home early"),
    ("there's a microphone in my ceiling", "check_in", "there's a leak in my ceiling"),
    ("my counsellor keeps texting me at midnight", "check_in", "my sister keeps texting me at midnight"),
    ("he's 27 and i'm 13, he says i'm mature and wants pics", "urgent", "my brother is 27 and I'm 13"),
]


@pytest.mark.parametrize(("said", "tier", "like_it"), PAIRS)
def test_danger_said_without_its_name_is_seen_and_its_look_alike_is_not(said: str, tier: str, like_it: str) -> None:
    """The same words in earnest and not."""
    assert assess(said).tier == tier
    assert assess(like_it).tier == "none"


@pytest.mark.parametrize(
    ("text", "tier"),
    [
        ("I'm not suicidal and I have no plans of dying", "none"),
        ("I don't want to die but I can't do this", "check_in"),
        ("my boss is going to murder me", "none"),
        ("my husband is going to murder me", "check_in"),
    ],
)
def test_a_plain_denial_and_a_jest_lower_the_scorer_and_a_half_one_does_not(text: str, tier: str) -> None:
    """Whatever the scorer makes of the words; a rule that sees danger still raises it."""
    found = assess(text, Score(0.99, 0.0, "suicide")).tier
    assert found == tier or (tier == "check_in" and found == "urgent")


@pytest.mark.parametrize("text", URGENT)
def test_present_danger_is_urgent(text: str) -> None:
    """However it is written."""
    assert assess(text).tier == "urgent"


@pytest.mark.parametrize("text", CHECK_IN)
def test_what_may_be_danger_is_asked_about(text: str) -> None:
    """At least."""
    assert assess(text).tier != "none"


@pytest.mark.parametrize("text", NONE)
def test_figures_of_speech_and_ordinary_pain_raise_nothing(text: str) -> None:
    """They go into the ordinary conversation."""
    assert assess(text).tier == "none"


@pytest.mark.parametrize("where", [0, 1, 2])
def test_a_long_text_is_screened_to_its_end(where: int) -> None:
    """Beginning, middle and end of 100,000 characters."""
    parts = ["The weather was fine and we walked along the river. " * 970] * 2
    parts.insert(where, "I want to kill myself. ")
    assert assess("".join(parts)).tier == "urgent"


def test_the_same_text_is_assessed_the_same_and_says_why() -> None:
    """Deterministic, with rule, span and version."""
    first, second = assess("I want to kill myself"), assess("I want to kill myself")
    assert first == second
    assert first.evidence[0].span in "i want to kill myself"
    assert first.version


@pytest.mark.parametrize("text", ["a\x00b", "\ud800 broken \udfff", "\u200b\u200b", "🙂" * 1000, "/restart", '{"text": 1}'])
def test_no_text_breaks_it(text: str) -> None:
    """Whatever comes is assessed."""
    assert assess(text).tier == "none"
