"""A process that writes more than it may."""

import sys
from dataclasses import replace

from bot.media.process import answer, hand_over
from bot.media.trim import TRIM

if __name__ == "__main__":
    answer(replace(TRIM, written=1_000), lambda: hand_over(memoryview(bytes(2_000)), int(sys.argv[2])))
