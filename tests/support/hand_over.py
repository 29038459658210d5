"""Becomes a program that is started as systemd starts one with a socket unit (sd_listen_fds(3)):

    hand_over.py DESCRIPTOR... -- PROGRAM ARGUMENTS

The listening sockets become descriptors 3 and up."""

import fcntl
import os
import sys

FIRST = 3

end = sys.argv.index("--")
given = [int(number) for number in sys.argv[1:end]]
# Out of each other's way first.
apart = [fcntl.fcntl(number, fcntl.F_DUPFD, 100) for number in given]
for place, number in enumerate(apart, FIRST):
    os.dup2(number, place)  # inheritable
    os.close(number)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(given)))
os.execvp(sys.argv[end + 1], sys.argv[end + 1:])
