"""find_package(venturi): the sdk component is installed into an empty prefix, a project of a user's finds it there and builds a DAG
program with each compiler, and the program describes its DAG to a supervisor."""

import os
import pathlib
import socket
import struct
import subprocess
import tempfile
import unittest

BUILD = pathlib.Path(os.environ["VENTURI_BIN"]).parent
PROJECT = """cmake_minimum_required(VERSION 3.25)
project(mine LANGUAGES CXX)
find_package(venturi 0.1 REQUIRED)
venturi_add_dag(mine mine.cpp)
target_compile_options(mine PRIVATE -Wall -Wextra -Werror)
"""
SOURCE = """#include <venturi/dag.h>
using namespace venturi;

std::int64_t extract() { return 21; }
std::int64_t twice(std::int64_t n) { return 2 * n; }

VENTURI_DAG(mine, {.schedule = "@daily", .start_date = "2026-01-01"}) { dag.task<twice>()(dag.task<extract>()); }
"""


def packed(value):
    """msgpack, as far as the request below needs it."""
    if value is None:
        return b"\xc0"
    if isinstance(value, int):
        return bytes([value])
    if isinstance(value, str):
        return bytes([0xd9, len(value.encode())]) + value.encode()
    if isinstance(value, list):
        return bytes([0x90 | len(value)]) + b"".join(map(packed, value))
    return bytes([0x80 | len(value)]) + b"".join(packed(key) + packed(member) for key, member in value.items())


def frame(number, body):
    data = packed([number, body, None])
    return struct.pack(">I", len(data)) + data


def exactly(channel, size):
    data = b""
    while len(data) < size:
        more = channel.recv(size - len(data))
        if not more:
            raise EOFError("the program closed its channel")
        data += more
    return data


class PackageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="venturi_sdk_")
        cls.work = pathlib.Path(cls.folder.name)
        cls.run_tool("cmake", "--install", BUILD, "--component", "sdk", "--prefix", cls.work / "prefix")
        (cls.work / "CMakeLists.txt").write_text(PROJECT)
        (cls.work / "mine.cpp").write_text(SOURCE)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @staticmethod
    def run_tool(*arguments):
        done = subprocess.run([str(a) for a in arguments], capture_output=True, text=True)
        if done.returncode != 0:
            raise AssertionError(f"{arguments}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def program(self, compiler):
        build = self.work / compiler
        self.run_tool("cmake", "-S", self.work, "-B", build, "-G", "Ninja", f"-DCMAKE_CXX_COMPILER={compiler}",
                      f"-DCMAKE_PREFIX_PATH={self.work / 'prefix'}", "-DCMAKE_BUILD_TYPE=Release")
        self.run_tool("cmake", "--build", build)
        return build / "mine"

    def test_nothing_but_the_sdk_is_installed(self):
        for path in (self.work / "prefix").rglob("*"):
            self.assertIn(path.suffix, ("", ".h", ".a", ".cmake", ".pc"), path)
        # A header that names a path of the machine it was built on would work on no other.
        for path in (self.work / "prefix").rglob("*.cmake"):
            self.assertNotIn(str(BUILD), path.read_text(), path)

    def test_a_project_builds_with_each_compiler(self):
        for compiler in ("g++", "clang++-19"):
            with self.subTest(compiler=compiler):
                program = self.program(compiler)
                told = self.run_tool(program)
                self.assertIn("mine  (schedule @daily)", told)
                self.assertIn("extract  (function) -> twice", told)
                self.assert_describes_itself(program)

    def assert_describes_itself(self, program):
        mine, theirs = socket.socketpair()
        with mine:
            child = subprocess.Popen([program], stdin=theirs)
            theirs.close()
            mine.sendall(frame(0, {"type": "DagFileParseRequest", "file": "/dags/mine.cpp", "bundle_path": "/dags",
                                   "bundle_name": "dags-folder", "callback_requests": []}))
            answer = exactly(mine, struct.unpack(">I", exactly(mine, 4))[0])
            mine.sendall(frame(answer[1], None))
            self.assertEqual(child.wait(), 0)
        self.assertIn(b"DagFileParsingResult", answer)
        self.assertIn(b"0 0 * * *", answer)


if __name__ == "__main__":
    unittest.main()
