"""What is kept, said plainly and made from what is set, so that the page cannot promise what the server does not do."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.store.retention import Periods

PAGE = """# What is kept

{asked}

**What you write and what is answered** is kept on this server, with the time and an assessment of risk, so that you can come back to it. It is sealed
there: whoever gets hold of the disk or of a backup reads nothing without the key. The people who run this server have the key and can read it; where it
says so in the conversation, a supporter can too.

| what | how long |
|---|---|
| the text of messages | {text} |
| the same, where somebody was in danger | {urgent} |
| what you report as wrong with an answer | {complaint} |
| a sentence you kept, a safety plan, and the conversation as a whole | {conversation} after your last message |
| everything, once you took your yes back | {withdrawn} |
| what became of messages sent to a messaging app | {delivery} |
| that something was erased, without saying whose it was | {erasure} |

**Seeing it**: *Save all that is kept of me* in the menu gives you everything as a file. **Deleting**: *Delete the conversation* in the menu, or “delete my
data” in any channel, erases every message and everything derived from it at once, and a restored backup does not bring it back. It cannot be undone.
**Taking your yes back**: say “I withdraw my consent”, or use the button. From then on nothing you write is kept.

**In your browser** this page keeps the name of your conversation and the key to it, a message that is not sent yet, what stands in the field, and the
country you chose. There are no cookies. Whoever uses this browser can open the conversation, and so can scripts of the page that embeds the chat.
*Leave quickly* removes all of it from the browser.

**In a messaging app** the app's own company reads along and keeps what it likes. Here your name there is kept only as a hash, and the address to answer
you sealed.

**Your address on the internet** is used to limit how much one address may send. It is held in memory while the limits count
(an hour, unless this server was set otherwise) and not written down. What is logged holds no messages, names or addresses.

**Research**: {research}

**Nobody else** gets anything: no service of others is asked, and no statistics are kept but how many answers of a year named a crisis service.
"""
ASKED = "**Before anything you write is kept, you are asked.** If you say no, nothing is. Danger is answered at once, whatever you said."
NOT_ASKED = "**This server does not ask before it keeps what you write**; whoever runs it has to have your leave in another way."
RESEARCH = "if you said yes to it, what you wrote may be given to researchers with names and places taken out, and only among enough others like it."
NO_RESEARCH = "what you write is not given to researchers."


@dataclass(frozen=True)
class Kept:
    """What the page depends on."""

    periods: Periods = field(default_factory=Periods)
    asks: bool = True
    research: bool = False


def privacy(kept: Kept) -> str:
    """The page, in Markdown."""
    days = {name: f"{period:g} day{'' if period == 1 else 's'}" for name, period in vars(kept.periods).items()}
    return PAGE.format(asked=ASKED if kept.asks else NOT_ASKED, research=RESEARCH if kept.research else NO_RESEARCH, **days)
