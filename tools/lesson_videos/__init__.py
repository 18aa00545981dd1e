"""Make the sample lesson clips from the scenes written in the demo courses."""
