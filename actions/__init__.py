"""Rasa SDK actions: tracker in, one call, dispatcher out."""
