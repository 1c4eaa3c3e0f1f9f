"""What staff do with a case: roles and permissions, consent, sheets, states, reports. Pure functions over values."""
