"""What moderators of the site do: each is one transaction, one entry in the log, then the announcement."""
