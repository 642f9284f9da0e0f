"""What is kept, said plainly and made from what is set, so that the page cannot promise what the server does not do."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.store.retention import Periods

PAGE = """# What is kept

{asked}

**What you write and what is answered** is kept on this server, with the time and an assessment of risk, so that you can come back to it. It is sealed
there: whoever gets hold of the disk or of a backup reads nothing without the key. The people who run this server have the key and can read it; who else
can is said below.

| what | how long |
|---|---|
| the text of messages | {text} |
| the same, where somebody was in danger | {urgent} |
| what you report as wrong with an answer | {complaint} |
| a sentence you kept, a safety plan, and the conversation as a whole | {conversation} after your last message |
| everything, once you took your yes back | {withdrawn} |
| what became of messages sent to a messaging app | {delivery} |
| what supporters noted about it | as long as the text of the messages |
| that something was erased, without saying whose it was | {erasure} |

**Seeing it**: *Save all that is kept of me* in the menu gives you everything as a file. **Deleting**: *Delete the conversation* in the menu, or “delete my
data” in any channel, erases every message and everything derived from it at once, and a restored backup does not bring it back. It cannot be undone.
**Taking your yes back**: say “I withdraw my consent”, or use the button. From then on nothing you write is kept.

**People who support.** Where this service has supporters, they can read a conversation when there is danger in it, when you ask for a person, or for a
reason that they have to give. That they read is written down, with their name. You are told when one of them joins, reads answers before you do, or leaves.
Their notes are kept as long as its text.

**In your browser** this page keeps the name of your conversation and the key to it, a message that is not sent yet, what stands in the field, and the
country you chose. There are no cookies. Whoever uses this browser can open the conversation, and so can scripts of the page that embeds the chat.
*Leave quickly* removes all of it from the browser.

{apps}**Your address on the internet** is used to limit how much one address may send ({requests}, {conversations}). It is held in memory while that is counted
and not written down. What is logged holds no messages, names or addresses.

**Research**: {research}

**Nobody else** gets anything: no service of others is asked. What stays after deleting is the number of answers of a year that named a crisis service, how
many requests a messaging app's address did not believe, and a list of which supporter did what in a conversation of a random name, without a word of what
was said in it.
"""
APPS = """**In a messaging app** ({apps}) the company behind the app sees everything that is written there, as it does with any conversation, and keeps what
it likes. Here your name there is kept only as a hash that nobody can turn back without this server's key, and the address to answer you is sealed.

"""
ASKED = "**Before anything you write is kept, you are asked.** If you say no, nothing is. Danger is answered at once, whatever you said."
NOT_ASKED = "**This server does not ask before it keeps what you write**; whoever runs it has to have your leave in another way."
RESEARCH = "if you said yes to it, what you wrote may be given to researchers with names and places taken out, and only among enough others like it."
NO_RESEARCH = "what you write is not given to researchers."


@dataclass(frozen=True)
class Kept:
    """What the page depends on: periods, whether people are asked, how requests are counted (as NUMBER/UNIT), which messaging apps are on."""

    periods: Periods = field(default_factory=Periods)
    asks: bool = True
    research: bool = False
    requests: str = "600/minute"
    conversations: str = "120/hour"
    apps: tuple[str, ...] = ()


def privacy(kept: Kept) -> str:
    """The page, in Markdown."""
    days = {name: f"{period:g} day{'' if period == 1 else 's'}" for name, period in vars(kept.periods).items()}
    apps = APPS.format(apps=", ".join(kept.apps)) if kept.apps else ""
    rates = {"requests": _rate(kept.requests, "requests"), "conversations": _rate(kept.conversations, "new conversations")}
    return PAGE.format(asked=ASKED if kept.asks else NOT_ASKED, research=RESEARCH if kept.research else NO_RESEARCH, apps=apps, **rates, **days)


def _rate(given: str, what: str) -> str:
    number, _, unit = given.partition("/")
    return f"{number.strip()} {what} in a {unit.strip()}"
