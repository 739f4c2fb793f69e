"""Calls people who have no tab open: Web Push (RFC 8030, 8291, 8292)."""
