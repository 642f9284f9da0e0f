"""The server with actions of which a share fails: `python -m bot.bench.chaos.faulty SHARE`. Wired like `reframe serve`, which knows nothing of it."""

from __future__ import annotations

import random
import sys
from typing import Any, Callable

from rasa_sdk.executor import ActionExecutor

Action = Callable[[Any, Any, Any], Any]


class InjectedError(Exception):
    """An action failed because it was told to."""


def spoil(executor: ActionExecutor, share: float, dice: random.Random) -> None:
    """Make every action fail in this share of its runs."""
    for name, action in executor.actions.items():
        executor.actions[name] = _failing(action, share, dice)


def _failing(action: Action, share: float, dice: random.Random) -> Action:
    def run(dispatcher: Any, tracker: Any, domain: Any) -> Any:
        if dice.random() < share:
            raise InjectedError
        return action(dispatcher, tracker, domain)

    return run


def main(share: float) -> None:
    """Serve until stopped."""
    from bot.agent.actions import InProcessActions
    from bot.agent.rasa import RasaAgent
    from bot.channels.web import web_app
    from bot.preparing import prepared
    from bot.wiring import build_desk, site_of

    settings = prepared()
    desk = build_desk(settings)
    if not isinstance(desk.agent, RasaAgent) or not isinstance(desk.agent.agent.action_endpoint, InProcessActions):
        raise TypeError("The agent's actions do not run in this process, so they cannot be made to fail.")
    spoil(desk.agent.agent.action_endpoint.executor, share, random.Random(1))  # no secret
    web_app(desk, site_of(settings)).run(host=settings.reframe_host, port=settings.reframe_port, motd=False, access_log=False, debug=False)


if __name__ == "__main__":
    main(float(sys.argv[1]))
