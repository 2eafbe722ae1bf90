"""Typical mistakes in DAG files, each with what its author reads first: the import error, with both compilers. mistakes/x.cpp has one; what
stands below are the beginning of the message, and what its first lines name."""

import pathlib
import unittest

from support.case import HomeCase

FOLDER = pathlib.Path(__file__).parent / "mistakes"

# Told when the DAG is described, whatever compiled it: the whole text.
DESCRIBED = {
    "branch_to_nothing": "dag branch_to_nothing: task decide: nothing is below this branch that it could choose: write branch >> task for each choice",
    "cycle": "dag cycle: its tasks form a cycle: a -> b -> c -> a; take one of these dependencies away",
    "duplicate_task": "dag duplicate_task: two tasks have the task_id load: give each task of a DAG an id of its own",
    "missing_field": "dag missing_field: task list: BashOperator needs .bash_command: give it",
    "no_arguments": "dag no_arguments: task twice: its function has 1 parameter and got no input: give one for each in a second pair of "
                    "parentheses, dag.task<f>()(first, ...)",
    "two_dags_of_one_id": "two DAGs have the dag_id two_dags_of_one_id: give each an id of its own",
    "wrong_cron": 'dag wrong_cron, cron "0 25 * * *": hour "25" is not within 0 to 23 (hour may be 0 to 23)',
}
# Told by the compiler: place, and what the first lines name. In g++'s words where they are others.
COMPILED = {
    "wrong_type": ("wrong_type.cpp:8:", "a task takes an output of another type than its parameter",
                   "twice", "std::string", "long", "Make both the same type"),
    "missing_argument": ("missing_argument.cpp:8:", "a task gets another number of inputs than its function has parameters", "sum", "2, 1",
                         "Give one output or constant for each parameter"),
    "missing_conversion": ("missing_conversion.cpp:10:", "the result of a task's function has a type that cannot travel between tasks", "first",
                           "Order", "write VENTURI_STRUCT(Name, member, ...) below a struct of your own"),
    "field_of_another_type": ("field_of_another_type.cpp:7:", "the field of an operator takes an output of another type than its own",
                              "std::string", "long", "Make the task give that type, or convert in a task between them"),
    "unknown_option": ("unknown_option.cpp:7:", "a task has no option .retrys, perhaps .retries; all are in <venturi/task_options.h>"),
    "duration_without_unit": ("duration_without_unit.cpp:7:", "durations are written 30s or 5min, with using namespace std::chrono_literals"),
    "inputs_in_options": ("inputs_in_options.cpp:8:", "inputs stand in a second pair of parentheses: dag.task<f>()(input, ...)"),
    "lambda_without_id": ("lambda_without_id.cpp:7:", "a lambda has no name: give the task's id first, dag.task(\"id\", [...] { ... })"),
    "no_list": ("no_list.cpp:8:", "expand() takes a list: the output of a task that returns a std::vector<...> or a Value"),
    "unknown_default_arg": ("unknown_default_arg.cpp:7:", "TaskOptions", "retrys"),
    "unknown_field": ("unknown_field.cpp:5:", "BashOperator", "bash_comand"),
}
CLANG_ADDS = {"unknown_default_arg": "did you mean 'retries'?", "unknown_field": "did you mean 'bash_command'?"}
FIRST_LINES = 6
# g++ does not say from where an inherited constructor was called.
WITHOUT_PLACE = {("field_of_another_type", "g++")}


class MistakesTest(HomeCase):
    def errors_of(self, compiler):
        """name → its import error; the files stay where they are, and each compiler has a home."""
        venturi = self.make_home(compiler, VENTURI__CORE__DAGS_FOLDER=str(FOLDER), VENTURI__COMPILER__COMMAND=compiler)
        venturi.start()
        wanted = {path.stem for path in FOLDER.glob("*.cpp")}
        venturi.wait_until(lambda: len(venturi.import_errors()) == len(wanted), 300, "an import error of each file")
        found = {pathlib.Path(path).stem: text for path, text in venturi.import_errors().items()}
        venturi.stop()
        self.assertEqual(set(found), wanted)
        self.assertEqual(wanted, set(DESCRIBED) | set(COMPILED))
        return found

    def check(self, compiler):
        errors = self.errors_of(compiler)
        for name, text in DESCRIBED.items():
            with self.subTest(mistake=name):
                self.assertEqual(errors[name], text)
        for name, parts in COMPILED.items():
            with self.subTest(mistake=name):
                first = "\n".join(errors[name].splitlines()[:FIRST_LINES])
                place = "venturi/field.h:" if (name, compiler) in WITHOUT_PLACE else parts[0]
                self.assertTrue(first.startswith(f"it does not compile ({compiler}):\n{place}"), first)
                self.assert_parts(first, *parts[1:])
                if name in CLANG_ADDS and compiler.startswith("clang"):
                    self.assert_parts(first, CLANG_ADDS[name])

    def test_with_clang(self):
        self.check("clang++-19")

    def test_with_gcc(self):
        self.check("g++")


if __name__ == "__main__":
    unittest.main()
