"""Runs a shell line on a pseudo-terminal of its own, with the stream named first kept apart, if any ("stdin", "stdout").

What comes on this program's input is typed; what the terminal shows goes to its output. A stream that is kept apart is
that of descriptor 3 here. The exit code is the line's own.
"""

import fcntl
import os
import pty
import select
import struct
import sys
import termios

apart, line = sys.argv[1], sys.argv[2]
child, master = pty.fork()
if child == 0:
    if apart == "stdin":
        os.dup2(3, 0)
    if apart == "stdout":
        os.dup2(3, 1)
    os.close(3)
    os.execvp("bash", ["bash", "--norc", "-c", line])
fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
os.close(3)

typing = [0]
while True:
    ready, _, _ = select.select([master, *typing], [], [])
    if 0 in ready:
        typed = os.read(0, 65536)
        if typed:
            os.write(master, typed)
        else:
            typing = []
    if master in ready:
        try:
            shown = os.read(master, 65536)
        except OSError:
            break
        if not shown:
            break
        os.write(1, shown)
_, status = os.waitpid(child, 0)
sys.exit(os.waitstatus_to_exitcode(status) & 255)
