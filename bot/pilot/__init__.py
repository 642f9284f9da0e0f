"""The rules of a supervised pilot: who reviews what, who is on duty, what is alerted, which figures may be shown. Knows nothing of the web."""
