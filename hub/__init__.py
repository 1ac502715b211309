"""The engine of the hub: it names no department, no field and no grant."""
