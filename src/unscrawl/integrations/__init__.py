"""Unscrawl inside of other programs: each module needs the package it is named for, and an extra installs that."""
