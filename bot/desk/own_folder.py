"""A durable queue in a folder that no other living process works in, so that several workers on one machine may be given the same folder."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Iterator

from filelock import FileLock, Timeout
from persistqueue import Empty, SQLiteAckQueue
from persistqueue.serializers import json as as_json

log = logging.getLogger(__name__)
MOST = 64
"""Workers on one machine that may share a folder."""


class OwnQueue(SQLiteAckQueue):
    """A queue in the folder itself, or in `folder/2`, `folder/3` … when other processes have those before. The kernel frees what a killed one held."""

    def __init__(self, folder: Path) -> None:
        """What waits in places that nobody works in any more is taken along. Raises OSError when no place can be had."""
        places = _free_places(folder)
        own = next(places, None)
        if own is None:
            raise OSError(f"{folder} is used by {MOST} processes already.")
        place, self._lock = own
        super().__init__(str(place), multithreading=True, auto_commit=True, auto_resume=True, serializer=as_json)
        for left, lock in places:
            self._take_over(left)
            lock.release()

    def leave(self) -> None:
        """Another process may work here, as after the end of this one."""
        self._lock.release()

    def _take_over(self, place: Path) -> None:
        """What waits there, in order: put here before it is forgotten there, since twice does no harm."""
        theirs, moved = SQLiteAckQueue(str(place), multithreading=True, auto_commit=True, auto_resume=True, serializer=as_json), 0
        while True:
            try:
                item = theirs.get(block=False, raw=True)
            except Empty:
                break
            self.put(item["data"])
            theirs.ack(id=item["pqid"])
            moved += 1
        theirs.clear_acked_data(keep_latest=0, max_delete=max(1, moved))
        if moved:
            log.warning("%s items of a worker that is gone were taken over", moved)


def _free_places(folder: Path) -> Iterator[tuple[Path, FileLock]]:
    """The first that can be held, existing or not; then every existing one that can be."""
    found = False
    for number in range(1, MOST + 1):
        place = folder if number == 1 else folder / str(number)
        if found and not place.exists():
            continue
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = FileLock(str(place / "in-use"), timeout=0, thread_local=False)
        try:
            lock.acquire()
        except Timeout:
            continue
        found = True
        yield place, lock


def waiting_in(folder: Path) -> Iterator[str]:
    """What waits in every place of a folder, whoever works there, as it is kept. Nothing is taken."""
    places = [folder, *(place for place in folder.glob("*") if place.name.isdigit())]
    for place in (place for place in places if (place / "data.db").exists()):
        queue = SQLiteAckQueue(str(place), multithreading=True, auto_commit=True, auto_resume=False, serializer=as_json)
        yield from (str(row["data"]) for row in queue.queue())
