"""Parquet: files that pyarrow wrote, and pyarrow on files that Venturi wrote; what is wrong with files and with the plugin. Run by the
Python of .cache/parquet (scripts/install-parquet), which has pyarrow."""

import base64
import csv
import datetime
import decimal
import gzip
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import pyarrow as pa
import pyarrow.parquet as pq

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1])]
from support.case import HomeCase  # noqa: E402
from support.venturi import BIN, ROOT  # noqa: E402

PLUGINS = ROOT / ".cache" / "parquet" / "plugins"
SOURCES = ROOT / "src" / "providers" / "parquet" / "plugin"
UTC = datetime.timezone.utc
NESTED = pa.struct([("a", pa.int32()), ("b", pa.list_(pa.string()))])

# name → (Arrow's type, values, what they are as text in CSV, and in JSON where it is something else)
TYPES = {
    "bool": (pa.bool_(), [True, False], ["true", "false"], [True, False]),
    "int8": (pa.int8(), [-128, 127], ["-128", "127"], [-128, 127]),
    "int16": (pa.int16(), [-2**15, 2**15 - 1], ["-32768", "32767"], [-2**15, 2**15 - 1]),
    "int32": (pa.int32(), [-2**31, 2**31 - 1], ["-2147483648", "2147483647"], [-2**31, 2**31 - 1]),
    "int64": (pa.int64(), [-2**63, 2**63 - 1], [str(-2**63), str(2**63 - 1)], [-2**63, 2**63 - 1]),
    "uint8": (pa.uint8(), [0, 255], ["0", "255"], [0, 255]),
    "uint16": (pa.uint16(), [0, 65535], ["0", "65535"], [0, 65535]),
    "uint32": (pa.uint32(), [0, 2**32 - 1], ["0", "4294967295"], [0, 2**32 - 1]),
    "uint64": (pa.uint64(), [2**63 - 1, 2**64 - 1], [str(2**63 - 1), str(2**64 - 1)], [2**63 - 1, str(2**64 - 1)]),
    "float16": (pa.float16(), [1.5, -0.25], ["1.5", "-0.25"], [1.5, -0.25]),
    "float32": (pa.float32(), [0.1, 1e30], ["0.1", "1e+30"], [0.1, 1e30]),
    "float64": (pa.float64(), [0.1, -4.0], ["0.1", "-4.0"], [0.1, -4.0]),
    "extremes": (pa.float64(), [float("nan"), float("-inf")], ["NaN", "-Infinity"], None),
    "string": (pa.string(), ['x, "y"\nz', ""], ['x, "y"\nz', ""], None),
    "large_string": (pa.large_string(), ["Жук", "a" * 70000], ["Жук", "a" * 70000], None),
    "string_view": (pa.string_view(), ["short", "longer than twelve bytes"], ["short", "longer than twelve bytes"], None),
    "binary": (pa.binary(), [b"\x00\xff", b""], [base64.b64encode(b"\x00\xff").decode(), ""], None),
    "fixed": (pa.binary(2), [b"ab", b"cd"], ["YWI=", "Y2Q="], None),
    "date32": (pa.date32(), [datetime.date(2024, 2, 29), datetime.date(1, 1, 1)], ["2024-02-29", "0001-01-01"], None),
    "date64": (pa.date64(), [datetime.date(1969, 12, 31), datetime.date(9999, 12, 31)], ["1969-12-31", "9999-12-31"], None),
    "seconds": (pa.timestamp("s"), [0, -1], ["1970-01-01T00:00:00", "1969-12-31T23:59:59"], None),
    "milliseconds": (pa.timestamp("ms", "Europe/Berlin"), [1500, -1], ["1970-01-01T00:00:01.500Z", "1969-12-31T23:59:59.999Z"], None),
    "microseconds": (pa.timestamp("us"), [datetime.datetime(2026, 1, 31, 10, 20, 30, 5), datetime.datetime(1, 1, 1)],
                     ["2026-01-31T10:20:30.000005", "0001-01-01T00:00:00"], None),
    "nanoseconds": (pa.timestamp("ns", "UTC"), [1, 10**18], ["1970-01-01T00:00:00.000000001Z", "2001-09-09T01:46:40Z"], None),
    "time32": (pa.time32("ms"), [datetime.time(10, 20, 30), datetime.time(0, 0, 0, 1000)], ["10:20:30", "00:00:00.001"], None),
    "time64": (pa.time64("us"), [datetime.time(23, 59, 59, 5), datetime.time(0)], ["23:59:59.000005", "00:00:00"], None),
    "decimal": (pa.decimal128(38, 2), [decimal.Decimal("123456789012345678901234567890.12"), decimal.Decimal("-0.01")],
                ["123456789012345678901234567890.12", "-0.01"], None),
    "decimal_small": (pa.decimal128(5, 0), [decimal.Decimal(-99999), decimal.Decimal(0)], ["-99999", "0"], None),
    "decimal_large": (pa.decimal256(76, 10), [decimal.Decimal("-" + "9" * 66 + "." + "1" * 10), decimal.Decimal("1E-10")],
                      ["-" + "9" * 66 + "." + "1" * 10, "0.0000000001"], None),
    "list": (pa.list_(pa.int32()), [[1, None], []], ["[1,null]", "[]"], [[1, None], []]),
    "large_list": (pa.large_list(pa.string()), [["x"], ["y", "z"]], ['["x"]', '["y","z"]'], [["x"], ["y", "z"]]),
    "fixed_list": (pa.list_(pa.int8(), 2), [[1, 2], [3, 4]], ["[1,2]", "[3,4]"], [[1, 2], [3, 4]]),
    "struct": (NESTED, [{"a": 1, "b": ["x"]}, {"a": None, "b": None}], ['{"a":1,"b":["x"]}', '{"a":null,"b":null}'],
               [{"a": 1, "b": ["x"]}, {"a": None, "b": None}]),
    "map": (pa.map_(pa.string(), pa.int32()), [[("k", 1)], []], ['[{"key":"k","value":1}]', "[]"], [[{"key": "k", "value": 1}], []]),
}


def table_of_all(repeat=1):
    """Each value, then a null; and a dictionary, a column of nulls."""
    columns = {name: pa.array([*values, None] * repeat, type_) for name, (type_, values, *_) in TYPES.items()}
    columns["dictionary"] = pa.array(["a", "b", None] * repeat).dictionary_encode()
    columns["numbers"] = pa.array([7, 7, None] * repeat, pa.int64()).dictionary_encode()
    columns["null"] = pa.nulls(3 * repeat)
    return pa.table(columns)


def expected_text(name):
    return {"dictionary": ["a", "b"], "numbers": ["7", "7"], "null": ["", ""]}.get(name) or TYPES[name][2]


def expected_json(name):
    if name in TYPES:
        return TYPES[name][3] or TYPES[name][2]
    return {"dictionary": ["a", "b"], "numbers": [7, 7], "null": [None, None]}[name]


def put_dag(venturi, name, tasks):
    (venturi.home / "dags" / f"{name}.yaml").write_text(f"dag_id: {name}\ntasks: {json.dumps(tasks)}\n")


class ParquetCase(HomeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.venturi.home / "plugins").symlink_to(PLUGINS)

    def setUp(self):
        self.work = pathlib.Path(tempfile.mkdtemp(dir=self.folder))

    def file(self, name):
        return str(self.work / name)

    def dag(self, *tasks, name="parquet"):
        """Tasks one after the other."""
        made = {f"t{number}": {**task, **({"upstream": f"t{number - 1}"} if number else {})} for number, task in enumerate(tasks)}
        put_dag(self.venturi, name, made)

    def run_tasks(self, *tasks):
        self.dag(*tasks)
        return self.venturi.run("dags", "test", "parquet", timeout=300)

    def good(self, *tasks):
        done = self.run_tasks(*tasks)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def bad(self, *tasks):
        done = self.run_tasks(*tasks)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def nothing_else_is_there(self, *names):
        self.assertEqual(sorted(path.name for path in self.work.iterdir()), sorted(names))


class ReadingTest(ParquetCase):
    """What pyarrow wrote."""

    def test_all_types(self):
        table = table_of_all()
        pq.write_table(table, self.file("all.parquet"), row_group_size=2)
        # By columns; row by row, since there is a schema; and as JSON.
        self.good({"operator": "ParquetToCsvOperator", "path": self.file("all.parquet"), "output_path": self.file("a.csv"), "null_text": "NULL"},
                  {"operator": "ParquetToCsvOperator", "path": self.file("all.parquet"), "output_path": self.file("b.csv"), "null_text": "NULL",
                   "json_schema": {"type": "object"}},
                  {"operator": "ParquetToJsonLinesOperator", "path": self.file("all.parquet"), "output_path": self.file("c.jsonl")})
        with open(self.file("a.csv"), newline="", encoding="utf-8") as f:
            rows = list(csv.DictReader(f))
        lines = [json.loads(line) for line in pathlib.Path(self.file("c.jsonl")).read_text().splitlines()]
        self.assertEqual(list(rows[0]), table.column_names)
        for name in table.column_names:
            with self.subTest(name):
                text = expected_text(name) if name != "null" else ["NULL", "NULL"]
                self.assertEqual([row[name] for row in rows], [*text, "NULL"])
                self.assertEqual([line[name] for line in lines], [*expected_json(name), None])
        self.assertEqual(pathlib.Path(self.file("a.csv")).read_bytes(), pathlib.Path(self.file("b.csv")).read_bytes())

    def test_codecs_versions_and_row_groups(self):
        table = pa.table({"id": pa.array(range(50_000), pa.int64()), "name": [f"name {i % 100}" for i in range(50_000)]})
        expected = "id,name\n" + "".join(f"{i},name {i % 100}\n" for i in range(50_000))
        forms = [{"compression": codec} for codec in ("none", "snappy", "gzip", "zstd", "lz4", "brotli")]
        forms += [{"version": "1.0"}, {"data_page_version": "2.0"}, {"use_dictionary": False}, {"row_group_size": 777}, {"row_group_size": 50_000},
                  {"write_statistics": False}, {"column_encoding": {"id": "DELTA_BINARY_PACKED", "name": "DELTA_BYTE_ARRAY"}, "use_dictionary": False},
                  {"store_schema": False}]
        tasks = []
        for number, form in enumerate(forms):
            pq.write_table(table, self.file(f"{number}.parquet"), **form)
            tasks.append({"operator": "ParquetToCsvOperator", "path": self.file(f"{number}.parquet"), "output_path": self.file(f"{number}.csv")})
        self.good(*tasks)
        for number, form in enumerate(forms):
            with self.subTest(form):
                self.assertEqual(pathlib.Path(self.file(f"{number}.csv")).read_text(), expected)

    def test_which_columns_and_as_what(self):
        pq.write_table(table_of_all(), self.file("a.parquet"))
        wanted = [{"name": "struct"}, {"name": "uint8", "type": "float64"}, {"name": "seconds", "type": "timestamp"}, {"name": "bool", "type": "boolean"}]
        self.good({"operator": "ParquetToCsvOperator", "path": self.file("a.parquet"), "output_path": self.file("a.csv.gz"), "columns": wanted,
                   "delimiter": ";"},
                  {"operator": "ParquetToCsvOperator", "path": self.file("a.parquet"), "output_path": self.file("b.csv"), "header": False,
                   "columns": [{"name": "string_view"}, {"name": "list"}, {"name": "int8"}]})
        self.assertEqual(gzip.open(self.file("a.csv.gz"), "rt").read(),
                         'struct;uint8;seconds;bool\n"{""a"":1,""b"":[""x""]}";0.0;1970-01-01T00:00:00Z;true\n'
                         '"{""a"":null,""b"":null}";255.0;1969-12-31T23:59:59Z;false\n;;;\n')
        self.assertEqual(pathlib.Path(self.file("b.csv")).read_text(), 'short,"[1,null]",-128\nlonger than twelve bytes,[],127\n,,\n')

    def test_an_empty_file_and_one_without_row_groups(self):
        schema = pa.schema([("id", pa.int64()), ("name", pa.string())])
        pq.write_table(schema.empty_table(), self.file("a.parquet"))
        pq.ParquetWriter(self.file("b.parquet"), schema).close()
        self.good(*({"operator": "ParquetToCsvOperator", "path": self.file(f"{name}.parquet"), "output_path": self.file(f"{name}.csv")} for name in "ab"))
        for name in "ab":
            self.assertEqual(pathlib.Path(self.file(f"{name}.csv")).read_text(), "id,name\n")

    def test_what_is_wrong(self):
        table = pa.table({"id": pa.array(range(200_000), pa.int64()), "name": [f"name {i}" for i in range(200_000)], "big": pa.array([2**64 - 1] * 200_000, pa.uint64())})
        pq.write_table(table, self.file("a.parquet"), row_group_size=50_000, compression="none", use_dictionary=False)
        whole = pathlib.Path(self.file("a.parquet")).read_bytes()
        broken = {"cut": whole[:len(whole) // 2], "empty": b"", "tiny": b"PAR1", "csv": b"id,name\n1,2\n" * 10, "footer": whole[:-9] + b"\xff" + whole[-8:],
                  "length": whole[:-8] + b"\xff\xff\xff\x7f" + whole[-4:], "pages": whole[:len(whole) // 2] + b"\xff" * 4096 + whole[len(whole) // 2 + 4096:],
                  "magic": whole[:-4] + b"PAR2"}
        found = {}
        for name, content in broken.items():
            pathlib.Path(self.file(name)).write_bytes(content)
            with self.subTest(name):
                if name == "pages":  # bytes of values are values: what must not be is a crash, or half a file
                    done = self.run_tasks({"operator": "ParquetToCsvOperator", "path": self.file(name), "output_path": self.file("out.csv")})
                    self.assertNotIn("killed by signal", done.stdout + done.stderr)
                    pathlib.Path(self.file("out.csv")).unlink(missing_ok=True)
                    continue
                found[name] = self.bad({"operator": "ParquetToCsvOperator", "path": self.file(name), "output_path": self.file("out.csv")})
                self.assertIn(self.file(name) + ": ", found[name])
                self.assertNotIn("killed by signal", found[name])
        self.assertRegex(found["csv"], "magic bytes not found|not a parquet file")
        self.assertIn("/no/such cannot be read: No such file or directory",
                      self.bad({"operator": "ParquetToCsvOperator", "path": "/no/such", "output_path": self.file("out.csv")}))
        to_csv = {"operator": "ParquetToCsvOperator", "path": self.file("a.parquet"), "output_path": self.file("out.csv")}
        self.assertIn("a.parquet: there is no column price (there are: id, name, big)", self.bad({**to_csv, "columns": [{"name": "price"}]}))
        self.assertIn('a.parquet, row 1, column big: "18446744073709551615" is no int64', self.bad({**to_csv, "columns": [{"name": "big", "type": "int64"}]}))
        self.good({**to_csv, "columns": [{"name": "big", "type": "int64"}], "unreadable": "null"})
        os.unlink(self.file("out.csv"))
        self.assertIn("must be an absolute path", self.bad({**to_csv, "path": "a.parquet"}))
        os.mkfifo(self.file("fifo"))
        self.assertIn("fifo is a pipe or a device", self.bad({**to_csv, "path": self.file("fifo")}))
        os.unlink(self.file("fifo"))
        twice = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["x", "x"])
        pq.write_table(twice, self.file("twice.parquet"))
        self.assertIn("two columns are named x", self.bad({**to_csv, "path": self.file("twice.parquet")}))
        pq.write_table(pa.table({"d": pa.array([1], pa.duration("us")), "ok": [1]}), self.file("duration.parquet"))
        self.assertIn("the column d is, or has in it, what cannot be read (Arrow's type 'tDu')", self.bad({**to_csv, "path": self.file("duration.parquet")}))
        self.good({**to_csv, "path": self.file("duration.parquet"), "columns": [{"name": "ok"}]})
        os.unlink(self.file("out.csv"))
        self.nothing_else_is_there("a.parquet", "twice.parquet", "duration.parquet", *broken)

    def test_validation(self):
        pq.write_table(pa.table({"id": pa.array([1, 2], pa.int32()), "day": pa.array([datetime.date(2026, 1, 31)] * 2), "status": pa.array(["ok", None]).dictionary_encode(),
                                 "amount": pa.array([1, 2], pa.decimal128(10, 2))}), self.file("a.parquet"))
        check = {"operator": "ValidateParquetOperator", "path": self.file("a.parquet")}
        self.assertIn("all 2 rows", self.good({**check, "columns": [{"name": "id", "type": "int64"}, {"name": "day", "type": "timestamp"}, {"name": "status"}]}))
        wrong = self.bad({**check, "columns": [{"name": "id", "type": "string"}, {"name": "amount", "type": "float64"}, {"name": "price", "type": "float64"}]})
        self.assertIn("a.parquet: the column id is int32, not string; the column amount is decimal(10, 2), not float64; "
                      "there is no column price (there are: id, day, status, amount)", wrong)
        rows = self.bad({**check, "json_schema": {"properties": {"id": {"type": "integer", "minimum": 2}, "status": {"type": "string"}}}})
        self.assertIn("2 of 2 rows are not as they should be", rows)
        self.assertRegex(rows, r"a\.parquet, row 1: /id: ")
        self.assertRegex(rows, r"a\.parquet, row 2: /status: ")
        self.assertIn("there is nothing to check", self.bad(check))


class WritingTest(ParquetCase):
    """What pyarrow reads."""

    COLUMNS = [{"name": "id", "type": "int64"}, {"name": "ok", "type": "boolean"}, {"name": "amount", "type": "float64"}, {"name": "at", "type": "timestamp"},
               {"name": "name"}]
    CSV = "\ufeffname,id,ok,amount,at\r\n\"x, \"\"y\"\"\",1,yes,2.5,2026-01-31 10:00:00\r\n,,,,\r\n\"\",-9223372036854775808,no,1e-300,1969-12-31T23:59:59.000001+02:00\r\n"
    ROWS = [{"id": 1, "ok": True, "amount": 2.5, "at": datetime.datetime(2026, 1, 31, 10, tzinfo=UTC), "name": 'x, "y"'},
            {"id": None, "ok": None, "amount": None, "at": None, "name": None},
            {"id": -2**63, "ok": False, "amount": 1e-300, "at": datetime.datetime(1969, 12, 31, 21, 59, 59, 1, tzinfo=UTC), "name": ""}]
    TYPES = [("id", pa.int64()), ("ok", pa.bool_()), ("amount", pa.float64()), ("at", pa.timestamp("us", "UTC")), ("name", pa.string())]

    def check(self, name):
        table = pq.read_table(self.file(name))
        self.assertEqual([(field.name, field.type) for field in table.schema], self.TYPES)
        self.assertEqual(table.to_pylist(), self.ROWS)

    def test_from_csv_json_lines_and_files_of_the_run(self):
        pathlib.Path(self.file("a.csv")).write_text(self.CSV, newline="")
        pathlib.Path(self.file("b.csv.gz")).write_bytes(gzip.compress(self.CSV.encode()))
        self.good({"operator": "CsvToParquetOperator", "path": self.file("a.csv"), "output_path": self.file("a.parquet"), "columns": self.COLUMNS},
                  {"operator": "CsvToParquetOperator", "path": self.file("b.csv.gz"), "output_path": self.file("b.parquet"), "columns": self.COLUMNS},
                  {"operator": "ParquetToJsonLinesOperator", "path": self.file("a.parquet"), "output_path": self.file("c.jsonl.gz")},
                  {"operator": "JsonLinesToParquetOperator", "path": self.file("c.jsonl.gz"), "output_path": self.file("c.parquet"), "columns": self.COLUMNS},
                  {"operator": "ParquetToFileOperator", "path": self.file("c.parquet")},
                  {"operator": "FileToParquetOperator", "file": {"xcom": "t4"}, "output_path": self.file("d.parquet")})
        for name in "abcd":
            with self.subTest(name):
                self.check(f"{name}.parquet")

    def test_without_columns_all_are_strings(self):
        pathlib.Path(self.file("a.csv")).write_text("id,name\n1,x\n,\n")
        pathlib.Path(self.file("a.jsonl")).write_text('{"id": 1, "name": ["x"]}\n{"id": 2.5, "name": null}\n')
        self.good({"operator": "CsvToParquetOperator", "path": self.file("a.csv"), "output_path": self.file("a.parquet")},
                  {"operator": "JsonLinesToParquetOperator", "path": self.file("a.jsonl"), "output_path": self.file("b.parquet")})
        self.assertEqual(pq.read_table(self.file("a.parquet")).to_pylist(), [{"id": "1", "name": "x"}, {"id": None, "name": None}])
        self.assertEqual(pq.read_table(self.file("b.parquet")).to_pylist(), [{"id": "1", "name": '["x"]'}, {"id": "2.5", "name": None}])

    def test_codecs_and_row_groups(self):
        pathlib.Path(self.file("a.csv")).write_text("id,name\n" + "".join(f"{i},name {i % 100}\n" for i in range(20_000)))
        columns = [{"name": "id", "type": "int64"}, {"name": "name"}]
        to_parquet = {"operator": "CsvToParquetOperator", "path": self.file("a.csv"), "columns": columns}
        codecs = ("snappy", "zstd", "gzip", "lz4", "brotli", "none")
        self.good(*({**to_parquet, "output_path": self.file(f"{codec}.parquet"), "compression": codec, "row_group_size": 7000} for codec in codecs),
                  {**to_parquet, "output_path": self.file("default.parquet")})
        expected = {"lz4": "LZ4", "none": "UNCOMPRESSED", "default": "SNAPPY"}
        for codec in (*codecs, "default"):
            with self.subTest(codec):
                file = pq.ParquetFile(self.file(f"{codec}.parquet"))
                self.assertEqual(file.metadata.row_group(0).column(1).compression, expected.get(codec, codec.upper()))
                self.assertEqual(file.metadata.num_row_groups, 1 if codec == "default" else 3)
                self.assertTrue(file.metadata.created_by.startswith("Venturi"), file.metadata.created_by)
                table = file.read()
                self.assertEqual(table.num_rows, 20_000)
                self.assertEqual(table["id"].to_pylist(), list(range(20_000)))
                self.assertEqual(table["name"][19_999].as_py(), "name 99")

    def test_the_example_of_the_page(self):
        page = (ROOT / "docs" / "providers" / "files.md").read_text()
        text = re.search(r"^```yaml\n(.*?)^```", page, re.DOTALL | re.MULTILINE)[1].replace("/tmp/", f"{self.work}/")
        pathlib.Path(self.file("orders.csv.gz")).write_bytes(gzip.compress(b"id,amount,created_at,status\n1,2.5,2026-01-31,ok\n2,,,error\n"))
        (self.venturi.home / "dags" / "page.yaml").write_text(text)
        done = self.venturi.run("dags", "test", "orders_to_parquet", timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(pathlib.Path(self.file("errors.csv")).read_text(), "status,id\nok,1\nerror,2\n")

    def test_what_is_wrong(self):
        pathlib.Path(self.file("a.csv")).write_text("id\n1\n\nx\n")
        to_parquet = {"operator": "CsvToParquetOperator", "path": self.file("a.csv"), "output_path": self.file("a.parquet"), "columns": [{"name": "id", "type": "int64"}]}
        self.assertIn('a.csv, line 4, column id: "x" is no int64', self.bad(to_parquet))
        self.assertIn("must be snappy, zstd, gzip, lz4, brotli or none, not 'zip'", self.bad({**to_parquet, "compression": "zip"}))
        self.assertIn("row_group_size must be at least 1", self.bad({**to_parquet, "row_group_size": 0}))
        self.assertIn("/no/such/a.parquet cannot be made: No such file or directory", self.bad({**to_parquet, "output_path": "/no/such/a.parquet"}))
        self.nothing_else_is_there("a.csv")
        self.good({**to_parquet, "unreadable": "null"})
        self.assertEqual(pq.read_table(self.file("a.parquet"))["id"].to_pylist(), [1, None])

    def test_an_end_in_the_middle_leaves_nothing(self):
        """A task is killed while it writes, by SIGKILL and by SIGTERM: what was there before stays."""
        for target in ("parquet", "csv"):
            with self.subTest(target):
                source = self.file(f"source_{target}")
                if target == "parquet":
                    with open(source, "w") as f:
                        f.write("id,name\n")
                        for start in range(0, 6_000_000, 100_000):
                            f.write("".join(f"{i},name {i}\n" for i in range(start, start + 100_000)))
                else:
                    pq.write_table(pa.table({"id": pa.array(range(6_000_000)), "name": pa.array(range(6_000_000)).cast(pa.string())}), source)
                out = pathlib.Path(self.file(f"out.{target}"))
                out.write_text("as it was")
                self.dag({"operator": "CsvToParquetOperator" if target == "parquet" else "ParquetToCsvOperator", "path": source, "output_path": str(out)}, name=f"killed_{target}")
                process = subprocess.Popen([BIN / "venturi", "dags", "test", f"killed_{target}"], env=self.venturi.environment, stdout=subprocess.PIPE,
                                           stderr=subprocess.STDOUT, text=True)
                deadline = time.monotonic() + 60
                def writers():
                    found = []
                    for folder in pathlib.Path("/proc").glob("[0-9]*"):
                        try:
                            if any(str(out.with_name("." + out.name)) in os.readlink(fd) for fd in (folder / "fd").iterdir()):
                                found.append(int(folder.name))
                        except OSError:
                            continue
                    return found
                while not (pids := writers()) and time.monotonic() < deadline and process.poll() is None:
                    time.sleep(0.005)
                self.assertTrue(pids, "nobody wrote: " + (process.communicate()[0] if process.poll() is not None else ""))
                os.kill(pids[0], signal.SIGTERM if target == "csv" else signal.SIGKILL)
                told, _ = process.communicate(timeout=60)
                self.assertEqual(process.returncode, 1, told)
                self.assertEqual(out.read_text(), "as it was")
                left = {path.name for path in self.work.iterdir()} - {"source_parquet", "source_csv", "out.parquet", "out.csv"}
                # SIGKILL leaves the hidden file that was being written: the next try of the task instance writes over it.
                self.assertTrue(all(name.startswith(".out.parquet.") and name.endswith(".tmp") for name in left), left)
                self.assertEqual(len(left), 1 if target == "parquet" else 0)
                for name in left:
                    (self.work / name).unlink()


class MemoryTest(ParquetCase):
    def test_a_large_row_group_in_constant_memory(self):
        """A file of one row group, and one four times as large: the same peak."""
        peaks = {}
        for millions in (1, 4):
            rows = millions * 1_000_000
            pq.write_table(pa.table({"id": pa.array(range(rows)), "name": pa.array(range(rows)).cast(pa.string())}), self.file("a.parquet"), row_group_size=rows)
            self.dag({"operator": "ParquetToCsvOperator", "path": self.file("a.parquet"), "output_path": self.file("a.csv")})
            done = subprocess.run(["/usr/bin/python3", "-c", """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)""", BIN / "venturi", "dags", "test", "parquet"],
                                  env=self.venturi.environment, capture_output=True, text=True)
            code, peaks[millions] = map(int, done.stdout.split())
            self.assertEqual(code, 0, done.stderr)
            with open(self.file("a.csv")) as f:
                self.assertEqual(sum(1 for _ in f), rows + 1)
        self.assertLess(peaks[4], 200)
        self.assertLess(peaks[4], peaks[1] * 1.3)


class PluginTest(HomeCase):
    """The plugin itself: missing, of another version, damaged; made by the command that its errors name."""

    def setUp(self):
        self.home = self.make_home(f"home_{self._testMethodName}")
        pq.write_table(pa.table({"id": [1]}), self.folder / "a.parquet")
        put_dag(self.home, "parquet", {"t": {"operator": "ParquetToCsvOperator", "path": str(self.folder / "a.parquet"), "output_path": str(self.folder / "a.csv"),
                                             "retries": 3}})

    def outcome(self):
        done = self.home.run("dags", "test", "parquet", timeout=60)
        return done.returncode, done.stdout + done.stderr

    def put(self, source, *more):
        """Another plugin in its place, of these lines of C."""
        folder = self.home.home / "plugins" / "parquet"
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cc", "-shared", "-fPIC", "-x", "c", "-", f"-I{SOURCES}", "-o", folder / "venturi-parquet.so", *more], input=source, text=True, check=True)

    def test_missing(self):
        code, told = self.outcome()
        self.assertEqual(code, 1)
        self.assertRegex(told, r"Parquet needs its plugin, and there is none on this machine \(.*\): venturi plugins install parquet")
        self.assertRegex(told, r"\nt +\| failed +\| 1 ")  # no retry would find it
        self.assertEqual([row["version"] for row in self.home.rows("plugins", "list")], [None])
        self.assertFalse((self.folder / "a.csv").exists())

    def test_of_another_version(self):
        self.put('#include <venturi_parquet.h>\nstatic const struct VenturiParquet t = {VENTURI_PARQUET_ABI + 1, "0"};\n'
                 "const struct VenturiParquet* venturi_parquet(void) { return &t; }\n")
        code, told = self.outcome()
        self.assertEqual(code, 1)
        self.assertRegex(told, r"is of another version of Venturi \(it has number 2, this one needs 1\); make it anew: venturi plugins install parquet")

    def test_no_plugin_at_all(self):
        self.put("int nothing;\n")
        code, told = self.outcome()
        self.assertEqual(code, 1)
        self.assertIn("venturi-parquet.so is no Parquet plugin of Venturi: venturi plugins install parquet", told)

    def test_without_its_libraries(self):
        folder = self.home.home / "plugins" / "parquet"
        folder.mkdir(parents=True)
        (folder / "venturi-parquet.so").write_bytes((PLUGINS / "parquet" / "venturi-parquet.so").read_bytes())
        code, told = self.outcome()
        self.assertEqual(code, 1)
        self.assertRegex(told, r"the Parquet plugin cannot be loaded: libparquet\.so\.\d+: cannot open shared object file: No such file or directory; make it anew")

    def test_the_command_makes_it(self):
        wheel = pathlib.Path(pa.__file__).parent
        for compiler in ("g++", "clang++-19"):
            with self.subTest(compiler):
                done = subprocess.run([BIN / "venturi", "plugins", "install", "parquet", "--pyarrow", wheel],
                                      env={**self.home.environment, "CXX": compiler}, capture_output=True, text=True)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                row, = self.home.rows("plugins", "list")
                self.assertEqual((row["name"], row["version"], row["path"]), ("parquet", pa.__version__, str(self.home.home / "plugins" / "parquet")))
                self.assertEqual(self.outcome()[0], 0)
                self.assertEqual((self.folder / "a.csv").read_text(), "id\n1\n")
                (self.folder / "a.csv").unlink()
        self.assertEqual(sorted(path.name for path in (self.home.home / "plugins").iterdir()), ["parquet"])

    def test_the_command_fails_and_leaves_what_was_there(self):
        self.put("int nothing;\n")
        empty = self.folder / "empty"
        empty.mkdir()
        done = self.home.run("plugins", "install", "parquet", "--pyarrow", empty)
        self.assert_failed(done, "has no headers of Arrow and Parquet in it")
        broken = subprocess.run([BIN / "venturi", "plugins", "install", "parquet", "--pyarrow", pathlib.Path(pa.__file__).parent],
                                env={**self.home.environment, "CXX": "false"}, capture_output=True, text=True)
        self.assert_failed(broken, "the plugin does not compile")
        self.assertEqual(sorted(path.name for path in (self.home.home / "plugins").iterdir()), ["parquet"])
        self.assertIn("is no Parquet plugin", self.outcome()[1])


if __name__ == "__main__":
    unittest.main()
