"""The supervisors' console: a process of its own on the same database, which lives when Rasa does not and knows nothing of it."""
