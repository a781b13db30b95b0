"""How a defect of ours is written down, by whichever stage it happened in."""

import traceback


def describe(error: BaseException) -> str:
    """What went wrong and where, without the error's text: that may quote personal data."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" in {frames[-1].name} (line {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}{where}"
