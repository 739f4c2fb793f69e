"""Files that people send: what they are, what they are called, and where they are kept. No database here."""
