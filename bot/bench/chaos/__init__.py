"""Things go wrong under load: actions that fail, a locked database, a process that is killed. No message may be lost or answered twice."""
