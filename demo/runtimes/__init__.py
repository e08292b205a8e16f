"""The five languages on this machine.

One module each, which finds or fetches a runtime and builds the language's service with it.
"""

from demo.runtimes import dotnet, go, java, nodejs, python
from demo.runtimes.model import Language

# In the order in which they are worth starting: Java takes longest.
LANGUAGES: tuple[Language, ...] = (
    java.JAVA,
    nodejs.NODEJS,
    python.PYTHON,
    go.GO,
    dotnet.DOTNET,
)
