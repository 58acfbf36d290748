"""What notebooks show: tables with small drawings, which take their colour from the page."""
