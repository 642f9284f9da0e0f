"""What to say next. One public method for each thing a person may do; each changes the memory and returns messages."""

from __future__ import annotations

from datetime import timedelta
from typing import Callable

from bot.reframing.catalogue import as_lines
from bot.reframing.clarifying import Clarifier
from bot.reframing.memory import Memory
from bot.reframing.speech import Button, Heard, Message
from bot.reframing.thread import ASIDES
from bot.reframing.weights import ON_SCALE, number_in

AWAY = timedelta(hours=12)
"""After so long a silence the person is welcomed back."""
SURE = 0.45
"""A belief this likely is taken for a new one even while a question is open (chosen on our own data)."""
PARK = 0.35
"""A second belief this likely is remembered for later."""
ASIDE = 0.5
"""A remark less likely than this is, while a question is open, more probably an answer to it."""
LONG = 5
"""A message of so many words, recognised with less than ASIDE, holds an answer whatever it resembles."""
SILENCES = 3
"""After so many answers like "idk" in a row the thread is ended gently instead of asking on."""
ERASING = (Button("Erase everything", "/erase"), Button("Keep it", "/keep"))
"""The desk acts on these, not the dialogue: it alone can erase."""

Move = Callable[["Dialogue", Heard, Memory], "list[Message]"]


class Dialogue(Clarifier):
    """The conversation over one catalogue. Holds no state of its own."""

    def turn(self, move: Move, heard: Heard, memory: Memory) -> list[Message]:
        """One move, with a welcome before it for someone who was long away."""
        before, memory.last_seen = memory.last_seen, heard.at
        if before is None or heard.at - before < AWAY:
            return move(self, heard, memory)
        if heard.intent == "greet":
            return self._welcome(memory)
        return [*self.say("welcome_back", memory), *move(self, heard, memory)]

    def reframe(self, heard: Heard, memory: Memory) -> list[Message]:
        """A belief was recognised: answer it, or hear it as an answer if something was asked and it is no surer new one."""
        voiced = self._voiced(heard)
        if not voiced or (self._busy(memory) and (heard.doubted or not self._new_belief(heard, memory))):
            return self.listen(heard, memory)
        if heard.doubted:
            return self.clarify(heard, memory)
        memory.parked = [b for b in dict.fromkeys([*memory.parked, *voiced[1:]]) if b != voiced[0]]
        if voiced[0] == "therapist_harm":  # a report of harm stands alone; nothing beside it is offered as a thought to look at
            memory.parked = []
        return self.open_belief(self.catalogue.beliefs[voiced[0]], heard, memory)

    def listen(self, heard: Heard, memory: Memory) -> list[Message]:
        """Free text: an answer if something was asked, else whatever its intent calls for."""
        if memory.reflection:
            return self._next_step(memory)
        if memory.awaiting == "choice" and (said := self.clarified(heard, memory)):
            return said
        if memory.awaiting:
            return self.answered(heard, memory)
        named = self._moment(heard) if heard.intent in self.catalogue.moments else "fallback"
        return self.say({"answer": "listening", "affirm": "open_end", "deny": "open_end"}.get(heard.intent, named), memory)

    def remark(self, heard: Heard, memory: Memory) -> list[Message]:
        """Something that stands outside the thread (a greeting, a question about the bot); the thread stays open."""
        if self._busy(memory) and heard.confidence < ASIDE:
            return self.listen(heard, memory)
        said = self.say(self._moment(heard), memory)
        offered = {"capabilities": self.reflections(), "delete_data": ERASING}.get(heard.intent)
        return [Message(said[0].text, offered)] if offered else said

    def doesnt_fit(self, heard: Heard, memory: Memory) -> list[Message]:
        """The reframe missed: give it up without an argument and offer another angle."""
        if self._holds_answer(heard, memory):
            return self.listen(heard, memory)
        belief = self.belief(memory)
        if belief is None:
            return self._easier_step(memory) if memory.reflection else self.say("listening", memory)
        memory.awaiting = "question"
        if memory.exhausted(f"{belief.id}.angles", belief.angles):
            return self.say("out_of_angles", memory)
        angle = self.part(belief, "angles", memory, heard.text)
        return [Message(f"{self.line('accepting', memory)} {angle}\n\n{self.question(belief, memory)}")]

    def say_more(self, heard: Heard, memory: Memory) -> list[Message]:
        """Unfold the idea last offered."""
        if self._holds_answer(heard, memory):
            return self.listen(heard, memory)
        belief = self.belief(memory)
        if belief is None:
            return self._easier_step(memory) if memory.reflection else self.say("capabilities", memory)
        memory.awaiting = "question"
        more = self.part(belief, "more", memory, heard.text)
        return [Message(f"{self.line('say_more_open', memory)} {more}\n\n{self.question(belief, memory)}")]

    def not_sure(self, heard: Heard, memory: Memory) -> list[Message]:
        """Silence, "idk", "…": take the pressure off and ask something smaller; after several, let it rest."""
        if self._holds_answer(heard, memory):
            return self.listen(heard, memory)
        if memory.reflection:
            return self._easier_step(memory)
        if memory.awaiting in ASIDES:
            return self.declined(memory) or self.say("not_sure", memory)
        belief = self.belief(memory)
        if belief is None:
            return self.say("empty" if heard.intent == "empty" else "not_sure", memory)
        memory.silences += 1
        if memory.silences >= SILENCES:
            return self.close(memory)
        memory.awaiting = "question"
        return [Message(self.part(belief, "easier", memory))]

    def change_subject(self, heard: Heard, memory: Memory) -> list[Message]:
        """Leave the thread; what was parked is let go as well."""
        memory.leave_thread()
        memory.parked = []
        return self.say("change_subject", memory)

    def stop(self, heard: Heard, memory: Memory) -> list[Message]:
        """The person wants to end it: the reflection if one is open, else the thread."""
        moment = "leave_reflection" if memory.reflection else "stop"
        memory.leave_thread()
        return self.say(moment, memory)

    def start_over(self, heard: Heard, memory: Memory) -> list[Message]:
        """Begin again; variants already used stay used, so that nothing sounds like a recording."""
        memory.leave_thread()
        memory.parked = []
        return self.say("start_over", memory)

    def weigh_unasked(self, heard: Heard, memory: Memory) -> list[Message]:
        """A number came. Unless it was asked for it counts as a weight only if it names the scale."""
        unasked = memory.awaiting == "question" and ON_SCALE.search(heard.text) and number_in(heard.text) is not None
        return self.weigh(heard, memory) if unasked else self.listen(heard, memory)

    def keep_takeaway(self, heard: Heard, memory: Memory) -> list[Message]:
        """The person wants to keep a sentence of their own."""
        return self.ask_takeaway(memory)

    def show_takeaways(self, heard: Heard, memory: Memory) -> list[Message]:
        """Show what the person kept, oldest first."""
        if not memory.takeaways:
            return self.say("takeaway_none", memory)
        kept = "\n".join(f"“{t}”" for t in memory.takeaways)
        return [Message(f"{self.line('takeaway_show', memory)}\n{kept}")]

    def offer_reflections(self, heard: Heard, memory: Memory) -> list[Message]:
        """The guided reflections as buttons."""
        return [Message(self.line("offer_reflections", memory), self.reflections())]

    def start_reflection(self, heard: Heard, memory: Memory) -> list[Message]:
        """Begin the reflection named by the intent (`reflect_<id>`)."""
        memory.leave_thread()
        memory.reflection = heard.intent.removeprefix("reflect_")
        opening = self.catalogue.reflections[memory.reflection].opening
        return [Message(f"{opening}\n\n{self._ask_step(memory)}")]

    # -- parts ---------------------------------------------------------------------------------------------------

    def _welcome(self, memory: Memory) -> list[Message]:
        """Back after long, with a greeting: offer what was open, or just be there."""
        belief = self.belief(memory)
        if belief is None:
            return self.say("welcome_back", memory)
        memory.leave_thread()
        memory.parked, memory.awaiting = [belief.id, *memory.parked], "parked"
        return self.say("welcome_back_topic", memory, topic=belief.topic)

    def _moment(self, heard: Heard) -> str:
        """The moment of an intent. What is said about people there depends on whether one is on duty."""
        attended = f"{heard.intent}_attended"
        return attended if heard.attended and attended in self.catalogue.moments else heard.intent

    def _voiced(self, heard: Heard) -> list[str]:
        """The beliefs voiced, the most painful first. The surest always counts, others from PARK on."""
        known = self.catalogue.beliefs
        voiced = [b for n, (b, c) in enumerate(heard.beliefs) if b in known and (n == 0 or c >= PARK)]
        return sorted(voiced, key=lambda b: -known[b].pain)

    def _busy(self, memory: Memory) -> bool:
        """Whether something was asked that the next message may be answering."""
        return memory.reflection is not None or memory.awaiting not in (None, "choice")

    def _holds_answer(self, heard: Heard, memory: Memory) -> bool:
        """Whether a message that resembles a word about the conversation is more probably an answer."""
        return self._busy(memory) and heard.confidence < ASIDE and len(heard.text.split()) >= LONG

    def _new_belief(self, heard: Heard, memory: Memory) -> bool:
        """Whether a message voices another belief for certain. Out of a report of harm only another need for care leads."""
        if memory.reflection or memory.awaiting == "takeaway":
            return False
        known, harm = self.catalogue.beliefs, memory.belief == "therapist_harm"
        new = [c for b, c in heard.beliefs if b in known and b != memory.belief and not (harm and known[b].kind == "reframed")]
        return max(new, default=0.0) >= SURE

    def _ask_step(self, memory: Memory) -> str:
        step = self.catalogue.reflections[str(memory.reflection)].steps[memory.step]
        return memory.pick(f"{memory.reflection}.{memory.step}.asks", as_lines(step.asks)).text

    def _easier_step(self, memory: Memory) -> list[Message]:
        step = self.catalogue.reflections[str(memory.reflection)].steps[memory.step]
        return [Message(memory.pick(f"{memory.reflection}.{memory.step}.easier", as_lines(step.easier)).text)]

    def _next_step(self, memory: Memory) -> list[Message]:
        reflection = self.catalogue.reflections[str(memory.reflection)]
        step = reflection.steps[memory.step]
        heard = memory.pick(f"{reflection.id}.{memory.step}.heard", as_lines(step.heard)).text
        memory.step += 1
        if memory.step < len(reflection.steps):
            return [Message(f"{heard}\n\n{self._ask_step(memory)}")]
        closing = memory.pick(f"{reflection.id}.closings", as_lines(reflection.closings)).text
        memory.leave_thread()
        return [Message(f"{heard} {closing}\n\n{self.ask_takeaway(memory)[0].text}")]
