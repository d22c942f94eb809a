"""Reading lines: networks, batches, CTC decoding."""
