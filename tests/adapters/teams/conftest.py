"""The pictures need npm: `make pictures` draws them; without it their tests are left out."""

import os

collect_ignore = [] if os.environ.get("PICTURES") else ["test_pictures.py"]
