"""What Telegram tells a bot, as far as it is read (core.telegram.org/bots/api#update, #message)."""

from __future__ import annotations

import re
from typing import Optional

from pydantic import BaseModel, Extra, Field

HEARD = ("message", "edited_message", "channel_post", "edited_channel_post", "callback_query", "my_chat_member")
"""The kinds of update in which a person may be waiting, or after which nobody can be written to. Telegram is asked for these only."""
MEDIA = (
    *("animation", "audio", "document", "paid_media", "photo", "sticker", "story", "video_note", "video", "voice", "checklist"),
    *("contact", "dice", "game", "poll", "venue", "location", "invoice", "web_app_data"),
)
"""What a message may be beside text; where two are named, as a venue is also a location, the first says more."""
SERVICE = re.compile(
    r"new_chat_\w+|left_chat_member|delete_chat_photo|\w+_chat_created|migrate_\w+|\w+_changed|pinned_message|\w+_payment|(unique_)?gift\w*|giveaway\w*"
    r"|connected_website|write_access_allowed|passport_data|proximity_alert_triggered|boost_added|chat_background_set|chat_owner_\w+"
    r"|checklist_tasks_\w+|(general_)?forum_topic_\w+|suggested_post_\w+|video_chat_\w+"
)
"""Fields of messages in which nobody says anything. Any other message, also of a kind that is not known yet, is answered."""


class Chat(BaseModel):
    """Where something happens: private, group, supergroup or channel."""

    id: int
    type: str


class Named(BaseModel):
    """A choice of a poll, or a task of a checklist."""

    text: str = ""


class Asked(BaseModel):
    """A poll or a checklist, as far as somebody has written it."""

    question: str = ""
    title: str = ""
    options: list[Named] = []
    tasks: list[Named] = []

    def words(self) -> str:
        """All of it, a line each."""
        return "\n".join(filter(None, (self.question, self.title, *(named.text for named in (*self.options, *self.tasks)))))


class Message(BaseModel):
    """A message. Of what we do not read only the names of its fields matter: they say what kind of message it is."""

    chat: Chat
    text: str = ""
    caption: str = ""
    poll: Asked = Asked()
    checklist: Asked = Asked()
    message_thread_id: Optional[int] = None
    is_topic_message: bool = False
    media_group_id: Optional[str] = None

    class Config:
        extra = Extra.allow

    def words(self) -> str:
        """What somebody has written in it, wherever."""
        return self.text or self.caption or self.poll.words() or self.checklist.words()

    def media(self) -> Optional[str]:
        """What it is beside text, or None."""
        found = next((kind for kind in MEDIA if kind in self.__fields_set__), None)
        return found or (None if "text" in self.__fields_set__ else "unknown")

    def says_nothing(self) -> bool:
        """Whether it only tells of something that happened in the chat."""
        return not self.words() and any(map(SERVICE.fullmatch, self.__fields_set__))

    def address(self) -> dict[str, str]:
        """Where to answer it."""
        threaded = self.is_topic_message and self.message_thread_id  # elsewhere the number only groups answers, and cannot be written to
        return {"chat": str(self.chat.id), **({"thread": str(self.message_thread_id)} if threaded else {})}


class User(BaseModel):
    """Somebody."""

    id: int


class CallbackQuery(BaseModel):
    """A button was pressed. Its message may be missing, or too old to be read, and then it has little more than a chat."""

    id: str
    pressed_by: User = Field(alias="from")
    message: Optional[Message] = None
    data: Optional[str] = None


class Member(BaseModel):
    """creator, administrator, member, restricted, left or kicked; in a private chat kicked says that the person blocked the bot."""

    status: str


class MemberChange(BaseModel):
    """The bot itself was let in or sent away."""

    chat: Chat
    new_chat_member: Member


class Update(BaseModel):
    """One thing that happened; at most one of its fields is there. Kinds in which nobody waits for an answer are not read."""

    update_id: int
    message: Optional[Message] = None
    edited_message: Optional[Message] = None
    channel_post: Optional[Message] = None
    edited_channel_post: Optional[Message] = None
    callback_query: Optional[CallbackQuery] = None
    my_chat_member: Optional[MemberChange] = None
