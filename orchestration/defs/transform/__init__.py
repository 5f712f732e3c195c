"""Staging to published: the dbt project as assets."""
