"""People who write: one after another, a crowd that never pauses, or a steady number who write at their hours."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import cycle
from typing import AsyncIterator, Iterator, Protocol, Sequence

import httpx

REPLY_SECONDS = 60.0
"""A reply that takes longer counts as none."""


class Talk(Protocol):
    """One conversation."""

    async def say(self, text: str) -> tuple[str, ...]:
        """What is answered. Raises httpx.HTTPError when nothing comes."""
        ...


class Side(Protocol):
    """One of the two bots that are measured."""

    name: str

    async def begin(self, http: httpx.AsyncClient) -> Talk:
        """A new conversation."""
        ...


@dataclass(frozen=True)
class Turn:
    """A message and its answer; nothing `said` is a turn without one."""

    seconds: float
    said: tuple[str, ...]


@asynccontextmanager
async def line() -> AsyncIterator[httpx.AsyncClient]:
    """A client that keeps its connections, as many as are needed."""
    async with httpx.AsyncClient(timeout=REPLY_SECONDS, limits=httpx.Limits(max_connections=None, max_keepalive_connections=None)) as http:
        yield http


async def timed(talk: Talk, text: str, since: float | None = None) -> Turn:
    """A turn, timed from now or from the moment it was due."""
    began = time.perf_counter() if since is None else since
    try:
        said = await talk.say(text)
    except httpx.HTTPError:
        said = ()
    return Turn(time.perf_counter() - began, said)


async def one_after_another(side: Side, texts: Sequence[str]) -> list[Turn]:
    """Each text in a conversation of its own, none before the last one is answered."""
    async with line() as http:
        return [await timed(await side.begin(http), text) for text in texts]


async def crowd(side: Side, scripts: Sequence[Sequence[str]], users: int) -> tuple[list[Turn], float]:
    """So many users at once, each playing one script after another without a pause. Returns the turns and the seconds it took."""
    waiting = iter(scripts)
    async with line() as http:
        began = time.perf_counter()
        played = await asyncio.gather(*(_play(side, http, waiting) for _ in range(users)))
        return [turn for turns in played for turn in turns], time.perf_counter() - began


async def _play(side: Side, http: httpx.AsyncClient, scripts: Iterator[Sequence[str]]) -> list[Turn]:
    turns = []
    for script in scripts:  # all users take from the same heap, so that all stop at about the same time
        talk = await side.begin(http)
        turns += [await timed(talk, text) for text in script]
    return turns


async def steady(talk: Talk, texts: Sequence[str], every: float, begin: float, times: int) -> list[Turn]:
    """One user who writes every so many seconds from the moment `begin` on (of time.perf_counter), however long answers take; timed from when it was due."""
    due = [(begin + n * every, text) for n, text in zip(range(times), cycle(texts))]
    return list(await asyncio.gather(*(_at(talk, text, moment) for moment, text in due)))


async def _at(talk: Talk, text: str, moment: float) -> Turn:
    await asyncio.sleep(max(0.0, moment - time.perf_counter()))
    return await timed(talk, text, moment)


def answered(turns: Sequence[Turn]) -> list[float]:
    """The seconds of the turns that got an answer."""
    return [turn.seconds for turn in turns if turn.said]
