"""What a client sends and what it gets, as JSON."""

from __future__ import annotations

import json
from typing import Any, Literal, Optional

from pydantic import BaseModel, Extra, StrictStr, ValidationError, constr, root_validator

from bot.channels.web.refusing import Refused
from bot.store.messages import CARE, SUPPORTER, Stored


class Posted(BaseModel):
    """The body of a message: free `text`, the payload of an offered `button`, or the kind of `media` that cannot be read, with or without text.

    `client_id` makes sending twice harmless.
    """

    text: Optional[StrictStr]
    button: Optional[StrictStr]
    media: Optional[Literal["picture", "voice", "file"]]
    client_id: Optional[constr(strict=True, regex=r"^[A-Za-z0-9_-]{1,64}$")]  # type: ignore[valid-type]  # pydantic 1's way

    class Config:
        extra = Extra.forbid

    @root_validator(skip_on_failure=True)
    def one_of_both(cls, values: dict[str, Any]) -> dict[str, Any]:  # noqa: N805  # pydantic 1 passes the class
        """Exactly one of text and button, or media."""
        if (values["text"] is None and values["media"] is None) == (values["button"] is None):
            raise ValueError("give either text or button")
        return values


class Complaint(BaseModel):
    """The body of a complaint."""

    text: constr(strict=True, min_length=1, max_length=4000)  # type: ignore[valid-type]  # pydantic 1's way

    class Config:
        extra = Extra.forbid


def complained(body: bytes) -> Complaint:
    """The body of a complaint. Raises Refused for one that cannot be read."""
    try:
        return Complaint.parse_obj(json.loads(body))
    except (ValueError, RecursionError):  # pydantic's error is one of value
        raise Refused(422, "bad_complaint", "Send an object with `text`, of 4,000 characters at most.") from None


def posted(body: bytes) -> Posted:
    """The body of a message. Raises Refused for one that cannot be read."""
    try:
        return Posted.parse_obj(json.loads(body))
    except ValidationError as error:
        where = "; ".join(f"{'.'.join(map(str, e['loc'])).replace('__root__', 'body')}: {e['msg']}" for e in error.errors())
        raise Refused(422, "bad_message", f"The message cannot be read ({where}). Send an object with `text`.") from None
    except (ValueError, RecursionError):
        raise Refused(400, "bad_json", "The body is not JSON. Send an object with `text`.") from None


def shown(message: Stored) -> dict[str, Any]:
    """A message as a client gets it. `speaker` is the name of a supporter, who speaks instead of the program; `care` marks an answer to danger."""
    return {
        "number": message.number,
        "from": message.author if message.author in ("person", SUPPORTER) else "bot",
        "speaker": message.speaker,
        "care": message.author in CARE,
        "text": message.text,
        "buttons": list(message.buttons),
        "client_id": message.client_id,
        "answers": message.answers,
        "at": message.at.isoformat(),
    }


def number_of(given: Optional[str]) -> int:
    """The number of the last message a client has. Raises Refused for what is no number."""
    given = given or "0"
    if not (given.isascii() and given.isdigit() and len(given) < 19):
        raise Refused(400, "bad_after", "The number of the last message you have is needed; leave it out to get all.")
    return int(given)
