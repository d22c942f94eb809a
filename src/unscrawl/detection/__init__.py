"""Finding text on a page: a probability map, fragments, lines."""
