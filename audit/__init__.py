"""What moderators and administrators did, each entry chained to the one before. Knows nothing of what is done."""
