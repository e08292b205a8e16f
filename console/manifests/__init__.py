"""Manifests as people keep them: read, checked, and changed without touching what is not ours.

A manifest's text is never written anew. Its documents are parsed into nodes that know where in the
text they stand; a patch becomes the fewest edits of that text, and the result is parsed again and
compared with what the patch gives. Comments, quoting, indentation and order survive because
nothing rewrites them.
"""
