"""Passing traces on: a header in the requests that traced programs send, put there from outside."""
