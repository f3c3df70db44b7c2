"""What all connections to the database have in common."""
