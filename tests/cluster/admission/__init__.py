"""Pods created in a real API server with everything that stands around our webhook there.

The question of most tests is the same: is a pod that is accepted without us accepted with us, and
is it the same pod but for what we add? So pods are created twice, in twin namespaces of which our
webhook serves one.
"""

import pytest

pytest.register_assert_rewrite(f"{__name__}.twins")
