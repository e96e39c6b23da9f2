"""The report on a caseload: recipients of social assistance, and what they cost."""
