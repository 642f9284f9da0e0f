"""Personal data found in what people wrote and replaced by placeholders. Knows nothing of Rasa and of the store."""
