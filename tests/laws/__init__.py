"""What must hold for every filter, whatever the numbers."""
