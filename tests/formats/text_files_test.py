"""CSV and JSON lines of other programs, dirty ones too, read by Venturi, and what Venturi wrote read by them: Python's csv, json and gzip,
pyarrow, PostgreSQL's dialect, gzip and its likes. Run by the Python of .cache/parquet (scripts/install-parquet)."""

import csv
import gzip
import io
import json
import pathlib
import random
import shutil
import subprocess
import unittest

import pyarrow as pa
import pyarrow.csv
import pyarrow.json

from parquet_test import ParquetCase

WORDS = ["", " ", "a", "x,y", 'say "hi"', '"', '""', "two\nlines", "cr\r\nlf", "tab\t", "Жук", "発送済み", "😀", "é", "\u2028", "NULL", "\\N", "-1", "1e5", "0x1F", "'", ";", "a" * 5000, "\x01", "\x7f"]


def rows(seed, count=400, columns=5):
    """Random rows; the first column is never empty, so that no row is a blank line."""
    made = random.Random(seed)
    return [[str(number), *("".join(made.choices(WORDS, k=made.randint(0, 3))) for _ in range(columns - 1))] for number in range(count)]


HEADER = ["id", "größe", "with,comma", 'with"quote', "last one"]


class TextCase(ParquetCase):
    def to_json_lines(self, path, **more):
        """The rows as Venturi sees them, nulls as ''."""
        self.good({"operator": "CsvToJsonLinesOperator", "path": str(path), "output_path": self.file("seen.jsonl"), **more})
        lines = [json.loads(line) for line in pathlib.Path(self.file("seen.jsonl")).read_text(encoding="utf-8").split("\n")[:-1]]
        return [[value or "" for value in line.values()] for line in lines]


class ReadingTest(TextCase):
    def test_pythons_csv(self):
        forms = {"all": {"quoting": csv.QUOTE_ALL}, "minimal": {"quoting": csv.QUOTE_MINIMAL}, "lf": {"lineterminator": "\n"},
                 "excel": {"delimiter": ";", "quoting": csv.QUOTE_ALL}, "tab": {"dialect": "excel-tab"}, "unix": {"dialect": "unix"}}
        for seed, (name, form) in enumerate(forms.items()):
            with self.subTest(name):
                data = rows(seed)
                with open(self.file(name), "w", newline="", encoding="utf-8-sig" if seed % 2 else "utf-8") as f:
                    writer = csv.writer(f, **form)
                    writer.writerow(HEADER)
                    writer.writerows(data)
                delimiter = {"excel": ";", "tab": "tab"}.get(name, ",")
                self.assertEqual(self.to_json_lines(self.file(name), delimiter=delimiter), data)

    def test_encodings(self):
        data = [["1", "Müller", "Straße 1"], ["2", "Ångström", 'say "hi", twice\nand more']]
        for encoding in ("utf-8", "latin-1", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-32"):
            with self.subTest(encoding):
                with open(self.file("a.csv"), "w", newline="", encoding=encoding) as f:
                    csv.writer(f).writerows([["id", "name", "street"], *data])
                self.assertEqual(self.to_json_lines(self.file("a.csv"), source_encoding=encoding), data)
        # Two encodings in one file, as when exports are put together: the first byte that is wrong is named.
        pathlib.Path(self.file("mixed.csv")).write_bytes("id,name\n1,Müller\n".encode() + "2,Ångström\n".encode("latin-1"))
        self.assertIn("mixed.csv, line 3: byte 0xc5 at offset 20 is not UTF-8",
                      self.bad({"operator": "CsvToJsonLinesOperator", "path": self.file("mixed.csv"), "output_path": self.file("x")}))

    def test_pyarrows_csv_and_json(self):
        data = rows(7)
        table = pa.table({name: [row[i] for row in data] for i, name in enumerate(HEADER)})
        pyarrow.csv.write_csv(table, self.file("a.csv"))
        with pa.CompressedOutputStream(self.file("a.csv.gz"), "gzip") as out:
            pyarrow.csv.write_csv(table, out)
        for name in ("a.csv", "a.csv.gz"):
            with self.subTest(name):
                self.assertEqual(self.to_json_lines(self.file(name)), data)

    def test_gzip_of_others(self):
        text = "id,name\n" + "".join(f"{i},name {i}\n" for i in range(5000))
        head, middle, tail = text[:1000], text[1000:20000], text[20000:]
        forms = {"python": gzip.compress(text.encode()), "members": b"".join(gzip.compress(part.encode(), level) for part, level in ((head, 1), (middle, 9), (tail, 6))),
                 "stored": gzip.compress(text.encode(), 0), "padded": gzip.compress(text.encode()) + bytes(512),
                 "named": subprocess.run(["gzip", "-c", self.put("orders.csv", text)], check=True, capture_output=True).stdout,
                 "empty_member": gzip.compress(b"") + gzip.compress(text.encode())}
        for name, content in forms.items():
            with self.subTest(name):
                pathlib.Path(self.file(f"{name}.csv.gz")).write_bytes(content)
                self.assertEqual(self.to_json_lines(self.file(f"{name}.csv.gz")), [[str(i), f"name {i}"] for i in range(5000)])
        # A blocked form, as bgzip's: an extra field in each header.
        blocks = b""
        for start in range(0, len(text), 9000):
            block = io.BytesIO()
            with gzip.GzipFile(fileobj=block, mode="wb", mtime=0) as f:
                f.write(text[start:start + 9000].encode())
            packed = block.getvalue()
            blocks += packed[:3] + bytes([packed[3] | 4]) + packed[4:10] + b"\x06\x00BC\x02\x00\x00\x00" + packed[10:]
        pathlib.Path(self.file("blocked.csv.gz")).write_bytes(blocks)
        self.assertEqual(len(self.to_json_lines(self.file("blocked.csv.gz"))), 5000)

    def put(self, name, text):
        path = pathlib.Path(self.file(name))
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    def test_dirty_files(self):
        good = {"bom": (b"\xef\xbb\xbfid,name\r\n1,x\r\n", [["1", "x"]]), "cr in the middle": (b'id,name\n1,"a\rb"\n', [["1", "a\rb"]]),
                "no last line end": (b"id,name\n1,x", [["1", "x"]]), "short rows": (b"id,name\n1\n2,x\n", [["1", ""], ["2", "x"]]),
                "blank lines": (b"\n\nid,name\n\r\n1,x\n\n", [["1", "x"]]), "nul": (b"id,name\n1,a\x00b\n", [["1", "a\x00b"]]),
                "quoted line ends": (b'id,name\n1,"a\r\n\r\nb"\r\n', [["1", "a\r\n\r\nb"]])}
        for name, (content, expected) in good.items():
            with self.subTest(name):
                self.assertEqual(self.to_json_lines(self.put("a.csv", content)), expected)
        bad = {"long rows": (b"id,name\n1,x\n2,x,y\n", "line 3: 3 fields, but the header has 2"), "open quote": (b'id,name\n1,"x\n2,y\n', "line 2: the quote that opens here is never closed"),
               "stray quote": (b'id,name\n1,x"y\n', "line 2: a quote inside a field"), "text behind a quote": (b'id,name\n1,"x"y\n', "line 2"),
               "utf-16": ("id,name\n".encode("utf-16"), "is UTF-16, not UTF-8"), "an overlong form": (b"id,name\n1,\xc0\xaf\n", "line 2: byte 0xc0"),
               "a surrogate": (b"id,name\n1,\xed\xa0\x80\n", "line 2: byte 0xed"), "cut within a character": (b"id,name\n1,\xe2\x82", "line 2"), "empty": (b"", "is empty")}
        for name, (content, expected) in bad.items():
            with self.subTest(name):
                self.assertIn(expected, self.bad({"operator": "CsvToJsonLinesOperator", "path": self.put("b.csv", content), "output_path": self.file("x")}))
                self.assertFalse(pathlib.Path(self.file("x")).exists())

    def test_dirty_json_lines(self):
        to_csv = {"operator": "JsonLinesToCsvOperator", "path": self.file("a.jsonl"), "output_path": self.file("x")}
        self.put("a.jsonl", b'\xef\xbb\xbf {"id": 1, "name": "a\\u0000b"} \r\n\r\n\t\n{"name": "\\ud83d\\ude00", "id": 2}')
        self.good(to_csv)
        self.assertEqual(pathlib.Path(self.file("x")).read_text(), "id,name\n1,a\x00b\n2,😀\n")
        pathlib.Path(self.file("x")).unlink()
        bad = {"cut": (b'{"id": 1}\n{"id": ', "line 2"), "two on a line": (b'{"id": 1} {"id": 2}\n', "line 1"), "an array": (b'[{"id": 1}]\n', "line 1: each line has to be a JSON object"),
               "single quotes": (b"{'id': 1}\n", "line 1"), "NaN": (b'{"id": NaN}\n', "line 1"), "not UTF-8": (b'{"id": "\xff"}\n', "line 1"),
               "a raw control character": (b'{"id": "a\x01"}\n', "line 1"), "pretty": (b'{\n  "id": 1\n}\n', "line 1"), "comma": (b'{"id": 1,}\n', "line 1")}
        for name, (content, expected) in bad.items():
            with self.subTest(name):
                self.put("a.jsonl", content)
                self.assertIn(f"a.jsonl, {expected}", self.bad(to_csv))
                self.assertFalse(pathlib.Path(self.file("x")).exists())


class WritingTest(TextCase):
    def test_others_read_it(self):
        data = rows(11)
        with open(self.file("a.jsonl"), "w", encoding="utf-8") as f:
            for row in data:
                f.write(json.dumps(dict(zip(HEADER, row)), ensure_ascii=row[0].endswith("1")) + "\n")
        to_csv = {"operator": "JsonLinesToCsvOperator", "path": self.file("a.jsonl")}
        self.good({**to_csv, "output_path": self.file("a.csv")}, {**to_csv, "output_path": self.file("b.csv.gz"), "delimiter": ";"},
                  {"operator": "CsvToJsonLinesOperator", "path": self.file("a.csv"), "output_path": self.file("b.jsonl.gz")})
        with open(self.file("a.csv"), newline="", encoding="utf-8") as f:
            self.assertEqual(list(csv.reader(f)), [HEADER, *data])
        with gzip.open(self.file("b.csv.gz"), "rt", newline="", encoding="utf-8") as f:
            self.assertEqual(list(csv.reader(f, delimiter=";")), [HEADER, *data])
        table = pyarrow.csv.read_csv(self.file("a.csv"), parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
                                     convert_options=pyarrow.csv.ConvertOptions(column_types={name: pa.string() for name in HEADER}))
        self.assertEqual([list(row.values()) for row in table.to_pylist()], data)
        with gzip.open(self.file("b.jsonl.gz"), "rt", encoding="utf-8", newline="\n") as f:
            self.assertEqual([list(json.loads(line).values()) for line in f], data)
        self.assertEqual(pyarrow.json.read_json(self.file("b.jsonl.gz")).num_rows, len(data))
        self.assertEqual(subprocess.run(["gzip", "-t", self.file("b.jsonl.gz"), self.file("b.csv.gz")]).returncode, 0)
        if shutil.which("zcat"):
            self.assertEqual(subprocess.run(["zcat", self.file("b.csv.gz")], capture_output=True, check=True).stdout,
                             gzip.open(self.file("b.csv.gz")).read())


if __name__ == "__main__":
    unittest.main()
