"""Red Hat's names for its runtime images: `ubi9/openjdk-21`, `python-312`, `dotnet-80-runtime`."""

import re
from collections.abc import Mapping

OWNERS = re.compile(r"(?:ubi|rhel|rhscl|sclorg|openjdk)\d*(?:-minimal)?")

_NAME = re.compile(r"(openjdk|python|nodejs|dotnet|ruby|php|perl|nginx|httpd)-(\d{1,3})(?![\d.])")
_LANGUAGES: Mapping[str, str] = {
    "openjdk": "java",
    "python": "python",
    "nodejs": "nodejs",
    "dotnet": "dotnet",
    "ruby": "~Ruby",
    "php": "~PHP",
    "perl": "~Perl",
    "nginx": "~nginx",
    "httpd": "~Apache httpd",
}


def runtime(name: str) -> tuple[str, str | None] | None:
    """Language and version of an image or component name: (`python`, `3.12`) of `python-312`."""
    if name.startswith("go-toolset"):
        return "go", None
    match = _NAME.match(name)
    if match is None:
        return None
    language = _LANGUAGES[match[1]]
    return language, _version(language, match[2])


def owned(name: str) -> tuple[str, str | None] | None:
    """Like `runtime`, for a name with its owner: `ubi9/python-312`; None for other owners."""
    owner, slash, rest = name.rpartition("/")
    return runtime(rest) if slash and OWNERS.fullmatch(owner) else None


def _version(language: str, digits: str) -> str | None:
    if language == "python":  # 27, 36, 39, 312: the first digit is the major version
        return f"{digits[0]}.{digits[1:]}" if len(digits) > 1 else None
    if language == "dotnet":  # 31, 60, 80, 100: the last digit is the minor version
        return f"{digits[:-1]}.{digits[-1]}" if len(digits) > 1 else None
    return None if language.startswith("~") else digits
