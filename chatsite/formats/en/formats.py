"""Dates and times in English: to the minute, of 24 hours, and the same on both sides of the ocean."""

DATE_FORMAT = "j\u00a0M\u00a0Y"
DATETIME_FORMAT = "j\u00a0M\u00a0Y, H:i"
TIME_FORMAT = "H:i"
