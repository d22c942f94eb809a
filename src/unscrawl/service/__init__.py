"""The hosted service: the library behind HTTP, with credentials, tiers and jobs (``unscrawl serve``)."""
