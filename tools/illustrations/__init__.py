"""Draw every illustration of the site from numbers: plates, figures, covers."""
