"""Training of Hand, the handwriting recogniser. Not part of the installed package; see README.md."""
