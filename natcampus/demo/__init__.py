"""Demo content: real text, drawn pictures, invented people."""
