"""Instrumentations that have to wait until the application has come to a certain point."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from typing import Any

# Module, class and method before whose first call the library is instrumented.
#
# django: reads the settings, and where DJANGO_SETTINGS_MODULE is not set yet puts Django's defaults
# in their place for good. manage.py and wsgi.py set it in their first lines, which come after us.
UNTIL = {"django": ("django.core.handlers.base", "BaseHandler", "load_middleware")}


def call_before(module: str, owner: str, method: str, call: Callable[[], None]) -> None:
    """Call `call` once, before the first call of a method; nothing is imported for it now."""

    def wrap(imported: Any) -> None:
        cls = getattr(imported, owner)
        original = getattr(cls, method)

        @functools.wraps(original)
        def wrapper(*arguments: Any, **named: Any) -> Any:
            setattr(cls, method, original)
            call()
            return original(*arguments, **named)

        setattr(cls, method, wrapper)

    importlib.import_module("wrapt").register_post_import_hook(wrap, module)
