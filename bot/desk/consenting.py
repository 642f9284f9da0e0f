"""Leave to keep what somebody writes: asked for before the first message is kept, given, refused or taken back at any time, in any channel.

Help comes first and consent second: every message is screened, and danger is answered at once, whatever was agreed to. What was written is not kept then;
that help was named is, as the program's own words, and so is where the conversation in risk stands, without anything the person said.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Optional, TypeVar

from bot.desk.erasing import ERASE
from bot.desk.needs import finding
from bot.desk.standing import moment
from bot.safety.crisis import respond
from bot.safety.plan import Plan
from bot.safety.state import Crisis
from bot.safety.wording import filled
from bot.store.consents import Answer, Consents
from bot.store.messages import CRISIS, HELP, Inbound, Reply, Standing, Stored, now

if TYPE_CHECKING:
    from bot.desk.desk import Desk

Kept = TypeVar("Kept")
AGREE, DISAGREE, WITHDRAW = "/agree", "/disagree", "/withdraw"
RESEARCH, NO_RESEARCH = "/research", "/no_research"
"""The payloads of the buttons."""
YES, NO = {"title": "Yes, keep it", "payload": AGREE}, {"title": "No", "payload": DISAGREE}
AGAIN = {"title": "I agree after all", "payload": AGREE}
TAKE_BACK = {"title": "Take my yes back", "payload": WITHDRAW}
AGREES = re.compile(r"^\W*(?:yes\W+)?(?:i (?:do )?agree|agreed?)(?: (?:to|with) (?:that|this|it)| after all)?\W*$", re.IGNORECASE)
YES_TYPED = re.compile(
    r"^\W*(?:yes|yeah|yep|sure|ok|okay|fine|that'?s (?:ok|okay|fine|all right))\b[ ,]*(?:please|keep it|thanks|thank you|that'?s fine)?\W*$", re.IGNORECASE
)
REFUSES = re.compile(r"^\W*(?:no[, ]+)?i (?:do not|don'?t|dont) (?:agree|consent)\b|^\W*(?:i )?(?:disagree|refuse)\W*$", re.IGNORECASE)
NO_TYPED = re.compile(r"^\W*(?:no|nope|nah|rather not|i'?d rather not)\b[ ,]*(?:thanks|thank you)?\W*$", re.IGNORECASE)
WITHDRAWS = re.compile(
    r"^\W*(?:please |can i |i )?(?:want to |would like to |'?d like to )?"
    r"(?:withdraw|revoke|take back|cancel) (?:my |the )?(?:consent|agreement|permission|yes)\b"
    r"|^\W*(?:please )?(?:stop|don'?t|do not) (?:keep|keeping|stor\w+|sav\w+) (?:any of )?(?:what i|my|this|anything|everything)",
    re.IGNORECASE,
)
REMEMBERED = 10_000
"""Conversations for which something is held in the process, for as long as it lives and no longer."""


@dataclass(frozen=True)
class Asked:
    """How leave is asked for. `research` says whether leave for research is asked for as well; `days` after it is taken back everything is erased."""

    words: str
    research: bool = False
    days: float = 2

    @property
    def version(self) -> str:
        """Names the words, so that it can be proved later what somebody agreed to."""
        return hashlib.sha256(self.words.encode()).hexdigest()[:12]


def first(notice: str, asked: Optional[Asked]) -> Reply:
    """What a conversation begins with: what this is, and the question where there is one."""
    return Reply(asked.words, (YES, NO)) if asked else Reply(notice)


class Gate:
    """Stands before everything that keeps a message."""

    def __init__(self, desk: Desk, asked: Asked) -> None:
        self.desk, self.asked, self.consents = desk, asked, Consents(desk.store.database)
        self._held: dict[str, Inbound] = {}
        self._answered: dict[str, tuple[Optional[str], list[Stored]]] = {}

    async def agreed(self, conversation_id: str) -> bool:
        """Whether what is written here may be kept. Raises StoreAway when the database does not answer."""
        return await self._answer(conversation_id) == "agreed"

    async def record(self, conversation_id: str, answer: Answer, version: str = "") -> None:
        """Write down what somebody answered; `version` is that of the words they saw, ours if none is named."""
        await self.desk.keep(lambda: self.consents.record(conversation_id, "keep", answer, version or self.asked.version))

    async def unkept(self, conversation_id: str, inbound: Inbound) -> Optional[list[Stored]]:
        """What is answered to a message that may not be kept, or None when it may, as from the moment of agreeing."""
        known = self._answered.get(conversation_id)
        if known and inbound.client_id and known[0] == inbound.client_id:
            return known[1]
        answer = await self._answer(conversation_id)
        if answer == "agreed" and not withdraws(inbound):
            return None
        standing = await self.desk.keep(lambda: self.desk.store.standing(conversation_id, 0))
        crisis = self.desk.remembered(conversation_id) or self.desk.crisis(standing)
        asked_else = crisis.latched or standing.offered
        if answer != "agreed" and agrees(inbound, asked_else):
            await self.record(conversation_id, "agreed")
            return None
        said = await self._said(conversation_id, inbound, answer, crisis, asked_else)
        return await self._replied(conversation_id, inbound, standing, crisis, said)

    def waiting(self, conversation_id: str) -> Optional[Inbound]:
        """What was written before the yes, to be answered after it. It is held in memory only."""
        return self._held.get(conversation_id)

    def forget(self, conversation_id: str) -> None:
        """Nothing is held any more."""
        self._held.pop(conversation_id, None)
        self._answered.pop(conversation_id, None)

    def held(self) -> list[str]:
        """The conversations of which something is held."""
        return [*self._held, *self._answered]

    async def _answer(self, conversation_id: str) -> Optional[Answer]:
        return await self.desk.keep(lambda: self.consents.answer(conversation_id, "keep"))

    async def _said(self, conversation_id: str, inbound: Inbound, answer: Optional[Answer], crisis: Crisis, asked_else: bool) -> list[Reply]:
        """The words about consent that a message gets."""
        if answer == "agreed":
            await self.record(conversation_id, "withdrawn")
            await self.desk.keep(lambda: self.consents.record(conversation_id, "research", "withdrawn", self.asked.version))
            said = _standing("withdrawn", ({"title": "Erase everything", "payload": ERASE}, AGAIN))
            return [replace(said, text=said.text.format(days=f"{self.asked.days:g}"))]
        if refuses(inbound, asked_else):
            self.forget(conversation_id)
            await self.record(conversation_id, "refused")
            return [replace(_help("refused", crisis), buttons=(AGAIN,))]
        if inbound.edits:
            return []
        if answer:
            return [replace(_help("unkept", crisis), buttons=(AGAIN,))]
        if inbound.text.strip():
            _bounded(self._held)[conversation_id] = inbound
        return [_standing("consent_again", (YES, NO))]

    async def _replied(self, conversation_id: str, inbound: Inbound, standing: Standing, crisis: Crisis, said: list[Reply]) -> list[Stored]:
        """Danger first; of what the person said nothing is kept. A supporter is called all the same, but reads nothing, so nobody is said to read along."""
        before, look, assessment = crisis.state, await self.desk.look(now()), await self.desk.assessed(inbound.text)
        crisis.attended = False
        care = respond(crisis, assessment, inbound.text, now())
        self.desk.remember(conversation_id, crisis)
        if look.stopped:
            said = [_help("stopped_unkept", crisis), *said]
        elif care:
            self._held.pop(conversation_id, None)  # it has been answered, and was said not to be kept
            said = [Reply(care, author=CRISIS), *_worded(said, moment("consent_in_danger"))]
        if not await self.desk.keep(lambda: self.desk.store.messages(conversation_id)):  # who began with danger was not asked before
            said = _worded(said, self.asked.words)
        after = Standing(
            crisis.copy(update={"plan": Plan(step=crisis.plan.step, offered=crisis.plan.offered)}).dict(), standing.noticed_at, referred=crisis.referred
        )
        kept = await self.desk.keep(lambda: self.desk.store.reply(conversation_id, None, said, after))
        need = finding(assessment, before, crisis).need
        if kept and need:
            await self.desk.keep(lambda: self.desk.store.call(conversation_id, need, kept[0].number))
        _bounded(self._answered)[conversation_id] = (inbound.client_id, kept)
        return kept


def _worded(said: list[Reply], words: str) -> list[Reply]:
    """The question in other words."""
    return [replace(reply, text=words) if reply.buttons == (YES, NO) else reply for reply in said]


def agrees(inbound: Inbound, asked_else: bool) -> bool:
    """Whether a message says yes to the question; a bare yes only unless something else was asked as well."""
    return inbound.payload == AGREE or bool(AGREES.match(inbound.text)) or (not asked_else and bool(YES_TYPED.match(inbound.text)))


def refuses(inbound: Inbound, asked_else: bool) -> bool:
    """Whether it says no."""
    return inbound.payload == DISAGREE or bool(REFUSES.match(inbound.text)) or (not asked_else and bool(NO_TYPED.match(inbound.text)))


def withdraws(inbound: Inbound) -> bool:
    """Whether it takes leave back."""
    return inbound.payload == WITHDRAW or bool(WITHDRAWS.match(inbound.text))


def thanks(asked: Optional[Asked]) -> list[Reply]:
    """What follows a yes."""
    research = {"title": "Yes, for research too", "payload": RESEARCH}, {"title": "Not for research", "payload": NO_RESEARCH}
    also = [_standing("research", research)] if asked and asked.research else []
    return [_standing("agreed", (TAKE_BACK,)), *also]


def _help(name: str, crisis: Crisis) -> Reply:
    return Reply(filled(moment(name), crisis.country, crisis.category, now(), crisis.minor), author=HELP)


def _standing(name: str, buttons: tuple[dict[str, str], ...]) -> Reply:
    return Reply(moment(name), buttons, author="standing")


def _bounded(held: dict[str, Kept]) -> dict[str, Kept]:
    """With room for one more."""
    while len(held) >= REMEMBERED:
        del held[next(iter(held))]
    return held
