"""What runs in the containers of this node, as /proc shows it, and how the cluster gets to know."""
