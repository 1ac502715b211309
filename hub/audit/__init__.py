"""The tamper-evident log: what is recorded, in which form, and how anyone proves that it was not changed."""
