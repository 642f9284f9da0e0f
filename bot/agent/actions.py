"""Run the custom actions in this process, by the SDK's own executor, instead of over HTTP to `rasa run actions`."""

from __future__ import annotations

import asyncio
from typing import Any, Optional

from rasa.utils.endpoints import EndpointConfig
from rasa_sdk.executor import ActionExecutor


class InProcessActions(EndpointConfig):
    """An action endpoint that is no server. Actions run in a thread, so that one that hangs does not stop the others."""

    def __init__(self) -> None:
        super().__init__(url="in-process")
        self.executor = ActionExecutor()
        self.executor.register_package("actions")

    async def request(
        self, method: str = "post", subpath: Optional[str] = None, content_type: Optional[str] = None, compress: bool = False, **kwargs: Any
    ) -> Any:
        """What an action server would have returned to the call in `kwargs["json"]`."""
        return await asyncio.to_thread(lambda: asyncio.run(self.executor.run(kwargs["json"])))
