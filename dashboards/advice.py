"""What to do about rejected lines, by reason.

Add here: a reason that the loader gives, as a pattern that is found in it. Keep out: the wording of reasons,
which is the loader's.
"""

import re

GENERAL = "Compare the line with the contract of its data set in data_contracts/, and correct the sender."
WHAT_TO_DO = (
    "Put the corrected lines into landing as a new file: lines that are loaded already count once only. "
    "The original of each line stands in the quarantine folder, under the same file and line."
)
_ADVICE = (
    ("not valid JSON", "Write one whole JSON object a line; a line that ends early was still being written."),
    ("not a JSON object$", "Write one JSON object a line, not an array or a single value."),
    ("not a JSON array", "Write the value as a JSON array."),
    ("not valid UTF-8", "Write the file in UTF-8."),
    ("NUL byte", "Write text only; NUL bytes come from UTF-16 or from a disk that was full."),
    ("size_violation", "Send less in one event: what is that long is often a whole page or a picture."),
    ("log format", "Let the web server write the combined log format, and keep other files elsewhere."),
    ("quote is opened", "Close each quoted value, and double the quotes inside it."),
    ("columns instead of", "Write as many values as the header has; quote values that hold the delimiter."),
    ("is missing(;|$)", "Let the sender fill this field: a line without it cannot be used."),
    ("not a valid timestamp", "Write moments as ISO 8601 with Z or an offset, like 2026-11-20T08:15:00Z."),
    ("not a valid date", "Write days as ISO 8601, like 2026-11-20."),
    ("not a valid (integer|number|boolean)|not a finite", "Write plain digits and a point; true or false."),
    ("is not between|future-dated", "Correct the sender's clock, time zone or unit: the time is impossible."),
    ("is none of|no known code", "Correct the value, or add it to the contract if it is right."),
    ("is below|is above|does not match", "Correct the value, or the contract's limit if the value is right."),
    ("the header|no header", "Correct the header, or the contract if the header is right; deliver it again."),
    ("the file (is|cannot)|the compressed file|the content is", "Deliver the whole file again."),
    ("the column|a column", "Correct the columns, or the contract if they are right; deliver it again."),
)


def advice(reason: str) -> str:
    """Return what to do about a reason, or about each of several; general advice for an unknown one."""
    found = [text for pattern, text in _ADVICE if re.search(pattern, reason)]
    return " ".join(found) or GENERAL
