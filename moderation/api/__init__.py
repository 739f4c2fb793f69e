"""Reports and held messages over REST."""
