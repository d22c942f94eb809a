"""What the service answers at which path."""
