"""Looks for a token of 80 hex digits, known by its SHA-256 alone, wherever a process of this user can look."""
import ctypes
import hashlib
import os
import re
import subprocess
import sys

wanted = sys.argv[1]
shape = re.compile(rb"(?<![0-9a-f])[0-9a-f]{80}(?![0-9a-f])")
mine = os.getpid()


def has_token(data):
    return any(hashlib.sha256(found).hexdigest() == wanted for found in shape.findall(data))


def read(path, limit=64 << 20):
    with open(path, "rb") as file:
        return file.read(limit)


def tell(place, found):
    print(f"thief: {place}: {found or 'nothing'}", flush=True)


def processes():
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) != mine]


def files():
    for folder, folders, names in os.walk("/"):
        folders[:] = [name for name in folders if os.path.join(folder, name) not in ("/proc", "/sys", "/dev")]
        if folder.startswith("/usr"):
            folders[:] = []
            continue
        for name in names:
            path = os.path.join(folder, name)
            try:
                # A FIFO is opened without waiting for its writer.
                handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
            except OSError:
                continue
            try:
                data = os.read(handle, 16 << 20)
            except OSError:
                continue
            finally:
                os.close(handle)
            if has_token(data):
                return f"found in {path}"


def of_processes(name):
    for process in processes():
        try:
            if has_token(read(f"/proc/{process}/{name}")):
                return f"found in process {process}"
        except OSError:
            pass


def memory():
    for process in processes():
        try:
            maps = read(f"/proc/{process}/maps").decode()
            with open(f"/proc/{process}/mem", "rb", 0) as file:
                for line in maps.splitlines():
                    span, rights = line.split()[:2]
                    start, end = (int(part, 16) for part in span.split("-"))
                    if not rights.startswith("rw") or end - start > 256 << 20:
                        continue
                    try:
                        file.seek(start)
                        if has_token(file.read(end - start)):
                            return f"found in process {process}"
                    except OSError:
                        pass
        except OSError:
            pass


def ptrace():
    libc = ctypes.CDLL(None, use_errno=True)
    seize = 0x4206
    agents = [p for p in processes() if b"main.js" in read(f"/proc/{p}/cmdline")]
    if not agents:
        return "no agent to be seen"
    taken = [p for p in agents if libc.ptrace(seize, p, None, None) == 0]
    return f"traces {taken}" if taken else "refused"


def open_files():
    for process in processes():
        folder = f"/proc/{process}/fd"
        try:
            handles = os.listdir(folder)
        except OSError:
            continue
        for name in handles:
            path = f"{folder}/{name}"
            try:
                if not os.path.isfile(path):
                    continue
                if has_token(read(path)):
                    return f"found in {os.readlink(path)} of process {process}"
            except OSError:
                pass


def output(*command):
    try:
        run = subprocess.run(command, capture_output=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return "found" if has_token(run.stdout + run.stderr) else None


def cloud_init():
    queries = (["query", "userdata"], ["query", "--all"], ["query", "ds"])
    return next(filter(None, (output("cloud-init", *query) for query in queries)), None)


tell("files", files())
tell("environments", of_processes("environ"))
tell("command-lines", of_processes("cmdline"))
tell("memory", memory())
tell("ptrace", ptrace())
tell("open-files", open_files())
tell("journal", output("journalctl", "--no-pager", "--all"))
tell("cloud-init", cloud_init())
tell("kernel-log", output("dmesg"))
