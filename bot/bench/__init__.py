"""Measures how fast and how steady this product is, beside a bot of stock Rasa parts on the same domain and data. No part of the running product."""
