"""Landing files to the warehouse's `raw` schema: read, check, quarantine, pseudonymise, count."""
