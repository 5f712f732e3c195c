"""The one kind of error that is meant for people.

Add here: nothing; derive from ExpectedError beside the code that raises it. Keep out: errors of programming.
"""


class ExpectedError(Exception):
    """Something a person can mend. Its text is one line: what, where, what to do."""
