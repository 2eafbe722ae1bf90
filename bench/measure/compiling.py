"""Rows of what the C++ SDK costs a compiler: CPU seconds (user and system, of the driver and all that it starts) for the precompiled
header, for an empty main with it, for the proof of concept's DAG file, and for a further task. Flags are those of the C++ lane (src/lanes/cpp).

Each figure is the least of several runs: what others do on the machine can only add to it.
"""

import pathlib
import resource
import subprocess

from support.venturi import BIN

ROOT = pathlib.Path(__file__).resolve().parents[2]
ARCHIVE = BIN.parent / "src" / "sdk" / "libventuri.a"
DAG_FILE = ROOT / "examples/order_quality/order_quality.cpp"
LLD = "/usr/lib/llvm-19/bin"  # where Debian has the linker that g++ is pointed to

TASK = """
std::int64_t step_{n}(const Context& context, std::int64_t value) {{
  context.log().info("step ", value);
  return value + {n};
}}
"""
DAG_OF_TASKS = """#include <venturi/dag.h>
using namespace venturi;
using namespace std::chrono_literals;
{functions}
VENTURI_DAG(chain_of_{count}, {{.schedule = "@daily", .start_date = "2026-01-01", .default_args = {{.retries = 2, .retry_delay = 30s}}}}) {{
  auto v0 = dag.constant("start", std::int64_t{{1}});
{tasks}
}}
"""


def dag_of_tasks(count):
    functions = "".join(TASK.format(n=n) for n in range(1, count + 1))
    tasks = "\n".join(f"  auto v{n} = dag.task<step_{n}>({{.retries = {n}, .execution_timeout = 10min}})(v{n - 1});"
                      for n in range(1, count + 1))
    return DAG_OF_TASKS.format(functions=functions, tasks=tasks + f"\n  v{count} >> dag.empty(\"end\");", count=count)


class Compiler:
    def __init__(self, program, work, runs):
        self.program, self.work, self.runs = program, work, runs
        self.clang = program.startswith("clang")
        self.work.mkdir()
        include = ROOT / "include"
        self.flags = ["-std=c++20", "-O1", "-static", "-fdiagnostics-color=never", "-isystem", str(include)]
        self.header = self.work / "venturi_sdk.h"
        self.header.write_text("".join(f"#include <venturi/{h.name}>\n" for h in sorted((include / "venturi").glob("*.h"))))

    def cpu_seconds(self, arguments, runs):
        least = None
        for _ in range(runs):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            done = subprocess.run([self.program, *self.flags, *map(str, arguments)], capture_output=True, text=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            if done.returncode != 0:
                raise RuntimeError(f"{self.program} failed:\n{done.stderr}")
            spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            least = spent if least is None else min(least, spent)
        return least

    def precompile(self):
        extra = ["-fpch-instantiate-templates"] if self.clang else []
        out = str(self.header) + (".pch" if self.clang else ".gch")
        return self.cpu_seconds([*extra, "-x", "c++-header", self.header, "-o", out], min(self.runs, 3))

    def program_of(self, source):
        lld = ["-fuse-ld=lld"] if self.clang else ["-B" + LLD, "-fuse-ld=lld"]
        return self.cpu_seconds(["-include", self.header, "-o", self.work / "program", source, ARCHIVE,
                                 "-Wl,--gc-sections,--strip-debug", *lld], self.runs)

    def text(self, name, text):
        path = self.work / f"{name}.cpp"
        path.write_text(text)
        return path


def sdk(name, program):
    """The measurement of one compiler, whose rows end in its name."""
    def measure(bench):
        few, many = 10, 40
        compiler = Compiler(program, bench.fresh(f"sdk_{name}"), 2 if bench.quick else 7)
        header = compiler.precompile()
        empty = compiler.program_of(compiler.text("empty", "int main() {}\n"))
        of_few = compiler.program_of(compiler.text("few", dag_of_tasks(few)))
        of_many = compiler.program_of(compiler.text("many", dag_of_tasks(many)))
        return {f"sdk_header_{name}_s": {"value": header},
                f"sdk_empty_main_{name}_s": {"value": empty},
                f"sdk_dag_file_{name}_s": {"value": compiler.program_of(DAG_FILE) - empty},
                f"sdk_task_{name}_ms": {"value": 1000 * (of_many - of_few) / (many - few)}}
    return measure


def sdk_rows(name):
    return [f"sdk_header_{name}_s", f"sdk_empty_main_{name}_s", f"sdk_dag_file_{name}_s", f"sdk_task_{name}_ms"]
