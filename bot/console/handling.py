"""What a supporter does in a conversation. Each is noted in the transaction that does it, and who holds the conversation is decided by the database."""

from __future__ import annotations

from typing import Literal, Optional

from starlette.responses import Response

from bot.console.reading import may_read
from bot.console.visits import Elsewhere, Page, Refused, Visit
from bot.desk.offering import offer_to
from bot.desk.standing import moment
from bot.store.accounts import Accounts
from bot.store.drafts import Drafts
from bot.store.handover import Handover
from bot.store.transcripts import Transcripts

LONGEST = 4000
"""Characters of one answer."""


def claim(visit: Visit) -> Response:
    """Hold it."""
    _hands(visit, "claim").claim(visit.part, visit.who.id, visit.who.shown)
    return visit.done(_here(visit))


def release(visit: Visit) -> Response:
    """Give it back to the queue; whoever speaks in it hands back first."""
    _end_speaking(visit)
    _hands(visit, "release").release(visit.part, visit.who.id)
    return visit.done("/queue")


def pass_on(visit: Visit) -> Response:
    """Another supporter holds it; supervisors may pass on what others hold."""
    to, holder = Accounts(visit.parts.database).by_id(visit.given("to", 32)), Transcripts(visit.parts.database).holder(visit.part)
    if to is None or not to.active or to.role not in ("supporter", "supervisor"):
        raise Refused(422, "Choose a supporter who is active.")
    if holder != visit.who.id and visit.who.role != "supervisor":
        raise Refused(403, "Only who holds a conversation, or a supervisor, passes it on.")
    old = Accounts(visit.parts.database).by_id(holder) if holder else None
    words = moment("passed_on").replace("{old}", old.shown if old else visit.who.shown).replace("{name}", to.shown)
    units = visit.noting("conversation.pass", visit.part, visit.form.get("reason", "").strip()[:300] or None, to=to.id, holder=holder)
    Handover(units).pass_on(visit.part, holder, to.id, to.shown, words)
    return visit.done("/queue")


def take(visit: Visit) -> Response:
    """Take it over: the program is silent, the person is told."""
    _hands(visit, "take").join(visit.part, visit.who.id, visit.who.shown, _words(visit, "joined"))
    return visit.done(_here(visit))


def approve(visit: Visit) -> Response:
    """Answers wait for the supporter's leave, the person is told."""
    _hands(visit, "approve_first").approve_first(visit.part, visit.who.id, visit.who.shown, _words(visit, "approving"))
    return visit.done(_here(visit))


def hand_back(visit: Visit) -> Response:
    """The program answers again, the person is told."""
    if not _end_speaking(visit):
        raise Refused(409, "The program answers here already.")
    return visit.done(_here(visit))


def offer(visit: Visit) -> Response:
    """Ask the person first: whether the supporter may join, or whether the program may go on."""
    to: Literal["person", "program"] = "program" if visit.form.get("to") == "program" else "person"
    _hands(visit, f"offer_{to}").offer(visit.part, visit.who.id, to, offer_to(visit.who.shown, to))
    return visit.done(_here(visit))


def say(visit: Visit) -> Response:
    """Answer the person."""
    text = visit.given("text", LONGEST)
    _hands(visit, "say").say(visit.part, visit.who.id, text)
    return visit.done(_here(visit))


def types(visit: Visit) -> Response:
    """Show the person that an answer is being written. Nothing is written down but the moment, so it is not noted."""
    Handover(visit.parts.database).types(visit.part, visit.who.id)
    return Response(status_code=204)


def note(visit: Visit) -> Response:
    """Note something for the others. For whoever may read."""
    if not may_read(visit):
        raise Elsewhere(_here(visit))
    Transcripts(visit.noting("conversation.note", visit.part)).note(visit.part, visit.who.id, visit.given("note", 2000))
    return visit.done(_here(visit))


def close(visit: Visit) -> Response:
    """What it needed has been met. Only who holds it says so, that nothing is closed unseen."""
    if Transcripts(visit.parts.database).holder(visit.part) != visit.who.id:
        raise Refused(409, "Claim this conversation before you close it.")
    _end_speaking(visit)
    if visit.form.get("cared_for") == "yes":
        _hands(visit, "cared_for").cared_for(visit.part, visit.who.id)
    _hands(visit, "close").close(visit.part, visit.who.id)
    return visit.done("/queue")


def send(visit: Visit) -> Response:
    """Send a draft, as it is or with another text."""
    drafts, given = Drafts(visit.parts.database).waiting(visit.part), visit.given("text", LONGEST)
    draft = next((draft for draft in drafts if str(draft.id) == visit.form.get("draft")), None)
    if draft is None:
        raise Refused(409, "This draft was sent or discarded already. Load the page again.")
    edited: Optional[str] = None if _plain(given) == _plain(draft.text) else given
    units = visit.noting("draft.edited" if edited else "draft.sent", visit.part, draft=draft.id)
    Drafts(units).send(visit.part, draft.id, visit.who.id, edited)
    return visit.done(_here(visit))


def discard(visit: Visit) -> Response:
    """Do not send a draft."""
    draft = visit.form.get("draft", "")
    if not (draft.isascii() and draft.isdigit() and len(draft) < 18):
        raise Refused(422, "Which draft is meant is not clear. Load the page again.")
    Drafts(visit.noting("draft.discarded", visit.part, draft=int(draft))).discard(visit.part, int(draft), visit.who.id)
    return visit.done(_here(visit))


def _hands(visit: Visit, action: str) -> Handover:
    return Handover(visit.noting(f"conversation.{action}", visit.part))


def _words(visit: Visit, name: str) -> str:
    return moment(name).replace("{name}", visit.who.shown)


def _end_speaking(visit: Visit) -> bool:
    """Hand back where the supporter speaks or approves; says whether they did."""
    view = Transcripts(visit.parts.database).view(visit.part)
    if view is None or view.mode == "automatic" or view.holder != visit.who.id:
        return False
    words = _words(visit, "handed_back" if view.mode == "taken" else "approving_ended")
    _hands(visit, "hand_back").hand_back(visit.part, visit.who.id, words)
    return True


def _here(visit: Visit) -> str:
    return f"/conversations/{visit.part}"


def _plain(text: str) -> str:
    """Without the line ends that browsers put in."""
    return text.replace("\r\n", "\n").strip()


ACTIONS = {
    "claim": claim,
    "release": release,
    "pass": pass_on,
    "take": take,
    "approve": approve,
    "hand_back": hand_back,
    "offer": offer,
    "say": say,
    "typing": types,
    "note": note,
    "close": close,
}
PAGES = (
    *(Page("POST", f"/conversations/{{id}}/{name.replace('_', '-')}", f"conversation.{name}", action) for name, action in ACTIONS.items()),
    Page("POST", "/conversations/{id}/draft", "draft.send", send),
    Page("POST", "/conversations/{id}/draft/discard", "draft.discard", discard),
)
