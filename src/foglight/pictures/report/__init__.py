"""`fog.report`: what is known about a run as one page that opens from disk. Each section of the page is a file here."""
