"""Everything that Dagster loads: one folder per stage, one module per concern."""
