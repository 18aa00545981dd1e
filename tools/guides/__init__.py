"""Set the demo guides as printable, tagged PDF files."""
