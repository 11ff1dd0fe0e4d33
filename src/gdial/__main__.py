"""`python -m gdial` is `gdial`."""

from gdial.cli.main import run

if __name__ == "__main__":
    run()
