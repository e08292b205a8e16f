"""The node agent: sees what runs in the pods of its node, and traces Go through eBPF."""
