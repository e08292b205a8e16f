// The same entry point for `--import`; bootstrap.js knows when it was loaded already.
import './bootstrap.js'
