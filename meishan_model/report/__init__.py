"""What a person reads: the summary in the terminal and the figures."""
