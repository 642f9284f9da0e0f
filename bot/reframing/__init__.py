"""What Reframe says about therapy: the catalogue and the choice of the next thing to say. Knows nothing of Rasa."""
