"""Write, audit, publish: the only way by which readers get data."""
