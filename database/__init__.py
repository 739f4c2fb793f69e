"""How a process uses its database: one thread that writes messages, a few that read, one write lock for SQLite."""
