"""What the environment says: settings and addresses, readable without Django."""
