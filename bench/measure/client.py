"""A client of the home's socket, as the command line is one (src/server/commands.h), without a process for each command.

A frame is a 4-byte big-endian length and a msgpack array [id, body] or [id, body, error] (docs/architecture/task-host.md).
"""

import os
import socket
import struct


def pack(value):
    if value is None:
        return b"\xc0"
    if isinstance(value, bool):
        return b"\xc3" if value else b"\xc2"
    if isinstance(value, int):
        return struct.pack(">Bq", 0xD3, value)
    if isinstance(value, str):
        data = value.encode()
        return struct.pack(">BI", 0xDB, len(data)) + data
    if isinstance(value, (list, tuple)):
        return struct.pack(">BI", 0xDD, len(value)) + b"".join(map(pack, value))
    if isinstance(value, dict):
        return struct.pack(">BI", 0xDF, len(value)) + b"".join(pack(k) + pack(v) for k, v in value.items())
    raise TypeError(f"a command cannot hold a {type(value).__name__}")


class Unpacker:
    FIXED = {0xC0: None, 0xC2: False, 0xC3: True}
    NUMBERS = {0xCA: ">f", 0xCB: ">d", 0xCC: ">B", 0xCD: ">H", 0xCE: ">I", 0xCF: ">Q", 0xD0: ">b", 0xD1: ">h", 0xD2: ">i", 0xD3: ">q"}
    LENGTHS = {0xC4: (">B", bytes), 0xC5: (">H", bytes), 0xC6: (">I", bytes), 0xD9: (">B", str), 0xDA: (">H", str), 0xDB: (">I", str),
               0xDC: (">H", list), 0xDD: (">I", list), 0xDE: (">H", dict), 0xDF: (">I", dict)}

    def __init__(self, data):
        self.data = data
        self.at = 0

    def take(self, size):
        self.at += size
        return self.data[self.at - size:self.at]

    def number(self, form):
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]

    def value(self):
        tag = self.take(1)[0]
        if tag < 0x80:
            return tag
        if tag >= 0xE0:
            return tag - 0x100
        if tag < 0xC0:
            kind, size = (dict, tag & 0xF) if tag < 0x90 else (list, tag & 0xF) if tag < 0xA0 else (str, tag & 0x1F)
            return self.of(kind, size)
        if tag in self.FIXED:
            return self.FIXED[tag]
        if tag in self.NUMBERS:
            return self.number(self.NUMBERS[tag])
        form, kind = self.LENGTHS[tag]
        return self.of(kind, self.number(form))

    def of(self, kind, size):
        if kind is dict:
            return {self.value(): self.value() for _ in range(size)}
        if kind is list:
            return [self.value() for _ in range(size)]
        data = self.take(size)
        return data.decode() if kind is str else data


class CommandRefused(Exception):
    pass


class Client:
    def __init__(self, home):
        folder = os.open(home / "run", os.O_PATH)  # an address has no room for a long path
        self.socket = socket.socket(socket.AF_UNIX)
        try:
            self.socket.connect(f"/proc/self/fd/{folder}/server.sock")
        except OSError:
            self.socket.close()
            raise
        finally:
            os.close(folder)
        self.next_id = 1

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send(self, command, **members):
        body = pack([self.next_id, {"type": "Command", "command": command, **members}])
        self.next_id += 1
        self.socket.sendall(struct.pack(">I", len(body)) + body)

    def read(self, size):
        data = b""
        while len(data) < size:
            more = self.socket.recv(size - len(data))
            if not more:
                raise ConnectionError("the server closed the connection")
            data += more
        return data

    def answer(self):
        answer = Unpacker(self.read(struct.unpack(">I", self.read(4))[0])).value()
        if len(answer) > 2 and answer[2] is not None:
            raise CommandRefused(str(answer[2]))
        return answer[1]

    def command(self, command, **members):
        self.send(command, **members)
        return self.answer()
