"""What is kept: conversations and their messages, on SQLite or PostgreSQL."""
