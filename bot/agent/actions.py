"""Run the custom actions in this process, by the SDK's own executor, instead of over HTTP to `rasa run actions`."""

from __future__ import annotations

import asyncio
from functools import lru_cache
from typing import Any, Dict, Optional

from jsonschema import ValidationError
from jsonschema.exceptions import best_match
from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction
from rasa.utils.endpoints import EndpointConfig
from rasa_sdk.executor import ActionExecutor


class InProcessActions(EndpointConfig):
    """An action endpoint that is no server. Actions run in a thread, so that one that hangs does not stop the others."""

    def __init__(self) -> None:
        # None of our actions reads the domain, so none is sent along.
        super().__init__(url="in-process", enable_selective_domain=True)
        self.executor = ActionExecutor()
        self.executor.register_package("actions")

    async def request(
        self, method: str = "post", subpath: Optional[str] = None, content_type: Optional[str] = None, compress: bool = False, **kwargs: Any
    ) -> Any:
        """What an action server would have returned to the call in `kwargs["json"]`."""
        return await asyncio.to_thread(lambda: asyncio.run(self.executor.run(kwargs["json"])))


class CheckedAction(RemoteAction):
    """A custom action. What it gives is held against Rasa's schema by one validator for all; Rasa itself checks the schema anew at each action.

    The difference is a third of a turn (docs/decisions/0007).
    """

    def _validate_action_result(self, result: Dict[str, Any]) -> bool:
        """Raises ValidationError that says where the result is wrong, but nothing of what it holds: it may be what a person wrote."""
        error = best_match(_validator().iter_errors(result))
        if error:
            raise ValidationError(f"The result of {self.name()} is wrong at {error.json_path}: {error.validator} of {error.validator_value!r:.80}.")
        return True


@lru_cache(maxsize=1)
def _validator() -> Any:
    schema = RemoteAction.action_response_format_spec()
    kind = validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)
