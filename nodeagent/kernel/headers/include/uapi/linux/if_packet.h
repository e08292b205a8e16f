/* Included by bcc's helpers, used by none of ours. */
