"""What is kept, said plainly. It has to change with what is kept."""

PRIVACY = """# What is kept

**What you write and what is answered** is kept on this server, with the time and an assessment of risk, so that you can come back to it. It is kept
until you delete it. The same goes for what you report as wrong with an answer. People who run this server can read it. It is not yet encrypted there,
and there is no period yet after which it goes by itself.

**People who support.** Where this service has supporters, they can read a conversation when there is danger in it, when you ask for a person, or for a
reason that they have to give. That they read is written down, with their name. You are told when one of them joins, reads answers before you do, or leaves.
Their notes are kept with the conversation.

**In your browser** this page keeps the name of your conversation and the key to it, a message that is not sent yet, what stands in the field, and the
country you chose. There are no cookies. Whoever uses this browser can open the conversation, and so can scripts of the page that embeds the chat.
*Leave quickly* removes all of it from the browser.

**Your address on the internet** is used to limit how much one address may send. It is held in memory while the limits count
(an hour, unless this server was set otherwise) and not written down.

**Nobody else** gets anything: no service of others is asked, and no statistics are kept but how many answers of a year named a crisis service.

**Deleting**: *Delete the conversation* erases every message and everything derived from it, on the server and in the browser, at once. It cannot be
undone. What stays is a list of which supporter did what in a conversation of a random name, without a word of what was said in it.
"""
