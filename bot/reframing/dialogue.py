"""What to say next. One public method for each thing a person may do; each changes the memory and returns messages."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.reframing.catalogue import Belief, Catalogue, as_lines
from bot.reframing.memory import Memory

AWAY = timedelta(hours=12)
"""After so long a silence the person is welcomed back."""
SURE = 0.45
"""A belief this likely is taken for a new one even while a question is open (chosen on our own data)."""
PARK = 0.35
"""A second belief this likely is remembered for later."""
EXCHANGES = 3
"""Answers to one belief before a pause is offered."""
SKIP = re.compile(r"\b(skip|pass|no|nah|rather not|don'?t want)\b", re.I)
NUMBER = re.compile(r"(?<![\d.])(10|\d(?:[.,]\d)?)(?![\d.]*\d)")
WORDS = {w: n for n, w in enumerate("zero one two three four five six seven eight nine ten".split())}


@dataclass(frozen=True)
class Heard:
    """One message as the recogniser understood it. `beliefs` are those voiced, with confidence from 0 to 1."""

    text: str
    at: datetime
    intent: str
    beliefs: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Button:
    """A choice. `payload` is sent back when it is pressed."""

    title: str
    payload: str


@dataclass(frozen=True)
class Message:
    """One message to the person."""

    text: str
    buttons: tuple[Button, ...] = field(default=())


class Dialogue:
    """The conversation over one catalogue. Holds no state of its own."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    # -- what the actions call ---------------------------------------------------------------------------------

    def reframe(self, heard: Heard, memory: Memory) -> list[Message]:
        """A belief was recognised: answer it, or hear it as an answer if a question is open and it is no surer new one."""
        voiced = self._by_pain(heard)
        if not voiced or (self._in_thread(memory) and not self._new_belief(heard, memory)):
            return self.listen(heard, memory)
        memory.leave_thread()
        memory.belief = voiced[0]
        memory.parked = [b for b in dict.fromkeys([*memory.parked, *voiced[1:]]) if b != memory.belief]
        memory.awaiting = "question"
        return [Message(self._opening(self.catalogue.beliefs[memory.belief], heard.text, memory))]

    def listen(self, heard: Heard, memory: Memory) -> list[Message]:
        """Free text: an answer if something was asked, else whatever its intent calls for."""
        if memory.reflection:
            return self._next_step(memory)
        if memory.awaiting in ("weight_before", "weight_after"):
            return self._weigh(heard, memory)
        if memory.awaiting == "takeaway":
            return self._keep(heard, memory)
        if memory.awaiting == "parked":
            return self._parked_answer(heard, memory)
        if memory.awaiting == "close":
            return self._close_answer(heard, memory)
        if memory.awaiting == "question" and memory.belief:
            return self._follow_up(heard, memory)
        return [self._say(heard.intent if heard.intent in self.catalogue.moments else "fallback", memory)]

    def remark(self, heard: Heard, memory: Memory) -> list[Message]:
        """Something that stands outside the thread (a greeting, a question about the bot); the thread stays open."""
        return [self._say(heard.intent, memory)]

    def doesnt_fit(self, heard: Heard, memory: Memory) -> list[Message]:
        """The reframe missed: give it up without an argument and offer another angle."""
        belief = self._belief(memory)
        if belief is None:
            return self.listen(heard, memory)
        memory.awaiting = "question"
        accepting = self._line("accepting", memory)
        if memory.exhausted(f"{belief.id}.angles", belief.angles):
            return [Message(self._line("out_of_angles", memory))]
        angle = memory.pick(f"{belief.id}.angles", belief.angles, heard.text).text
        return [Message(f"{accepting} {angle}\n\n{self._question(belief, memory)}")]

    def say_more(self, heard: Heard, memory: Memory) -> list[Message]:
        """Unfold the idea last offered."""
        belief = self._belief(memory)
        if belief is None:
            return [self._say("capabilities", memory)]
        more = memory.pick(f"{belief.id}.more", belief.more, heard.text).text
        return [Message(f"{self._line('say_more_open', memory)} {more}\n\n{self._question(belief, memory)}")]

    def not_sure(self, heard: Heard, memory: Memory) -> list[Message]:
        """Silence, "idk", "…": take the pressure off and ask something smaller."""
        if memory.reflection:
            step = self.catalogue.reflections[memory.reflection].steps[memory.step]
            return [Message(memory.pick(f"{memory.reflection}.{memory.step}.easier", as_lines(step.easier)).text)]
        if memory.awaiting in ("weight_before", "weight_after", "parked", "close", "takeaway"):
            return self._declined(memory)
        belief = self._belief(memory)
        if belief is None:
            return [self._say("empty" if heard.intent == "empty" else "not_sure", memory)]
        memory.awaiting = "question"
        return [Message(memory.pick(f"{belief.id}.easier", belief.easier).text)]

    def change_subject(self, heard: Heard, memory: Memory) -> list[Message]:
        """Leave the thread; what is open may be returned to."""
        memory.leave_thread()
        return [self._say("change_subject", memory)]

    def stop(self, heard: Heard, memory: Memory) -> list[Message]:
        """The person wants to end it: out of a reflection first, else out of the thread."""
        moment = "leave_reflection" if memory.reflection else "stop"
        memory.leave_thread()
        return [self._say(moment, memory)]

    def start_over(self, heard: Heard, memory: Memory) -> list[Message]:
        """Begin again; variants already used stay used, so that nothing sounds like a recording."""
        memory.leave_thread()
        memory.parked = []
        return [self._say("start_over", memory)]

    def weigh(self, heard: Heard, memory: Memory) -> list[Message]:
        """A number was given, asked for or not."""
        if memory.awaiting in ("weight_before", "weight_after"):
            return self._weigh(heard, memory)
        if not memory.belief or number_in(heard.text) is None or memory.reflection:
            return self.listen(heard, memory)
        memory.awaiting = "weight_after" if memory.weight_before is not None else "weight_before"
        return self._weigh(heard, memory)

    def ask_weight(self, heard: Heard, memory: Memory) -> list[Message]:
        """Offer the 0 to 10 scale."""
        memory.awaiting = "weight_after" if memory.weight_before is not None else "weight_before"
        return [self._say("weigh_before", memory)]

    def keep_takeaway(self, heard: Heard, memory: Memory) -> list[Message]:
        """The person wants to keep a sentence of their own."""
        memory.reflection = None
        memory.awaiting = "takeaway"
        return [self._say("takeaway_ask", memory)]

    def show_takeaways(self, heard: Heard, memory: Memory) -> list[Message]:
        """Show what the person kept, oldest first."""
        if not memory.takeaways:
            return [self._say("takeaway_none", memory)]
        kept = "\n".join(f"“{t}”" for t in memory.takeaways)
        return [Message(f"{self._line('takeaway_show', memory)}\n{kept}")]

    def offer_reflections(self, heard: Heard, memory: Memory) -> list[Message]:
        """The three guided reflections as buttons."""
        buttons = tuple(Button(r.title, f"/reflect_{r.id}") for r in self.catalogue.reflections.values())
        return [Message(self._line("offer_reflections", memory), buttons)]

    def start_reflection(self, heard: Heard, memory: Memory) -> list[Message]:
        """Begin the reflection named by the intent (`reflect_<id>`)."""
        memory.leave_thread()
        memory.reflection = heard.intent.removeprefix("reflect_")
        opening = self.catalogue.reflections[memory.reflection].opening
        return [Message(f"{opening}\n\n{self._ask_step(memory)}")]

    def welcome_back(self, heard: Heard, memory: Memory) -> list[Message]:
        """A line for someone who returns after a long silence, or nothing."""
        before, memory.last_seen = memory.last_seen, heard.at
        if before is None or heard.at - before < AWAY:
            return []
        return [self._say("welcome_back", memory)]

    # -- parts ---------------------------------------------------------------------------------------------------

    def _by_pain(self, heard: Heard) -> list[str]:
        """The beliefs voiced, the most painful first. The surest always counts, others from PARK on."""
        voiced = [b for n, (b, c) in enumerate(heard.beliefs) if b in self.catalogue.beliefs and (n == 0 or c >= PARK)]
        return sorted(voiced, key=lambda b: -self.catalogue.beliefs[b].pain)

    def _in_thread(self, memory: Memory) -> bool:
        return memory.reflection is not None or memory.awaiting is not None

    def _new_belief(self, heard: Heard, memory: Memory) -> bool:
        new = [c for b, c in heard.beliefs if b != memory.belief]
        return memory.reflection is None and memory.awaiting != "takeaway" and max(new, default=0.0) >= SURE

    def _belief(self, memory: Memory) -> Belief | None:
        return self.catalogue.beliefs.get(memory.belief or "")

    def _line(self, moment: str, memory: Memory) -> str:
        return memory.pick(moment, self.catalogue.moment(moment)).text

    def _say(self, moment: str, memory: Memory) -> Message:
        return Message(self._line(moment, memory))

    def _question(self, belief: Belief, memory: Memory) -> str:
        return memory.pick(f"{belief.id}.questions", belief.questions).text

    def _opening(self, belief: Belief, text: str, memory: Memory) -> str:
        acknowledgement = memory.pick(f"{belief.id}.acknowledgements", belief.acknowledgements, text).text
        core = memory.pick(f"{belief.id}.core", belief.core, text).text
        return f"{acknowledgement} {core}\n\n{self._question(belief, memory)}"

    def _follow_up(self, heard: Heard, memory: Memory) -> list[Message]:
        belief = self.catalogue.beliefs[str(memory.belief)]
        memory.answers += 1
        receipt = self._line({"affirm": "receipts_yes", "deny": "receipts_no"}.get(heard.intent, "receipts"), memory)
        if memory.answers % EXCHANGES == 0:
            return [Message(f"{receipt} {self._pause(belief, memory)}")]
        if memory.answers == 1 and memory.weight_before is None and belief.kind == "reframed":
            return [Message(f"{receipt} {self._deepen(belief, memory)}")]
        return [Message(f"{receipt} {self._question(belief, memory)}")]

    def _deepen(self, belief: Belief, memory: Memory) -> str:
        return memory.pick(f"{belief.id}.deepen", belief.deepen).text

    def _pause(self, belief: Belief, memory: Memory) -> str:
        if memory.weight_before is not None and memory.weight_after is None:
            memory.awaiting = "weight_after"
            return self._line("weigh_before", memory)
        memory.awaiting = "close"
        return self._line("offer_close", memory)

    def _weigh(self, heard: Heard, memory: Memory) -> list[Message]:
        weight = number_in(heard.text)
        if weight is None:
            return self._declined(memory) if SKIP.search(heard.text) else self._as_answer(heard, memory)
        if memory.awaiting == "weight_before":
            memory.weight_before, memory.awaiting = weight, "question"
            noted = self._line("weigh_noted", memory).format(weight=f"{weight:g}")
            belief = self._belief(memory)
            return [Message(f"{noted} {self._deepen(belief, memory)}" if belief else noted)]
        before, memory.weight_after = memory.weight_before or 0.0, weight
        moment = "weigh_lighter" if weight < before else "weigh_heavier" if weight > before else "weigh_same"
        memory.awaiting = "close"
        said = self._line(moment, memory).format(before=f"{before:g}", after=f"{weight:g}")
        return [Message(f"{said} {self._line('offer_close', memory)}")]

    def _as_answer(self, heard: Heard, memory: Memory) -> list[Message]:
        memory.awaiting = "question" if memory.belief else None
        return self.listen(heard, memory)

    def _declined(self, memory: Memory) -> list[Message]:
        """The scale, the note or the parked belief is not wanted: end the thread gently, or go on with it."""
        belief, awaiting = self._belief(memory), memory.awaiting
        memory.awaiting = "question" if belief else None
        if belief and awaiting in ("weight_before", "parked"):
            return [Message(f"{self._line('receipts_no', memory)} {self._question(belief, memory)}")]
        return self._close(memory)

    def _close(self, memory: Memory) -> list[Message]:
        """End the thread, and come back to what was parked."""
        belief = self._belief(memory)
        said = memory.pick(f"{belief.id}.closings", belief.closings).text if belief else self._line("stop", memory)
        memory.leave_thread()
        if not memory.parked:
            return [Message(said)]
        memory.awaiting = "parked"
        topic = self.catalogue.beliefs[memory.parked[0]].topic
        return [Message(f"{said}\n\n{self._line('parked', memory).format(topic=topic)}")]

    def _keep(self, heard: Heard, memory: Memory) -> list[Message]:
        if heard.intent in ("deny", "stop"):
            return self._declined(memory)
        memory.takeaways.append(heard.text.strip())
        saved = self._line("takeaway_saved", memory)
        closing = self._close(memory)
        return [Message(saved), *closing]

    def _parked_answer(self, heard: Heard, memory: Memory) -> list[Message]:
        if heard.intent == "deny" or not memory.parked:
            memory.parked, memory.awaiting = [], None
            return [self._say("change_subject", memory)]
        belief = self.catalogue.beliefs[memory.parked.pop(0)]
        memory.belief, memory.awaiting = belief.id, "question"
        return [Message(self._opening(belief, heard.text, memory))]

    def _close_answer(self, heard: Heard, memory: Memory) -> list[Message]:
        wants_on = re.search(r"\b(go(ing)? on|continue|stay|more|keep going)\b", heard.text, re.I)
        wants_note = heard.intent in ("affirm", "keep_takeaway") or re.search(r"\b(note|sentence|keep)\b", heard.text, re.I)
        if heard.intent == "deny":
            return self._declined(memory)
        if wants_on or not wants_note:
            return self._as_answer(heard, memory)
        return self.keep_takeaway(heard, memory)

    def _ask_step(self, memory: Memory) -> str:
        step = self.catalogue.reflections[str(memory.reflection)].steps[memory.step]
        return memory.pick(f"{memory.reflection}.{memory.step}.asks", as_lines(step.asks)).text

    def _next_step(self, memory: Memory) -> list[Message]:
        reflection = self.catalogue.reflections[str(memory.reflection)]
        step = reflection.steps[memory.step]
        heard = memory.pick(f"{reflection.id}.{memory.step}.heard", as_lines(step.heard)).text
        memory.step += 1
        if memory.step < len(reflection.steps):
            return [Message(f"{heard}\n\n{self._ask_step(memory)}")]
        closing = memory.pick(f"{reflection.id}.closings", as_lines(reflection.closings)).text
        memory.leave_thread()
        memory.awaiting = "takeaway"
        return [Message(f"{heard} {closing}\n\n{self._line('takeaway_ask', memory)}")]


def number_in(text: str) -> float | None:
    """A weight from 0 to 10 in a message, in figures or words; None if there is none or it is out of range."""
    if found := NUMBER.search(text):
        return float(found.group(1).replace(",", "."))
    return next((float(WORDS[w]) for w in re.findall(r"[a-z]+", text.lower()) if w in WORDS), None)
