"""Every DAG that the documents show, and every example, compiles without a warning with both compilers."""

import pathlib
import re
import tempfile
import unittest

from sdk.compilers import ROOT, STRICT, both

DOCUMENTS = ["README.md", "docs/getting-started.md", "docs/writing-dags.md", "docs/operators-http.md", "docs/operators-sql.md", "docs/operators.md"]
BLOCK = re.compile(r"^```cpp\n(.*?)^```", re.DOTALL | re.MULTILINE)
PREFACE = "#include <venturi/dag.h>\n#include <cstdio>\nusing namespace venturi;\nusing namespace std::chrono_literals;\n"


def dag_blocks(text):
    """The line of each block that holds a whole DAG, and its text."""
    for match in BLOCK.finditer(text):
        if "VENTURI_DAG" in match[1]:
            yield text.count("\n", 0, match.start()) + 2, match[1]


class DocumentsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="venturi_sdk_")
        cls.compilers = both(cls.folder.name, STRICT)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def assert_compiles(self, source, what):
        for compiler in self.compilers:
            with self.subTest(what=what, compiler=compiler.program):
                done = compiler.check(source)
                self.assertEqual(done.returncode, 0, done.stderr)

    def test_documents(self):
        for name in DOCUMENTS:
            blocks = list(dag_blocks((ROOT / name).read_text(encoding="utf-8")))
            self.assertGreater(len(blocks), 0, f"{name} shows no DAG")
            for line, text in blocks:
                source = pathlib.Path(self.folder.name) / "block.cpp"
                # A document shows the head of a file once.
                head = "" if "#include <venturi/dag.h>" in text else PREFACE
                source.write_text(f'{head}#line {line} "{name}"\n{text}', encoding="utf-8")
                self.assert_compiles(source, f"{name}:{line}")

    def test_examples(self):
        examples = sorted((ROOT / "examples").glob("*/*.cpp"))
        self.assertGreater(len(examples), 0)
        for example in examples:
            self.assert_compiles(example, example.relative_to(ROOT))


if __name__ == "__main__":
    unittest.main()
