"""What people do with a finding, and what protects those it is about.

`correction`: a delivered row is disputed, answered, corrected. `evidence`: a finding with all it rests on, as files
that stand alone.
"""
