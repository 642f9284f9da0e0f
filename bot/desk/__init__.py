"""The one place every message passes, whatever the channel: store, screen, ask the agent, store the reply."""
