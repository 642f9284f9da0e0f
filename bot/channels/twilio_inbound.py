"""What Twilio posts, read as one arrival (https://www.twilio.com/docs/messaging/guides/webhook-request)."""

from __future__ import annotations

from typing import Mapping, Optional
from urllib.parse import parse_qsl

import regex

from bot.channels.keywords import EVERYWHERE, TEXTS, command
from bot.channels.messaging import Received
from bot.desk.arrivals import Arrival, Kind

WHATSAPP = "whatsapp:"
PERSON = regex.compile(r"\+|\w+:")
"""A number, or the name of a person on a channel. What comes from a short code or under a name was written by a program, and answering it may never end."""
INBOUND = ("received", "receiving")
"""The states of a message of a person; any other is that of one of ours."""
BY_TWILIO: Mapping[str, Kind] = {"STOP": "blocked", "START": "resumed", "HELP": "help"}
"""What `OptOutType` says where Advanced Opt-Out is on: Twilio has acted and confirmed by itself, so after STOP nothing of ours would be delivered."""
NOT_WORDS = regex.compile(
    r"(?:Liked|Loved|Disliked|Laughed at|Emphasi[sz]ed|Questioned|Edited to|Reacted .{1,8} to|Removed an? .{1,30} from) “.*”", regex.DOTALL
)
"""How an iPhone sends reactions and edits as texts. They are kept and screened and, like edits, answered only where there is danger."""
VISIBLE = {"image": "picture", "audio": "voice", "video": "video"}


def fields(request: Received) -> dict[str, str]:
    """The form, the query of a GET, or the members of a JSON object. Raises Malformed for JSON that is none."""
    if request.method == "GET":
        return dict(request.query)
    if is_json(request):
        said = request.json()
        return {str(name): str(value) for name, value in said.items()} if isinstance(said, dict) else {}
    return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))


def is_json(request: Received) -> bool:
    """Whether the body is JSON by its own account."""
    return request.headers.get("content-type", "").lower().startswith("application/json")


def status(form: Mapping[str, str]) -> str:
    """What became of a message of ours; of a person's it is one of INBOUND."""
    return form.get("MessageStatus") or form.get("SmsStatus") or INBOUND[0]


def arrival(channel: str, form: Mapping[str, str], at: float) -> Optional[Arrival]:
    """The message of a person, which came at the time `at` (seconds since 1970); None for what is none, as a reaction or a call."""
    name, sender = form.get("MessageSid") or form.get("SmsMessageSid"), form.get("From") or form.get("ExternalUserId")
    if not name or not sender or not PERSON.match(sender) or sender == form.get("To") or form.get("MessageType") == "reaction":
        return None
    text = form.get("ButtonText") or form.get("ListTitle") or form.get("Body", "")
    payload, media = form.get("ButtonPayload") or form.get("ListId") or None, _media(form)
    if not text.strip() and not payload and not media:
        media = "unknown"
    kind = "message" if payload or media else _kind(form, sender, text)
    return Arrival(channel, name, form.get("ExternalUserId") or sender, _address(form, sender, at), kind, text, payload, media)


def _address(form: Mapping[str, str], sender: str, at: float) -> dict[str, str]:
    """Answers come from the number that was written to, and through its service, so that Twilio's list of who stopped is the same."""
    service = {"service": form["MessagingServiceSid"]} if form.get("MessagingServiceSid") else {}
    return {"to": sender, "from": form.get("To", ""), "at": str(int(at)), **service}


def _kind(form: Mapping[str, str], sender: str, text: str) -> Kind:
    if form.get("OptOutType") in BY_TWILIO:
        return BY_TWILIO[form["OptOutType"]]
    if sender.startswith(WHATSAPP):
        return command(text, EVERYWHERE) or "message"
    return "edited" if NOT_WORDS.fullmatch(text.strip()) else command(text, TEXTS) or "message"


def _media(form: Mapping[str, str]) -> Optional[str]:
    """What came that cannot be read, if anything."""
    if form.get("Latitude"):
        return "location"
    kind = form.get("MediaContentType0", "").lower()
    if not kind and form.get("NumMedia", "0") in ("", "0"):
        return None
    return "contact" if "vcard" in kind else VISIBLE.get(kind.partition("/")[0], "file")
