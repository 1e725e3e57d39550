"""The report as one HTML file that opens without network, in English and Chinese."""
