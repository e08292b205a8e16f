"""The node agent in a cluster: whose this node's processes are, and what is done with them."""
