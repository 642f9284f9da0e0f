"""What is kept, said plainly, with what differs between installations. It has to change with what is kept."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Keeping:
    """What the page says of an installation: how requests are counted (as NUMBER/UNIT), and which messaging apps are on."""

    requests: str
    conversations: str
    apps: tuple[str, ...] = ()


def privacy(keeping: Keeping) -> str:
    """The page, as Markdown."""
    apps = _APPS.format(apps=", ".join(keeping.apps)) if keeping.apps else ""
    return _PAGE.format(requests=_rate(keeping.requests, "requests"), conversations=_rate(keeping.conversations, "new conversations"), apps=apps)


def _rate(given: str, what: str) -> str:
    number, _, unit = given.partition("/")
    return f"{number.strip()} {what} in a {unit.strip()}"


_APPS = """
**In a messaging app** ({apps}) the company behind the app sees everything that is written there, as it does with any conversation. Here your name
there is kept only as a hash that nobody can turn back without this server's key, and what is needed to answer you is encrypted.
"""
_PAGE = """# What is kept

**What you write and what is answered** is kept on this server, with the time and an assessment of risk, so that you can come back to it. It is kept
until you delete it. The same goes for what you report as wrong with an answer. People who run this server can read it. It is not yet encrypted there,
and there is no period yet after which it goes by itself.

**People who support.** Where this service has supporters, they can read a conversation when there is danger in it, when you ask for a person, or for a
reason that they have to give. That they read is written down, with their name. You are told when one of them joins, reads answers before you do, or leaves.
Their notes are kept with the conversation.

**In your browser** this page keeps the name of your conversation and the key to it, a message that is not sent yet, what stands in the field, and the
country you chose. There are no cookies. Whoever uses this browser can open the conversation, and so can scripts of the page that embeds the chat.
*Leave quickly* removes all of it from the browser.

**Your address on the internet** is used to limit how much one address may send ({requests}, {conversations}). It is held in
memory while that is counted and not written down.
{apps}
**Nobody else** gets anything: no service of others is asked, and no statistics are kept but how many answers of a year named a crisis service, and how
many requests a messaging app's address did not believe.

**Deleting**: *Delete the conversation*, or writing “delete my data”, erases every message and everything derived from it, on the server and in the
browser, at once. It cannot be undone. What stays is a list of which supporter did what in a conversation of a random name, without a word of what was
said in it.
"""
