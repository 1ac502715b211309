"""What people do with a finding, and what protects those it is about. See README.md here."""
