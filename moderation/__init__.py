"""Moderation: acts that can be taken back, reports, filters, and the desk in the admin where they are done."""
