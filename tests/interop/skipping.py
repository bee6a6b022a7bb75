"""How a test ends that cannot run on this machine."""

import os
import sys

SKIPPED = 77  # ctest's SKIP_RETURN_CODE.


def skip(what, reason):
    """With CHATGATE_REQUIRE_INTEROP=1, as in continuous integration, this is a failure."""
    print(f"SKIPPED {what}: {reason}")
    if os.environ.get("CHATGATE_REQUIRE_INTEROP") == "1":
        print("CHATGATE_REQUIRE_INTEROP=1: nothing may be skipped")
        sys.exit(1)
    sys.exit(SKIPPED)
