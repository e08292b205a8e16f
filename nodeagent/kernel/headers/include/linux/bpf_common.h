/* Classic BPF's instruction macros: nothing of ours uses them. */
