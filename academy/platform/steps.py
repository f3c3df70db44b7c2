"""Steps of slow work: sentences that are kept, and told to each reader in their own language."""

import json
from typing import Final

from django.utils.translation import get_language, gettext

_BEFORE_NUMBERS: Final = "\x1f"


def step_kept(sentence: str, **numbers: int) -> str:
    """The step as a row keeps it; `sentence` names its `numbers` as in `%(page)d`."""
    return f"{sentence}{_BEFORE_NUMBERS}{json.dumps(numbers)}"


def step_told(kept: str) -> str:
    """The step in the language of now; as it is kept where no language is active.

    What no catalogue knows stays as it is.
    """
    if not kept or get_language() is None:
        return kept
    sentence, _, numbers = kept.partition(_BEFORE_NUMBERS)
    told = gettext(sentence)
    return told % json.loads(numbers) if numbers else told
