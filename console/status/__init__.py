"""How an installation is: documents in, a frozen Status out, rendering apart from both."""
