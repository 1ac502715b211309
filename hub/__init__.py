"""The engine of the hub: it names no department, no field and no grant."""

import os

# Chunks of a delivery are prepared side by side; threads within one would only wait for each other. Read at import.
os.environ.setdefault("POLARS_MAX_THREADS", "1")
