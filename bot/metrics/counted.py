"""The counters and timers of a process. Every label has a short list of values that the code itself gives."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

SECONDS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0)
"""Upper bounds of the buckets, in seconds: 0.3 is what a turn may take, 20 when a standing reply is sent."""

TURNS = Counter("reframe_turns", "Messages worked through, by what answered: bot, crisis, help, standing, nobody (a supporter has it), broke.", ["answer"])
TURN_SECONDS = Histogram("reframe_turn_seconds", "From a stored message to its stored answer.", ["answer"], buckets=SECONDS)
STEP_SECONDS = Histogram("reframe_step_seconds", "Parts of a turn: screening, agent.", ["step"], buckets=SECONDS)
SCREENED = Counter("reframe_screened", "Messages screened for risk, by tier.", ["tier"])
DANGER_UNANSWERED = Counter("reframe_danger_unanswered", "Answers to danger that were not given or not kept, or could not be delivered to a messaging app.")
FAILURES = Counter("reframe_failures", "What went wrong, by kind; none of it was shown to anybody.", ["kind"])
DELIVERIES = Counter("reframe_deliveries", "Replies to messaging apps, by app and by what became of them: sent, again, dead.", ["channel", "outcome"])
REFUSED = Counter("reframe_refused", "Requests refused because there were too many.")
STREAMS = Gauge("reframe_open_streams", "Streams of events that are open.")
MODEL_LOADED = Gauge("reframe_model_loaded", "Whether the trained model is loaded: 1 or 0.")

KINDS = ("agent_empty", "agent_late", "agent_broke", "scorer", "store_away", "interrupted", "arrival", "request")
"""Of failures: the agent gave nothing, nothing in time, or broke; the scorer broke; a message was spooled; a stop left a message unanswered; a message
of an app could not be handled; a request broke."""
for _kind in KINDS:
    FAILURES.labels(_kind)  # stands at 0 before the first, so that an increase is seen
