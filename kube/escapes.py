r"""JSON that is YAML as well: the API server reads the body of a server-side apply as YAML.

YAML has no pair of surrogates for one character (`\ud83d\ude80`), as Python writes them, and takes
no control character as it is. So what lies beyond the basic plane stands there itself, and all
else that is not ASCII as an escape, which both have.
"""

import json
import re
from typing import Any

_BASIC = re.compile("[\x7f-\uffff]")


def yaml(body: Any) -> bytes:
    """A body for `application/apply-patch+yaml`, in UTF-8."""
    text = json.dumps(body, ensure_ascii=False)
    return _BASIC.sub(lambda found: f"\\u{ord(found[0]):04x}", text).encode()
