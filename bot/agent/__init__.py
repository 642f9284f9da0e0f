"""The trained Rasa agent behind the desk, and the actions run in its process."""
