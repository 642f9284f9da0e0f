"""The conversation, without Rasa: what is said next, and that what comes back is heard as an answer."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from bot.reframing.checking import CARE, REFLECTIONS, REFRAMED
from bot.reframing.dialogue import Dialogue, Move
from bot.reframing.loading import load
from bot.reframing.memory import Memory
from bot.reframing.speech import Heard, Message

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
CATALOGUE = load()


class Talk:
    """A conversation in which the test says how each message was recognised."""

    def __init__(self, seed: str = "one") -> None:
        self.memory, self.dialogue, self.at = Memory(seed=seed), Dialogue(CATALOGUE), NOON

    def say(self, text: str, move: Move, intent: str = "answer", *beliefs: tuple[str, float], confidence: float = 1.0) -> list[Message]:
        """One turn, a minute after the last."""
        self.at += timedelta(minutes=1)
        said = self.dialogue.turn(move, Heard(text, self.at, intent, beliefs, confidence), self.memory)
        # A tracker keeps the memory as JSON between turns.
        self.memory = Memory.parse_raw(self.memory.json())
        return said

    def voice(self, belief: str, text: str = "…", confidence: float = 0.9) -> str:
        """A message that voices one belief."""
        return self.say(text, Dialogue.reframe, belief, (belief, confidence))[0].text

    def answer(self, text: str = "my father, mostly", intent: str = "answer") -> str:
        """A message that came back to a question."""
        return "\n".join(m.text for m in self.say(text, Dialogue.listen, intent))


def texts(belief: str, *names: str) -> set[str]:
    """All lines of some lists of a belief."""
    return {line.text for name in names for line in getattr(CATALOGUE.beliefs[belief], name)}


def holds(said: str, lines: set[str]) -> list[str]:
    """Which of the lines stand in what was said."""
    return [line for line in lines if line in said]


@pytest.mark.parametrize("belief", REFRAMED)
def test_a_belief_gets_one_acknowledgement_one_reframe_and_one_question(belief: str) -> None:
    """The three parts, each once, and a single question mark."""
    said = Talk().voice(belief)
    assert len(holds(said, texts(belief, "acknowledgements"))) == 1
    assert len(holds(said, texts(belief, "reframes"))) == 1
    assert len(holds(said, texts(belief, "questions", "first"))) == 1
    assert said.count("?") == 1


@pytest.mark.parametrize("belief", CARE)
def test_what_needs_care_gets_information_and_never_a_reframe(belief: str) -> None:
    """Harm, stopping care and practical questions are answered without any reframe."""
    said = Talk().voice(belief)
    assert len(holds(said, texts(belief, "information"))) == 1
    assert not any(holds(said, texts(b, "reframes")) for b in REFRAMED)


def test_the_acknowledgement_fits_what_was_said() -> None:
    """A cue in the message brings the line that was written for it."""
    said = Talk().voice("resistant", "my counsellor said I'm stubborn and too difficult")
    cued = next(line.text for line in CATALOGUE.beliefs["resistant"].acknowledgements if "stubborn" in line.cues)
    assert cued in said


@pytest.mark.parametrize("intent", ["answer", "share_feeling", "negative_thought", "affirm", "deny", "nlu_fallback", "good_news"])
def test_what_comes_back_after_a_question_is_heard_as_an_answer(intent: str) -> None:
    """Whatever it was taken for, it is received and the thread goes deeper."""
    talk = Talk()
    talk.voice("further_along")
    said = talk.answer(intent=intent)
    assert holds(said, texts("further_along", "deepen"))
    assert said.count("?") == 1


def test_an_answer_that_faintly_resembles_a_belief_is_still_an_answer() -> None:
    """Only a belief that is voiced for certain opens a new thread."""
    talk = Talk()
    talk.voice("further_along")
    said = talk.voice("healing_right", confidence=0.4)
    assert holds(said, texts("further_along", "deepen"))
    assert not holds(said, texts("healing_right", "reframes"))


def test_a_remark_that_is_unlikely_is_an_answer_and_a_likely_one_is_not() -> None:
    """While a question is open, a weak guess at another subject is not believed."""
    talk = Talk()
    talk.voice("further_along")
    assert holds(talk.say("the car, the house", Dialogue.remark, "out_of_scope", confidence=0.3)[0].text, texts("further_along", "deepen"))
    said = talk.say("who reads this?", Dialogue.remark, "privacy_question", confidence=0.9)[0].text
    assert said in CATALOGUE.moments["privacy_question"]
    assert talk.memory.belief == "further_along"


@pytest.mark.parametrize("move", [Dialogue.not_sure, Dialogue.doesnt_fit, Dialogue.say_more])
def test_a_sentence_that_faintly_resembles_a_word_about_the_talk_is_an_answer(move: Move) -> None:
    """“Nobody has ever asked me that” is no silence; said for certain, or in two words, it is."""
    talk = Talk()
    talk.voice("further_along")
    assert holds(talk.say("nobody has ever asked me that", move, confidence=0.3)[0].text, texts("further_along", "deepen"))
    assert not holds(talk.say("nobody asked", move, confidence=0.3)[0].text, texts("further_along", "deepen"))


@pytest.mark.parametrize("said", ["no, that is not it at all, I really did mess it up", "I don't want to be like my mother was with us"])
def test_an_answer_that_begins_with_no_does_not_skip_the_weight(said: str) -> None:
    """It is received as what it is."""
    talk = Talk()
    weighed(talk)
    assert holds(talk.answer(said), texts("failed_therapy", "deepen"))


@pytest.mark.parametrize("intent", ["share_feeling", "negative_thought"])
def test_a_painful_answer_is_received_as_pain_and_no_number_is_asked(intent: str) -> None:
    """The scale can wait."""
    talk = Talk()
    talk.voice("failed_therapy")
    talk.answer()
    said = talk.answer("my dog died in March and I still cry at work", intent)
    assert holds(said, set(CATALOGUE.moments["receipts_pain"]))
    assert not holds(said, set(CATALOGUE.moments["weigh_before"]))


def test_a_question_back_is_not_received_as_an_answer() -> None:
    """Where there is information it is given; elsewhere it is honest."""
    talk = Talk()
    talk.voice("therapist_harm")
    assert holds(talk.answer("could I report her to a licensing board?"), texts("therapist_harm", "information"))
    talk = Talk()
    talk.voice("failed_therapy")
    assert holds(talk.answer("do you think I failed?"), set(CATALOGUE.moments["receipts_question"]))


def test_a_second_belief_in_the_next_message_is_taken_up() -> None:
    """The thread follows the person."""
    talk = Talk()
    talk.voice("failed_therapy")
    assert holds(talk.voice("resistant"), texts("resistant", "reframes"))


def test_of_several_beliefs_the_most_painful_comes_first_and_the_other_is_returned_to() -> None:
    """The other is named at once and offered when the first is done."""
    talk = Talk()
    said = talk.say("…", Dialogue.reframe, "outgrown_model", ("outgrown_model", 0.6), ("broken_wrong_with_me", 0.5))[0].text
    assert holds(said, texts("broken_wrong_with_me", "reframes"))
    assert CATALOGUE.beliefs["outgrown_model"].topic in said
    for _ in range(4):
        said = talk.answer("it depends")
    assert holds(talk.answer("no", "deny"), texts("broken_wrong_with_me", "closings"))
    assert talk.memory.awaiting == "parked"
    assert holds(talk.answer("yes", "affirm"), texts("outgrown_model", "reframes"))


def test_a_faint_second_belief_is_not_remembered() -> None:
    """Below the threshold nothing is parked."""
    talk = Talk()
    talk.say("…", Dialogue.reframe, "outgrown_model", ("outgrown_model", 0.6), ("broken_wrong_with_me", 0.2))
    assert talk.memory.parked == []


def test_beside_a_report_of_harm_nothing_is_reframed() -> None:
    """Neither parked nor opened by a self-blaming answer; another need for care is."""
    talk = Talk()
    talk.say("…", Dialogue.reframe, "resistant", ("resistant", 0.8), ("therapist_harm", 0.5))
    assert talk.memory.belief == "therapist_harm"
    assert talk.memory.parked == []
    assert not holds(talk.voice("i_am_the_failure"), texts("i_am_the_failure", "reframes"))
    assert holds(talk.voice("quit_therapy_or_meds"), texts("quit_therapy_or_meds", "information"))


def test_when_healing_hurts_harm_or_crisis_is_asked_about_first() -> None:
    """The first question clears what kind of pain it is."""
    assert holds(Talk().voice("healing_hurts"), texts("healing_hurts", "first"))


@pytest.mark.parametrize("belief", REFRAMED)
def test_that_doesnt_fit_is_accepted_and_another_angle_is_offered(belief: str) -> None:
    """No argument: the reframe is put down, an angle and a question follow."""
    talk = Talk()
    talk.voice(belief)
    said = talk.say("that doesn't fit me", Dialogue.doesnt_fit, "doesnt_fit")[0].text
    assert holds(said, set(CATALOGUE.moments["accepting"]))
    assert holds(said, texts(belief, "angles"))
    assert not holds(said, texts(belief, "reframes"))


def test_when_no_angle_is_left_it_says_so_and_asks_for_their_words() -> None:
    """It does not start again with what did not fit."""
    talk = Talk()
    talk.voice("resistant")
    for _ in CATALOGUE.beliefs["resistant"].angles:
        talk.say("no", Dialogue.doesnt_fit, "doesnt_fit")
    assert talk.say("no", Dialogue.doesnt_fit, "doesnt_fit")[0].text in CATALOGUE.moments["out_of_angles"]


@pytest.mark.parametrize("belief", [*REFRAMED, *CARE])
def test_say_more_unfolds_the_idea(belief: str) -> None:
    """What was offered is put another way."""
    talk = Talk()
    talk.voice(belief)
    assert holds(talk.say("what do you mean", Dialogue.say_more, "say_more")[0].text, texts(belief, "more"))


def test_not_knowing_gets_something_easier_and_after_several_it_rests() -> None:
    """Two easier questions, then a gentle end instead of asking on."""
    talk = Talk()
    talk.voice("tried_everything")
    for _ in range(2):
        assert holds(talk.say("idk", Dialogue.not_sure, "not_sure")[0].text, texts("tried_everything", "easier"))
    said = talk.say("…", Dialogue.not_sure, "empty")[0].text
    assert holds(said, texts("tried_everything", "closings"))
    assert "?" not in said


def test_an_answer_between_two_silences_begins_the_count_anew() -> None:
    """Only silences in a row end the thread."""
    talk = Talk()
    talk.voice("tried_everything")
    talk.say("idk", Dialogue.not_sure, "not_sure")
    talk.answer()
    talk.say("idk", Dialogue.not_sure, "not_sure")
    assert holds(talk.say("idk", Dialogue.not_sure, "not_sure")[0].text, texts("tried_everything", "easier"))


@pytest.mark.parametrize(("move", "moment"), [(Dialogue.change_subject, "change_subject"), (Dialogue.stop, "stop"), (Dialogue.start_over, "start_over")])
def test_a_thread_can_be_left_at_any_time(move: Move, moment: str) -> None:
    """Nothing is asked about it again."""
    talk = Talk()
    talk.voice("failed_therapy")
    assert talk.say("…", move, moment)[0].text in CATALOGUE.moments[moment]
    assert talk.memory.belief is None
    assert talk.answer("the weather was fine") in CATALOGUE.moments["listening"]


@pytest.mark.parametrize("reflection", REFLECTIONS)
def test_a_reflection_asks_each_step_and_ends_with_their_own_words(reflection: str) -> None:
    """Opening, one question a step, a receipt for each answer, and a take-away that is kept."""
    talk = Talk()
    form = CATALOGUE.reflections[reflection]
    said = talk.say("…", Dialogue.start_reflection, f"reflect_{reflection}")[0].text
    for step in form.steps:
        assert holds(said, set(step.asks))
        assert said.count("?") == 1
        said = talk.answer()
        assert holds(said, set(step.heard))
    assert holds(said, set(form.closings))
    talk.answer("I kept going")
    assert talk.memory.takeaways == ["I kept going"]


@pytest.mark.parametrize("step", [0, 1, 2])
@pytest.mark.parametrize("reflection", REFLECTIONS)
def test_a_reflection_can_be_left_at_any_step(reflection: str, step: int) -> None:
    """Stop means stop, whatever the step."""
    talk = Talk()
    talk.say("…", Dialogue.start_reflection, f"reflect_{reflection}")
    for _ in range(step):
        talk.answer()
    assert talk.say("stop", Dialogue.stop, "stop")[0].text in CATALOGUE.moments["leave_reflection"]
    assert talk.memory.reflection is None


@pytest.mark.parametrize("move", [Dialogue.not_sure, Dialogue.doesnt_fit, Dialogue.say_more])
def test_in_a_reflection_not_knowing_makes_the_same_step_easier(move: Move) -> None:
    """The step does not advance."""
    talk = Talk()
    talk.say("…", Dialogue.start_reflection, "reflect_translate")
    assert talk.say("idk", move)[0].text in CATALOGUE.reflections["translate"].steps[0].easier
    assert talk.memory.step == 0


def test_a_belief_voiced_inside_a_reflection_is_an_answer_to_it() -> None:
    """The reflection goes on."""
    talk = Talk()
    talk.say("…", Dialogue.start_reflection, "reflect_translate")
    assert not holds(talk.voice("failed_therapy"), texts("failed_therapy", "reframes"))
    assert talk.memory.step == 1


def weighed(talk: Talk) -> None:
    """Go on until the weight is asked for."""
    talk.voice("failed_therapy")
    talk.answer()
    assert holds(talk.answer(), set(CATALOGUE.moments["weigh_before"]))


@pytest.mark.parametrize(
    ("before", "after", "moment"),
    [("8", "5", "weigh_lighter"), ("seven", "9/10", "weigh_heavier"), ("6.5", "6,5", "weigh_same"), ("0", "0", "weigh_same")],
)
def test_the_weight_is_asked_before_and_after_and_compared(before: str, after: str, moment: str) -> None:
    """Figures, words and halves are read; the difference is named without praise or blame."""
    talk = Talk()
    weighed(talk)
    talk.say(before, Dialogue.weigh_unasked, "weigh")
    talk.answer()
    assert holds(talk.answer(), set(CATALOGUE.moments["weigh_after"]))
    said = talk.say(after, Dialogue.weigh_unasked, "weigh")[0].text
    assert any(said.startswith(line.split("{")[0]) and line.split("}")[-1] in said for line in CATALOGUE.moments[moment])


@pytest.mark.parametrize("said", ["skip", "no thanks", "I'd rather not"])
def test_the_weight_may_be_skipped(said: str) -> None:
    """The conversation goes on with a question."""
    talk = Talk()
    weighed(talk)
    assert holds(talk.answer(said), texts("failed_therapy", "questions"))
    assert talk.memory.weight_before is None


@pytest.mark.parametrize(
    ("said", "weight"),
    [
        ("8", 8),
        ("seven", 7),
        ("maybe a 6", 6),
        ("about 7 I guess", 7),
        ("hmm, I'd say 5.5", 5.5),
        ("it's pretty heavy. 9", 9),
        ("7/10", 7),
        ("4, it comes and goes", 4),
        ("I suppose I feel like the broken one in the family", None),
        ("one of those days", None),
        ("when I was nine", None),
        ("it began when I was 9", None),
        ("two years of it and nothing", None),
        ("3 people have told me that", None),
        ("nobody ever asked", None),
        ("11", None),
    ],
)
def test_a_weight_that_was_asked_for_is_told_from_a_number_in_a_story(said: str, weight: float | None) -> None:
    """Otherwise somebody who speaks of being the broken one is answered with a 1."""
    talk = Talk()
    weighed(talk)
    talk.say(said, Dialogue.weigh_unasked, "weigh")
    assert talk.memory.weight_before == weight


@pytest.mark.parametrize("said", ["when I was 10", "about 9 people", "11"])
def test_a_number_that_is_no_weight_is_an_answer(said: str) -> None:
    """Only what was asked for, or names the scale, is taken as a weight."""
    talk = Talk()
    talk.voice("failed_therapy")
    talk.say(said, Dialogue.weigh_unasked, "weigh")
    assert talk.memory.weight_before is None


def test_a_weight_given_unasked_on_the_scale_is_noted() -> None:
    """“8 out of 10” needs no question."""
    talk = Talk()
    talk.voice("failed_therapy")
    talk.say("it's an 8 out of 10", Dialogue.weigh_unasked, "weigh")
    assert talk.memory.weight_before == 8


def test_a_takeaway_is_kept_in_their_own_words_and_shown_again() -> None:
    """Character by character, the oldest first; before there is one, it says so."""
    talk = Talk()
    assert talk.say("…", Dialogue.show_takeaways, "ask_takeaway")[0].text in CATALOGUE.moments["takeaway_none"]
    for words in ("i'm not DONE, am i?", "one step – then rest"):
        talk.say("…", Dialogue.keep_takeaway, "keep_takeaway")
        talk.answer(words)
    assert talk.say("…", Dialogue.show_takeaways, "ask_takeaway")[0].text.endswith("“i'm not DONE, am i?”\n“one step – then rest”")


def test_a_takeaway_survives_starting_over() -> None:
    """What was kept stays kept."""
    talk = Talk()
    talk.say("…", Dialogue.keep_takeaway, "keep_takeaway")
    talk.answer("I showed up")
    talk.say("…", Dialogue.start_over, "start_over")
    assert talk.memory.takeaways == ["I showed up"]


@pytest.mark.parametrize("hours", [1, 11])
def test_a_short_absence_is_not_remarked_on(hours: int) -> None:
    """Nothing is said about it."""
    talk = Talk()
    talk.voice("resistant")
    talk.at += timedelta(hours=hours)
    assert len(talk.say("hm, my mother", Dialogue.listen)) == 1


def test_after_a_day_an_answer_is_still_an_answer_with_a_welcome_before_it() -> None:
    """The welcome is one message, the follow-up another."""
    talk = Talk()
    talk.voice("resistant")
    talk.at += timedelta(days=1)
    welcome, answer = talk.say("hm, my mother", Dialogue.listen)
    assert welcome.text in CATALOGUE.moments["welcome_back"]
    assert holds(answer.text, texts("resistant", "deepen"))


def test_after_a_day_a_greeting_is_offered_what_was_open() -> None:
    """One message; yes goes on with it."""
    talk = Talk()
    talk.voice("resistant")
    talk.at += timedelta(days=1)
    (said,) = talk.say("hi", Dialogue.remark, "greet")
    assert CATALOGUE.beliefs["resistant"].topic in said.text
    assert holds(talk.answer("yes please", "affirm"), texts("resistant", "reframes"))


@pytest.mark.parametrize("belief", [*REFRAMED, *CARE])
def test_nothing_is_repeated_until_every_variant_has_been_used(belief: str) -> None:
    """The same belief voiced again and again brings every line before any returns, and never the same twice running."""
    talk = Talk()
    said = []
    for _ in range(3 * len(CATALOGUE.beliefs[belief].core)):
        said.append(talk.voice(belief))
        talk.say("start over", Dialogue.start_over, "start_over")
    core = [holds(s, texts(belief, "reframes", "information"))[0] for s in said]
    size = len(CATALOGUE.beliefs[belief].core)
    assert len(set(core[:size])) == size
    assert all(a != b for a, b in zip(core, core[1:]))


def test_two_people_do_not_hear_the_same_order_of_lines() -> None:
    """Each conversation has its own."""
    openings = {Talk(seed=str(n)).voice("resistant") for n in range(8)}
    assert len(openings) > 3


@pytest.mark.parametrize(
    "intent",
    [
        "greet",
        "thank",
        "chitchat",
        "are_you_human",
        "capabilities",
        "privacy_question",
        "ask_human",
        "insult",
        "other_language",
        "out_of_scope",
        "ask_medical",
        "ask_legal",
        "delete_data",
        "goodbye",
    ],
)
def test_what_stands_outside_the_thread_gets_its_own_answer(intent: str) -> None:
    """Each has lines of its own."""
    assert Talk().say("…", Dialogue.remark, intent)[0].text in CATALOGUE.moments[intent]


def test_what_can_you_do_offers_the_reflections_as_buttons() -> None:
    """Three choices that can be pressed."""
    (said,) = Talk().say("…", Dialogue.remark, "capabilities")
    assert [b.payload for b in said.buttons] == [f"/reflect_{r}" for r in CATALOGUE.reflections]


@pytest.mark.parametrize("intent", ["negative_thought", "share_feeling", "good_news"])
def test_what_is_not_about_therapy_gets_a_modest_answer_and_no_belief(intent: str) -> None:
    """It is not forced into a belief."""
    talk = Talk()
    assert talk.answer(intent=intent) in CATALOGUE.moments[intent]
    assert talk.memory.belief is None


def doubt(talk: Talk, *beliefs: str) -> list[Message]:
    """A message of which the recogniser is not sure."""
    talk.at += timedelta(minutes=1)
    return talk.dialogue.turn(Dialogue.reframe, Heard("hm, that", talk.at, beliefs[0], ((beliefs[0], 0.3),), 0.3, beliefs), talk.memory)


def test_in_doubt_one_short_question_is_asked_between_two_with_buttons() -> None:
    """And nothing is reframed; a third button leaves it open."""
    (said,) = doubt(Talk(), "failed_therapy", "tried_everything")
    assert said.text.count("?") == 1
    assert "having failed at therapy" in said.text
    assert [b.payload for b in said.buttons] == ["/failed_therapy", "/tried_everything", "/deny"]


@pytest.mark.parametrize(
    ("text", "intent", "belief", "parked"),
    [
        ("the first one", "answer", "failed_therapy", []),
        ("second", "answer", "tried_everything", []),
        ("both really", "answer", "failed_therapy", ["tried_everything"]),
        ("yes", "affirm", "failed_therapy", ["tried_everything"]),
        ("neither", "deny", None, []),
        ("my sister rang today", "share_feeling", None, []),
    ],
)
def test_the_answer_to_it_may_be_given_in_words(text: str, intent: str, belief: str | None, parked: list[str]) -> None:
    """The belief chosen is opened; anything else is heard as what it is."""
    talk = Talk()
    doubt(talk, "failed_therapy", "tried_everything")
    assert talk.answer(text, intent)
    assert (talk.memory.belief, talk.memory.parked) == (belief, parked)


def test_unsure_twice_is_said_and_a_reflection_or_a_person_offered() -> None:
    """Instead of a third guess."""
    talk = Talk()
    doubt(talk, "failed_therapy", "tried_everything")
    (said,) = doubt(talk, "resistant", "other_therapy")
    assert said.text in CATALOGUE.moments["unsure_twice"]
    assert [b.payload for b in said.buttons][-1] == "/ask_human"
    assert len(said.buttons) == len(REFLECTIONS) + 1


def test_the_same_clarification_is_never_asked_twice() -> None:
    """Not even after a belief was clear in between, nor the other way round."""
    talk = Talk()
    doubt(talk, "failed_therapy", "tried_everything")
    talk.voice("resistant")
    talk.say("something else", Dialogue.change_subject, "change_subject")
    (said,) = doubt(talk, "tried_everything", "failed_therapy")
    assert [b.payload for b in said.buttons][-1] == "/ask_human"


def test_a_doubtful_message_is_an_answer_while_something_is_asked() -> None:
    """It does not interrupt the thread."""
    talk = Talk()
    talk.voice("resistant")
    doubt(talk, "failed_therapy", "tried_everything")
    assert talk.memory.belief == "resistant"
