"""Watching the pipeline itself: status of runs, housekeeping, orphaned runs."""
