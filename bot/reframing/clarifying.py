"""When it is not clear which belief was voiced: ask between two, once, and after a second time say so."""

from __future__ import annotations

import re

from bot.reframing.memory import Memory
from bot.reframing.speech import Button, Heard, Message
from bot.reframing.thread import Thread

PATIENCE = 2
"""After so many unclear messages without a clear one between them nothing more is guessed."""
FIRST = re.compile(r"^\W*(?:the )?(?:1|one|1st|first|former)\b", re.IGNORECASE)
SECOND = re.compile(r"^\W*(?:the )?(?:2|two|2nd|second|latter|last|other)\b", re.IGNORECASE)
BOTH = re.compile(r"^\W*(?:(?:a bit|a little|kind|sort) of )?both\b", re.IGNORECASE)


class Clarifier(Thread):
    """The short question between two beliefs, and what comes back."""

    def clarify(self, heard: Heard, memory: Memory) -> list[Message]:
        """Ask which of the two likeliest it is; what was asked before is not asked again."""
        memory.unsure += 1
        asked = " ".join(sorted(heard.doubted))
        if memory.unsure >= PATIENCE or asked in memory.clarified:
            return self._unsure(memory)
        memory.clarified.append(asked)
        memory.offered, memory.awaiting = list(heard.doubted), "choice"
        choices = [self.catalogue.beliefs[b].choice for b in heard.doubted]
        question = self.line("clarify", memory, first=choices[0], second=choices[1])
        buttons = [Button(choice.capitalize(), f"/{belief}") for choice, belief in zip(choices, heard.doubted)]
        return [Message(question, (*buttons, Button("Something else", "/deny")))]

    def clarified(self, heard: Heard, memory: Memory) -> list[Message] | None:
        """The answer to it in words: the first, the second, both, neither; None when it is something else."""
        first, second = (self.catalogue.beliefs[b] for b in memory.offered)
        memory.awaiting, memory.offered = None, []
        if SECOND.search(heard.text):
            return self.open_belief(second, heard, memory)
        if BOTH.search(heard.text) or heard.intent == "affirm":
            memory.parked = [second.id]
            return self.open_belief(first, heard, memory)
        if FIRST.search(heard.text):
            return self.open_belief(first, heard, memory)
        return self.say("listening", memory) if heard.intent == "deny" else None

    def reflections(self) -> tuple[Button, ...]:
        """The guided reflections as choices."""
        return tuple(Button(r.title, f"/reflect_{r.id}") for r in self.catalogue.reflections.values())

    def _unsure(self, memory: Memory) -> list[Message]:
        memory.unsure, memory.awaiting, memory.offered = 0, None, []
        return [Message(self.line("unsure_twice", memory), (*self.reflections(), Button("A person", "/ask_human")))]
