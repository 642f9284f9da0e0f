"""What is counted and timed while the program runs, as Prometheus reads it. Never a text, a name or a conversation's id: only what is listed here."""
