/* bcc brings its own, newer than most kernels', and includes it before this one. */
