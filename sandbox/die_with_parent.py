"""`python -S sandbox/die_with_parent.py PID WORD…`: becomes the command WORD…, which is killed when PID ends.

However that process ends: a bot whose sandbox was killed would else run on, with nobody to end it. Only Linux can
be told so (prctl(2), PR_SET_PDEATHSIG, which lives through execve(2)); elsewhere this becomes the command, no more.
It is a program of its own, since what runs between fork and exec in a process that has threads may hang.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1

if sys.platform == "linux":
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != int(sys.argv[1]):  # it has ended already
        sys.exit(1)
os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606 - no shell is wanted
