"""What one part does, with fakes only at the edge of the machine."""
