"""Order on the page, and the result made of it."""
