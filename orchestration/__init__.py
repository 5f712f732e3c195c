"""Dagster side of Trackway: the only package that knows all the others."""
