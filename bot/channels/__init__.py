"""One file or folder a channel: take a request apart, hand the message to the desk, send the replies."""
