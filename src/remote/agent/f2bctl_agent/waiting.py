"""Waits in the middle of a request; whoever follows something on this connection has turns meanwhile.

Boundary: what is waited for goes on whatever happens here: a connection that sends nonsense counts as one that has ended.
"""

import os
import select
import subprocess
import time

from f2bctl_agent.loop import SESSION

READ_BYTES = 64 * 1024


def pause(seconds):
    """Waits so long."""
    until = time.monotonic() + seconds
    while not _is_over(until):
        _look(until, None)


def output_of(process, seconds):
    """What a process writes until it ends; subprocess.TimeoutExpired if that takes longer."""
    until = time.monotonic() + seconds
    pieces = [b" "]
    while pieces[-1]:
        if _is_over(until):
            raise subprocess.TimeoutExpired(process.args, seconds)
        if _look(until, process.stdout):
            pieces.append(os.read(process.stdout.fileno(), READ_BYTES))
    process.stdout.close()
    process.wait(max(0, until - time.monotonic()))
    return b"".join(pieces[1:])


def _is_over(until):
    return time.monotonic() >= until


def _look(until, file):
    """Waits until something happens, no longer than to a moment; whether `file` can be read."""
    left = max(0, until - time.monotonic())
    if "conversation" not in SESSION:
        return bool(select.select([file] if file else [], [], [], left)[0])
    try:
        return SESSION["conversation"].look(left, file)
    except Exception:
        SESSION["conversation"].ended = True
        return False
