"""A plugin that wants to end the whole process."""

import sys

sys.exit(7)
