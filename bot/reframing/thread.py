"""The conversation about one belief: opening, answers, the weight of the thought, pause, take-away, and what was parked."""

from __future__ import annotations

import re

from bot.reframing.catalogue import Belief
from bot.reframing.memory import Memory
from bot.reframing.speech import Heard, Message, Speaker
from bot.reframing.weights import weight_in

WEIGH_AT, PAUSE_AT = 2, 4
"""The answer after which the weight is asked for, and the one after which a pause is offered (then again after as many)."""
SKIP = re.compile(r"^\W*(i'd |i would )?(skip|pass|no|nah|nope|rather not|prefer not|i don'?t want)\b(\W+\w+){0,3}\W*$", re.IGNORECASE)
"""A whole short message that declines; a longer one that begins with no is an answer."""
RECEIPTS = {"affirm": "receipts_yes", "deny": "receipts_no", "share_feeling": "receipts_pain", "negative_thought": "receipts_pain"}
"""How an answer is received, by its intent; any other with `receipts`."""
GO_ON = re.compile(r"\b(go(ing)? on|continue|stay|more|keep going)\b", re.IGNORECASE)
NOTE = re.compile(r"\b(note|sentence|keep|write)\b", re.IGNORECASE)
ASIDES = ("weight_before", "weight_after", "parked", "close", "takeaway")
"""What may be asked for beside a reflective question; each may be declined."""


class Thread(Speaker):
    """Everything said while a belief is open."""

    def belief(self, memory: Memory) -> Belief | None:
        """The open belief."""
        return self.catalogue.beliefs.get(memory.belief or "")

    def open_belief(self, belief: Belief, heard: Heard, memory: Memory) -> list[Message]:
        """Acknowledge, reframe or inform, and ask one question."""
        memory.leave_thread()
        memory.unsure = 0
        memory.belief, memory.awaiting = belief.id, "question"
        said = f"{self.part(belief, 'acknowledgements', memory, heard.text)} {self.part(belief, 'core', memory, heard.text)}"
        beside = [self.catalogue.beliefs[b].topic for b in memory.parked]
        also = f"{self.line('also_heard', memory, topic=beside[0])} " if beside else ""
        return [Message(f"{said}\n\n{also}{self.question(belief, memory)}")]

    def answered(self, heard: Heard, memory: Memory) -> list[Message]:
        """What came back is an answer to whatever was asked."""
        if memory.awaiting in ("weight_before", "weight_after"):
            return self.weigh(heard, memory)
        if memory.awaiting == "takeaway":
            return self.keep(heard, memory)
        if memory.awaiting == "parked":
            return self._parked_answer(heard, memory)
        if memory.awaiting == "close":
            return self._close_answer(heard, memory)
        return self._follow_up(heard, memory)

    def weigh(self, heard: Heard, memory: Memory) -> list[Message]:
        """The weight was asked for: take the number, let it be skipped, or hear something else as the answer it is."""
        weight = weight_in(heard.text)
        if weight is None:
            return self.declined(memory) if SKIP.search(heard.text) else self._as_answer(heard, memory)
        if memory.weight_before is not None:
            return self._weighed_again(memory.weight_before, weight, memory)
        memory.weight_before, belief = weight, self.belief(memory)
        noted = self.line("weigh_noted", memory, weight=f"{weight:g}")
        memory.awaiting = "question" if belief else None
        return [Message(f"{noted} {self.question(belief, memory)}" if belief else noted)]

    def ask_takeaway(self, memory: Memory) -> list[Message]:
        """Ask for a sentence in the person's own words."""
        memory.reflection, memory.awaiting = None, "takeaway"
        return self.say("takeaway_ask", memory)

    def keep(self, heard: Heard, memory: Memory) -> list[Message]:
        """Keep the sentence as it was written, and end the thread."""
        if heard.intent in ("deny", "stop"):
            return self.declined(memory)
        memory.takeaways.append(heard.text.strip())
        return [*self.say("takeaway_saved", memory), *self.close(memory)]

    def declined(self, memory: Memory) -> list[Message]:
        """What was offered beside the question is not wanted: go on with the thread, or end it gently."""
        belief, awaiting = self.belief(memory), memory.awaiting
        if awaiting == "parked":
            memory.parked, memory.awaiting = [], None
            return self.say("change_subject", memory)
        if belief and awaiting == "weight_before":
            memory.awaiting = "question"
            return [Message(f"{self.line('receipts_no', memory)} {self.question(belief, memory)}")]
        return self.close(memory)

    def close(self, memory: Memory) -> list[Message]:
        """End the thread, and come back to what was parked."""
        belief = self.belief(memory)
        said = self.part(belief, "closings", memory) if belief else ""
        memory.leave_thread()
        if memory.parked:
            memory.awaiting = "parked"
            topic = self.catalogue.beliefs[memory.parked[0]].topic
            said = f"{said}\n\n{self.line('parked', memory, topic=topic)}".strip()
        return [Message(said)] if said else []

    def _follow_up(self, heard: Heard, memory: Memory) -> list[Message]:
        belief = self.catalogue.beliefs[str(memory.belief)]
        memory.answers += 1
        memory.silences = 0
        if heard.text.rstrip().endswith("?"):
            return [Message(self._asked_back(belief, heard, memory))]
        moment = RECEIPTS.get(heard.intent, "receipts")
        return [Message(f"{self.line(moment, memory)} {self._next(belief, memory, tender=moment == 'receipts_pain')}")]

    def _asked_back(self, belief: Belief, heard: Heard, memory: Memory) -> str:
        """An answer that is a question: information where there is some, else an honest word that it cannot be known from here."""
        memory.awaiting = "question"
        told = self.part(belief, "core", memory, heard.text) if belief.kind == "care" else self.line("receipts_question", memory)
        return f"{told}\n\n{self.question(belief, memory)}"

    def _next(self, belief: Belief, memory: Memory, tender: bool) -> str:
        """What follows the receipt. After a `tender` answer no number is asked for."""
        if memory.answers % PAUSE_AT == 0 and not tender:
            return self._pause(memory)
        if memory.answers == WEIGH_AT and belief.kind == "reframed" and not tender and memory.weight_before is None and not memory.weight_asked:
            memory.awaiting, memory.weight_asked = "weight_before", True
            return self.line("weigh_before", memory)
        memory.awaiting = "question"
        return self.part(belief, "deepen", memory) if memory.answers % 2 else self.question(belief, memory)

    def _pause(self, memory: Memory) -> str:
        weighed = memory.weight_before is not None and memory.weight_after is None
        memory.awaiting = "weight_after" if weighed else "close"
        return self.line("weigh_after" if weighed else "offer_close", memory)

    def _weighed_again(self, before: float, after: float, memory: Memory) -> list[Message]:
        memory.weight_after, memory.awaiting = after, "close"
        moment = "weigh_lighter" if after < before else "weigh_heavier" if after > before else "weigh_same"
        said = self.line(moment, memory, before=f"{before:g}", after=f"{after:g}")
        return [Message(f"{said} {self.line('offer_close', memory)}")]

    def _as_answer(self, heard: Heard, memory: Memory) -> list[Message]:
        memory.awaiting = "question" if memory.belief else None
        return self._follow_up(heard, memory) if memory.belief else self.say("listening", memory)

    def _parked_answer(self, heard: Heard, memory: Memory) -> list[Message]:
        if heard.intent == "deny" or not memory.parked:
            return self.declined(memory)
        return self.open_belief(self.catalogue.beliefs[memory.parked.pop(0)], heard, memory)

    def _close_answer(self, heard: Heard, memory: Memory) -> list[Message]:
        if heard.intent == "deny":
            return self.declined(memory)
        if not GO_ON.search(heard.text) and (heard.intent == "affirm" or NOTE.search(heard.text)):
            return self.ask_takeaway(memory)
        return self._as_answer(heard, memory)
