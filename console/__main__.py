"""`python -m console` is `spanhook`."""

from console.main import main

if __name__ == "__main__":
    main()
