"""Fan-out, and no domain: events go to a group, and everyone who joined that group gets them, encoded once.

This package knows neither users nor rooms. What it offers is in `live.publisher` (say something to a group, from any
thread), `live.hub` (be told), `live.outlet` (the way out of one socket) and `live.layer` (the channel layer of one
process).
"""
