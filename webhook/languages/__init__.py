"""The languages that Spanhook instruments, one frozen value per module.

A new language is one module here, one line in `LANGUAGES`, rows in the tables that recognise it
(CONTRIBUTING.md lists them) and its agent under `agents/`; `tests/webhook/languages` holds what
every one of them must satisfy.
"""

from webhook.language import Language
from webhook.languages.dotnet import DOTNET
from webhook.languages.go import GO
from webhook.languages.java import JAVA
from webhook.languages.nodejs import NODEJS
from webhook.languages.python import PYTHON

LANGUAGES: tuple[Language, ...] = (JAVA, PYTHON, NODEJS, DOTNET, GO)

BY_NAME: dict[str, Language] = {language.name: language for language in LANGUAGES}
