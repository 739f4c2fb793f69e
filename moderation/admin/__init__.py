"""The moderators' desk. It looks things up; what is done is done by actions."""

from moderation.admin import acts, filters, groups, held, log, messages, people, reports, rooms

__all__ = ["acts", "filters", "groups", "held", "log", "messages", "people", "reports", "rooms"]
