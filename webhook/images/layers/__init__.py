"""What an image's layers tell of the program that a container of it starts.

Names, and the first bytes of a few files: enough to know an entry program of machine code, to look
through scripts and links, and to read versions from where runtimes keep them. Nothing here reads
a layer: `survey` says what it wants, and is fed.
"""

from webhook.images.layers.findings import Findings
from webhook.images.layers.start import Start
from webhook.images.layers.survey import Survey

__all__ = ["Findings", "Start", "Survey"]
