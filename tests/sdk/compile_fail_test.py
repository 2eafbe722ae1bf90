"""Wrong DAG files do not compile, and the first error says what is wrong and what to do: each compile_fail/x.cpp names in its
"// expect:" lines what has to stand there, the task, the types and the remedy. Both compilers are held to the same text."""

import pathlib
import tempfile
import unittest

from sdk.compilers import both

CASES = sorted((pathlib.Path(__file__).parent / "compile_fail").glob("*.cpp"))


def first_error(output):
    """Up to the second "error:". g++ tells before an error from where it was instantiated; the lines belong to the next one."""
    lines = output.splitlines()
    errors = [number for number, line in enumerate(lines) if " error: " in line]
    end = errors[1] if len(errors) > 1 else len(lines)
    return "\n".join(lines[:end])


class CompileFailTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="venturi_sdk_")
        cls.compilers = both(cls.folder.name)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_there_are_cases(self):
        self.assertGreater(len(CASES), 15)

    def test_each_is_refused_with_its_remedy(self):
        for case in CASES:
            expected = [line[len("// expect: "):] for line in case.read_text().splitlines() if line.startswith("// expect: ")]
            for compiler in self.compilers:
                with self.subTest(case=case.stem, compiler=compiler.program):
                    done = compiler.check(case)
                    self.assertNotEqual(done.returncode, 0, "it compiles")
                    self.assertGreater(len(expected), 0, "the file does not say what it expects")
                    error = first_error(done.stderr)
                    for text in expected:
                        self.assertIn(text, error)


if __name__ == "__main__":
    unittest.main()
