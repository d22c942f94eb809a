"""What a worker process takes from itself before it touches a stranger's file.

A decoder that is tricked by a file can then not reach the network, not write to any file, not use up the machine's
memory and not look into other processes. On systems other than Linux only the limits on resources apply, as far as
there are any.
"""

from __future__ import annotations

import ctypes
import platform
import struct
import sys
from contextlib import suppress

__all__ = ["enter"]

OPEN_FILES = 256
"""A worker needs its pipes, its libraries and a PDF renderer's pipes: some dozens."""

_PR_SET_SECCOMP = 22
_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_MODE_FILTER = 2
_ALLOW = 0x7FFF0000
_REFUSE = 0x00050000 | 1  # the call fails with EPERM
_KILL = 0x80000000

_LOAD = 0x20  # BPF_LD | BPF_W | BPF_ABS
_IF_EQUAL = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
_IF_AT_LEAST = 0x35  # BPF_JMP | BPF_JGE | BPF_K
_RETURN = 0x06  # BPF_RET | BPF_K
_AT_CALL, _AT_ARCHITECTURE = 0, 4  # offsets in struct seccomp_data

_OTHER_ABI = 0x40000000
"""Calls of x86's x32 ABI have this bit, and would get round the numbers below."""

# Architecture's name -> its number in linux/audit.h, and of the calls socket, ptrace, process_vm_readv,
# process_vm_writev, io_uring_setup (which can open sockets of its own).
_CALLS = {
    "x86_64": (0xC000003E, (41, 101, 310, 311, 425)),
    "aarch64": (0xC00000B7, (198, 117, 270, 271, 425)),
}


def enter(megabytes: int) -> bool:
    """Give up what reading a file does not need; there is no way back.

    Args:
        megabytes: Address space that this process, and each that it starts, may use.

    Returns:
        Whether the network is out of reach from now on.
    """
    _limit_resources(megabytes)
    return sys.platform == "linux" and _filter_calls()


def _limit_resources(megabytes: int) -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    for what, most in (
        (resource.RLIMIT_AS, megabytes * 1_000_000),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_FSIZE, 0),  # pipes have no size
        (resource.RLIMIT_CORE, 0),  # a core dump would hold the picture
    ):
        with suppress(ValueError, OSError):  # a lower limit is set already, or macOS does not know this one
            resource.setrlimit(what, (most, most))


def _filter_calls() -> bool:
    known = _CALLS.get(platform.machine())
    if known is None:
        return False
    architecture, refused = known
    refusals = len(refused) + 1
    program = [
        (_LOAD, 0, 0, _AT_ARCHITECTURE),
        (_IF_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _AT_CALL),
        (_IF_AT_LEAST, refusals, 0, _OTHER_ABI),
        *((_IF_EQUAL, refusals - 1 - number, 0, call) for number, call in enumerate(refused)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    code = b"".join(struct.pack("HBBI", *instruction) for instruction in program)
    buffer = ctypes.create_string_buffer(code, len(code))

    class Program(ctypes.Structure):  # struct sock_fprog
        _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))

    filter_program = Program(len(program), ctypes.addressof(buffer))
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
    if prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return bool(prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(filter_program), 0, 0) == 0)
