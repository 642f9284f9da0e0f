"""Risk of one message. Knows nothing of Rasa, so that it works when the model does not."""
