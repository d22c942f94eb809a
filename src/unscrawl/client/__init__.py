"""The client of a service: the engine's reading done over HTTP (``unscrawl serve`` is the other side).

What is to be said and in which order stands in ``flow``, which sends nothing itself; ``transport`` sends it, once for
threads and once for ``asyncio``.
"""
