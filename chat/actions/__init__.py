"""What can be done: verb and noun, one transaction each, then the announcement. Synchronous; call them in a thread."""
