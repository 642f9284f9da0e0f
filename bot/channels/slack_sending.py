"""What is posted to Slack, and what its errors mean: https://docs.slack.dev/reference/methods/chat.postMessage."""

from __future__ import annotations

import re
from typing import Any

import httpx
from slack_sdk.models.blocks import ActionsBlock, ButtonElement, PlainTextObject, RichTextBlock, RichTextElementParts, RichTextSectionElement
from slack_sdk.models.blocks.block_elements import RichTextElement

from bot.channels.messaging import patience
from bot.channels.payloads import text_of
from bot.desk.courier import Part, SendError, TryLater, Uncertain, Undeliverable, Unreachable

LONGEST = 3000
"""Characters of a text object: https://docs.slack.dev/reference/block-kit/composition-objects/text-object."""
MOST_BUTTONS, LONGEST_TITLE = 25, 75
"""Elements of an actions block, characters on a button: https://docs.slack.dev/reference/block-kit."""
LINK = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)\]]|\b(?:[\w-]+\.)+(?:com|org|net)\b(?:/[^\s<>\"]*[^\s<>\".,;:!?)\]])?")
UNREACHABLE = re.compile(r"cannot_dm_bot|channel_not_found|is_archived|is_inactive|not_in_channel|restricted_action\w*|user_(?:disabled|not_found|not_visible)")
BUSY = re.compile(r"rate_?limited|message_limit_exceeded|org_login_required|request_timeout|service_unavailable|team_added_to_org")
HALF_DONE = re.compile(r"fatal_error|internal_error")
"""Slack says of these that some of it may have been done."""
MISCONFIGURED = re.compile(
    r"access_?denied|accesslimited|account_inactive|ekm_access_denied|enterprise_is_restricted|invalid_auth|messages_tab_disabled|missing_scope"
    r"|no_permission|not_allowed_token_type|not_authed|team_access_not_granted|token_expired|token_revoked|two_factor_setup_required"
)
NO_THREAD = re.compile(r"cannot_reply_to_message|thread_not_found")


def content(part: Part) -> dict[str, Any]:
    """A part as chat.postMessage takes it. Rich text shows every character as it is; `text` is what notifications show."""
    buttons = [
        ButtonElement(text=PlainTextObject(text=_shortened(button["title"]), emoji=False), action_id=f"choice-{number}", value=button["payload"])
        for number, button in enumerate(part.buttons)
    ]
    rows = [ActionsBlock(elements=buttons[begin : begin + MOST_BUTTONS]) for begin in range(0, len(buttons), MOST_BUTTONS)]
    blocks = [RichTextBlock(elements=[RichTextSectionElement(elements=_linked(part.text))]), *rows]
    shown = part.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return {"text": shown, "mrkdwn": False, "blocks": [block.to_dict() for block in blocks], "unfurl_links": False, "unfurl_media": False}


def problem(response: httpx.Response) -> str:
    """What Slack says is wrong, or nothing. Raises Uncertain for an answer that is not Slack's."""
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if not isinstance(answer, dict) or "ok" not in answer:
        raise Uncertain(f"The answer is not as Slack's are (status {response.status_code}).")
    return "" if answer["ok"] is True else text_of(answer, "error") or "no reason given"


def meaning(error: str, response: httpx.Response) -> SendError:
    """An error in words for supervisors, by what can be done about it."""
    if UNREACHABLE.fullmatch(error):
        return Unreachable(f"Slack cannot reach this person or room any more ({error}).")
    if BUSY.fullmatch(error):
        return TryLater(f"Slack asks for patience ({error}).", patience(response))
    if HALF_DONE.fullmatch(error):
        return Uncertain(f"Slack broke off ({error}); it may have arrived.")
    if MISCONFIGURED.fullmatch(error):
        return TryLater(f"Slack does not accept the token or its rights ({error}). See docs/channels/slack.md.")
    return Undeliverable(f"Slack refused it ({error}).")


def _linked(text: str) -> list[RichTextElement]:
    """Text and the links in it, which can be pressed."""
    elements: list[RichTextElement] = []
    end = 0
    for found in LINK.finditer(text):
        url = found[0] if found[0].startswith("http") else f"https://{found[0]}"
        elements += [*_literal(text[end : found.start()]), RichTextElementParts.Link(url=url, text=found[0])]
        end = found.end()
    return [*elements, *_literal(text[end:])]


def _literal(text: str) -> list[RichTextElement]:
    return [RichTextElementParts.Text(text=text)] if text else []


def _shortened(title: str) -> str:
    return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1].rstrip() + "…"
