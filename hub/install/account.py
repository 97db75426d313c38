"""Doing a part of the work as the hub's account: it wrote the settings, so root must not obey them
(they name plugins to load)."""

from __future__ import annotations

import os
import pwd
import traceback
from collections.abc import Callable

from hub.install.machine import ACCOUNT, Failed


def as_account(work: Callable[[], bytes]) -> bytes:
    """What `work` answers in a process of the account. Raises Failed with what it said last."""
    account = pwd.getpwnam(ACCOUNT)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _work(work, account, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        said = stream.read()
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0:
        raise Failed(said.decode(errors="replace") or f"a process of {ACCOUNT} was ended")
    return said


def _work(work: Callable[[], bytes], account: pwd.struct_passwd, writing: int) -> None:
    """Never returns: nothing of the parent's is run or closed here."""
    code = 1
    try:
        os.setgroups([])
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)
        answer, code = work(), 0
    except BaseException as error:
        answer = (str(error) or traceback.format_exc()).encode()
    with os.fdopen(writing, "wb") as stream:
        stream.write(answer)
    os._exit(code)
