"""What strace saw of processes: their files as a power cut would leave them, and the frames that they sent.

Strict on our side: a write is on disk only when an fsync or fdatasync of its file that began after the write had ended has
ended itself; of a rename or removal the same is true with the folder. What a new file's own sync brings is its name too, as
on ext4 and XFS. Memory that is mapped is not seen: SQLite's -shm is left out, which is rebuilt from the -wal.
"""

import codecs
import os
import pathlib
import re
import struct

CALLS = ("openat,creat,write,pwrite64,writev,pwritev,fsync,fdatasync,ftruncate,fallocate,rename,renameat,renameat2,unlink,unlinkat,"
         "sendmsg,sendto,msync,copy_file_range,sendfile")

LINE = re.compile(r"^(\d+) +(.*)$")
DESCRIPTOR = re.compile(r"^(\d+|AT_FDCWD)<(.*?)>(?=[,)]|$)")
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"(\.\.\.)?')
SOCKET = re.compile(r"^UNIX-STREAM:\[(\d+)(?:->(\d+))?")  # without a peer while the other side has not accepted it


def command(output):
    return ["strace", "-f", "-yy", "-s", "100000000", "-qq", "-e", f"trace={CALLS}", "-e", "signal=none", "-o", str(output)]


def unpack(data, at=0):
    """One msgpack value, and where it ends."""
    tag = data[at]
    at += 1
    if tag < 0x80 or tag >= 0xE0:
        return tag if tag < 0x80 else tag - 256, at
    if tag in (0xC0, 0xC2, 0xC3):
        return {0xC0: None, 0xC2: False, 0xC3: True}[tag], at
    numbers = {0xCA: ">f", 0xCB: ">d", 0xCC: ">B", 0xCD: ">H", 0xCE: ">I", 0xCF: ">Q", 0xD0: ">b", 0xD1: ">h", 0xD2: ">i", 0xD3: ">q"}
    if tag in numbers:
        return struct.unpack_from(numbers[tag], data, at)[0], at + struct.calcsize(numbers[tag])
    lengths = {0xC4: ">B", 0xC5: ">H", 0xC6: ">I", 0xD9: ">B", 0xDA: ">H", 0xDB: ">I", 0xDC: ">H", 0xDD: ">I", 0xDE: ">H", 0xDF: ">I"}
    if tag in lengths:
        count = struct.unpack_from(lengths[tag], data, at)[0]
        at += struct.calcsize(lengths[tag])
    else:
        count = tag & (0x1F if 0xA0 <= tag < 0xC0 else 0x0F)
    if tag in (0xC4, 0xC5, 0xC6):
        return data[at:at + count], at + count
    if 0xA0 <= tag < 0xC0 or tag in (0xD9, 0xDA, 0xDB):
        return data[at:at + count].decode(errors="surrogateescape"), at + count
    if 0x90 <= tag < 0xA0 or tag in (0xDC, 0xDD):
        items = []
        for _ in range(count):
            item, at = unpack(data, at)
            items.append(item)
        return items, at
    if 0x80 <= tag < 0x90 or tag in (0xDE, 0xDF):
        members = {}
        for _ in range(count):
            key, at = unpack(data, at)
            members[key], at = unpack(data, at)
        return members, at
    raise ValueError(f"msgpack tag {tag:#x}")


class File:
    def __init__(self, durable=None):
        self.now = bytearray(durable or b"")
        self.durable = durable  # None: never synced


class Disk:
    """The files below some folders."""

    def __init__(self, folders):
        self.folders = tuple(str(folder) + "/" for folder in folders)
        self.names, self.durable_names = {}, {}
        for folder in self.folders:
            for path in pathlib.Path(folder).rglob("*"):
                if path.is_file():
                    self.names[str(path)] = self.durable_names[str(path)] = File(path.read_bytes())
        self.version = 0

    def ours(self, path):
        return path.startswith(self.folders) and not path.endswith(("-shm", " (deleted)"))

    def durable(self, path):
        file = self.durable_names.get(str(path))
        return None if file is None else file.durable

    def write(self, path, data, offset=None):
        now = self.names.setdefault(path, File()).now
        offset = len(now) if offset is None else offset
        now.extend(bytes(max(0, offset - len(now))))
        now[offset:offset + len(data)] = data

    def truncate(self, path, size):
        now = self.names.setdefault(path, File()).now
        del now[size:]
        now.extend(bytes(size - len(now)))

    def begin_sync(self, path):
        if path in self.names:
            return self.names[path], bytes(self.names[path].now)
        return {name: file for name, file in self.names.items() if os.path.dirname(name) == path}

    def end_sync(self, path, begun):
        self.version += 1
        if isinstance(begun, tuple):
            file, content = begun
            if file.durable is None:
                self.durable_names[path] = file
            file.durable = content
            return
        for name in [name for name in self.durable_names if os.path.dirname(name) == path and name not in begun]:
            del self.durable_names[name]
        self.durable_names.update(begun)

    def lay_out(self, select=lambda path: True):
        """path → content, after a power cut."""
        return {path: file.durable or b"" for path, file in self.durable_names.items() if select(path)}


class Recording:
    """Goes through strace's output. on_frame(sender, receiver, is_server, frame) is called when a send begins, with the disk as
    it is then; sender and receiver are numbers of sockets."""

    def __init__(self, disk, on_frame):
        self.disk = disk
        self.on_frame = on_frame
        self.begun = {}
        self.streams = {}
        self.frames = 0

    def read(self, output):
        with open(output, encoding="latin-1") as lines:
            for line in lines:
                pid, text = LINE.match(line.rstrip("\n")).groups()
                if text.startswith("<... "):
                    name, rest = re.match(r"<\.\.\. (\w+) resumed>(.*)", text).groups()
                    entry, sync = self.begun.pop(pid, (None, None))
                    if entry is not None:
                        self.end(name, entry + rest, sync)
                elif (call := re.match(r"(\w+)\((.*)", text)) is not None:
                    name, arguments = call.groups()
                    unfinished = arguments.endswith("<unfinished ...>")
                    if unfinished:
                        arguments = arguments[:-len("<unfinished ...>")].rstrip()
                    sync = self.begin(name, arguments)
                    if unfinished:
                        self.begun[pid] = (arguments, sync)
                    else:
                        self.end(name, arguments, sync)

    def split(self, arguments):
        """The path or socket of the first argument, and what follows it."""
        found = DESCRIPTOR.match(arguments)
        return (found.group(2), arguments[found.end():]) if found else ("", arguments)

    def strings(self, text):
        data = []
        for found in STRING.finditer(text):
            if found.group(2):
                raise ValueError("strace cut a string short")
            data.append(codecs.escape_decode(found.group(1).encode("latin-1"))[0])
        return data

    def begin(self, name, arguments):
        target, rest = self.split(arguments)
        if name in ("fsync", "fdatasync"):
            return self.disk.begin_sync(target) if self.disk.ours(target + "/x") or self.disk.ours(target) else None
        if name in ("msync", "copy_file_range", "sendfile") and self.disk.ours(target):
            raise ValueError(f"{name} of {target}: this recording cannot follow it")
        socket = SOCKET.match(target)
        if socket and name in ("sendmsg", "sendto", "write", "writev"):
            body = rest if name != "sendmsg" else rest.split("msg_iov=", 1)[1].split("msg_controllen", 1)[0]
            self.sent(*socket.groups(), "server.sock" in target, b"".join(self.strings(body)))
        return None

    def sent(self, sender, receiver, is_server, data):
        stream = self.streams.setdefault(sender, bytearray())
        stream += data
        while len(stream) >= 4:
            size = int.from_bytes(stream[:4], "big")
            if len(stream) < 4 + size:
                return
            try:
                frame, _ = unpack(bytes(stream[4:4 + size]))
            except (ValueError, IndexError, struct.error):
                stream.clear()  # no frames: a log
                return
            del stream[:4 + size]
            if isinstance(frame, list) and len(frame) >= 2 and isinstance(frame[0], int):
                self.frames += 1
                self.on_frame(sender, receiver, is_server, frame)

    def end(self, name, text, sync):
        arguments, _, result = text.rpartition(" = ")
        arguments = arguments.rstrip()
        if result.startswith(("-1", "?")):
            return
        target, rest = self.split(arguments)
        disk = self.disk
        if name in ("fsync", "fdatasync"):
            if sync is not None:
                disk.end_sync(target, sync)
        elif name in ("openat", "creat"):
            opened = re.match(r"\d+<(.*)>$", result)
            path = opened.group(1) if opened else ""
            if disk.ours(path) and ("O_CREAT" in rest or "O_TRUNC" in rest):
                disk.names.setdefault(path, File())
                if "O_TRUNC" in rest:
                    disk.truncate(path, 0)
        elif name in ("rename", "renameat", "renameat2"):
            old, new = [s.decode() for s in self.strings(re.sub(r"<[^>]*>", "", arguments))][:2]
            if old in disk.names:
                disk.names[new] = disk.names.pop(old)
        elif name in ("unlink", "unlinkat"):
            disk.names.pop(self.strings(re.sub(r"<[^>]*>", "", arguments))[0].decode(), None)
        elif disk.ours(target):
            count = int(result.split()[0])
            if name in ("write", "writev"):
                disk.write(target, b"".join(self.strings(rest))[:count])
            elif name in ("pwrite64", "pwritev"):
                disk.write(target, b"".join(self.strings(rest))[:count], int(re.search(r", (\d+)\)$", arguments).group(1)))
            elif name == "ftruncate":
                disk.truncate(target, int(re.search(r", (\d+)\)$", arguments).group(1)))
            elif name == "fallocate":
                offset, length = map(int, re.search(r", (\d+), (\d+)\)$", arguments).groups())
                if len(disk.names.setdefault(target, File()).now) < offset + length:
                    disk.truncate(target, offset + length)
