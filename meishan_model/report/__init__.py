"""What a person reads: the summary on the console and the figures."""
