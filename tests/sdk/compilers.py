"""The two compilers that DAG files are written for, with the SDK's header precompiled once for each and for its flags."""

import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
STRICT = ["-Wall", "-Wextra", "-Wshadow", "-Werror"]


class Compiler:
    def __init__(self, program, folder, flags=()):
        self.program, self.clang = program, "clang" in program
        self.flags = ["-std=c++20", "-fdiagnostics-color=never", *flags, "-I", str(ROOT / "include")]
        work = pathlib.Path(folder) / program
        work.mkdir(parents=True, exist_ok=True)
        self.header = work / "sdk.h"
        self.header.write_text("#include <venturi/dag.h>\n")
        done = self.run("-x", "c++-header", self.header, "-o", f"{self.header}{'.pch' if self.clang else '.gch'}")
        if done.returncode != 0:
            raise RuntimeError(f"{program} refuses the SDK's header:\n{done.stderr}")

    def run(self, *arguments):
        return subprocess.run([self.program, *self.flags, *map(str, arguments)], capture_output=True, text=True)

    def check(self, source, *more):
        """Reads one source file without making anything of it."""
        return self.run("-fsyntax-only", "-include", self.header, *more, source)


def both(folder, flags=()):
    return [Compiler(program, folder, flags) for program in ("clang++-19", "g++")]
