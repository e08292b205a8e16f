"""Go: nothing goes into the container; the node agent traces the process through eBPF."""

from webhook.language import Delivery, Language

GO = Language(name="go", title="Go", delivery=Delivery.NODE_AGENT, oldest=(1, 19))
