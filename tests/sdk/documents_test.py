"""Every DAG that the documents show, and every example, compiles without a warning with both compilers. What they show of the examples is what
stands there."""

import pathlib
import re
import subprocess
import tempfile
import unittest

from sdk.compilers import ROOT, STRICT, both

DOCUMENTS = ["README.md", *sorted(str(path.relative_to(ROOT)) for path in [*(ROOT / "docs").glob("*.md"), *(ROOT / "docs" / "providers").glob("*.md")])]
# What is taken from an example, named above the block, is compiled there.
BLOCK = re.compile(r"^(?<! -->\n)```cpp\n(.*?)^```", re.DOTALL | re.MULTILINE)
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
                done = compiler.check(source, "-I", source.parent / "include", "-I", source.parent.parent / "include")
                self.assertEqual(done.returncode, 0, done.stderr)

    def test_documents(self):
        for name in DOCUMENTS:
            for line, text in dag_blocks((ROOT / name).read_text(encoding="utf-8")):
                source = pathlib.Path(self.folder.name) / "block.cpp"
                # A document shows the head of a file once.
                head = "" if "#include <venturi/dag.h>" in text else PREFACE
                source.write_text(f'{head}#line {line} "{name}"\n{text}', encoding="utf-8")
                self.assert_compiles(source, f"{name}:{line}")

    def test_excerpts(self):
        done = subprocess.run([ROOT / "scripts" / "excerpts", "--check"], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_links(self):
        """Files that the documents and the cookbook's index link to are there, headings too."""
        for name in [*DOCUMENTS, "examples/cookbook/README.md"]:
            page = ROOT / name
            for link in re.findall(r"\]\(([^)#\s]*)(#[^)\s]*)?\)", page.read_text(encoding="utf-8")):
                target = (page.parent / link[0]) if link[0] else page
                if link[0].startswith("http"):
                    continue
                self.assertTrue(target.exists(), f"{name} links to {link[0]}, which is not there")
                if link[1]:
                    heads = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
                    anchors = {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}
                    self.assertIn(link[1][1:], anchors, f"{name} links to {link[0]}{link[1]}")

    def test_examples(self):
        examples = sorted((ROOT / "examples").glob("*/**/*.cpp"))
        self.assertGreater(len(examples), 0)
        for example in examples:
            self.assert_compiles(example, example.relative_to(ROOT))


if __name__ == "__main__":
    unittest.main()
