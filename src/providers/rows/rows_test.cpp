// CSV, JSON lines and files of the run, through the mover process.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "base/sanitized.h"
#include "providers/testing/host_program.h"
#include "venturi/run_file.h"

namespace venturi::providers::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

Value columns(std::initializer_list<std::pair<const char*, const char*>> list) {
  Array array;
  for (const auto& [name, type] : list) array.push_back(Object{{"name", name}, {"type", type}});
  return array;
}

class RowsTest : public MoverProgramTest {
 protected:
  Moved move(const char* type, const std::string& content, const Object& more = {}) {
    path = folder.write("in", content);
    Object op{{"task_type", type}, {"path", path}};
    if (!std::string(type).starts_with("Validate") && !std::string(type).ends_with("ToFileOperator"))
      op.set("output_path", folder / "out");
    for (const auto& [key, value] : more) op.set(key, value);
    return run(std::move(op));
  }
  static std::string error_in(const Moved& moved) {
    return moved.error().empty() ? "for good: " + moved.message("TaskState").get_string("error") : moved.error();
  }
  // Without the path at its front.
  std::string error_of(const char* type, const std::string& content, const Object& more = {}) {
    const std::string error = error_in(move(type, content, more));
    return error.starts_with(path) ? error.substr(path.size()) : error;
  }
  std::string written(const Moved& moved) {
    if (moved.xcom() != Value(folder / "out")) return error_in(moved);
    return operators::testing::read_file(folder / "out");
  }

  std::string path;
  const Value typed =
      columns({{"id", "int64"}, {"ok", "boolean"}, {"amount", "float64"}, {"at", "timestamp"}, {"name", "string"}});
};

TEST_F(RowsTest, CsvToJsonLinesAndBack) {
  const std::string csv =
      "id,ok,amount,at,name\n1,yes,2.50,2026-01-31 10:00:00,\"x, \"\"y\"\"\"\n2,,,,\n3,no,4,2026-01-31T10:00:00+02:00,\"\"\n";
  const std::string lines = written(move("CsvToJsonLinesOperator", csv, {{"columns", typed}}));
  EXPECT_EQ(lines,
            "{\"id\":1,\"ok\":true,\"amount\":2.5,\"at\":\"2026-01-31T10:00:00Z\",\"name\":\"x, \\\"y\\\"\"}\n"
            "{\"id\":2,\"ok\":null,\"amount\":null,\"at\":null,\"name\":null}\n"
            "{\"id\":3,\"ok\":false,\"amount\":4.0,\"at\":\"2026-01-31T08:00:00Z\",\"name\":\"\"}\n");
  EXPECT_EQ(
      written(move("JsonLinesToCsvOperator", lines)),
      "id,ok,amount,at,name\n1,true,2.5,2026-01-31T10:00:00Z,\"x, \"\"y\"\"\"\n2,,,,\n3,false,4.0,2026-01-31T08:00:00Z,\"\"\n");
  EXPECT_EQ(
      written(move("JsonLinesToCsvOperator", "{\"b\": [1, {}], \"a\": \"x;y\"}\n\n{\"a\": null}",
                   {{"delimiter", ";"}, {"null_text", "NULL"}, {"columns", columns({{"a", "string"}, {"b", "string"}})}})),
      "a;b\n\"x;y\";[1,{}]\nNULL;NULL\n");
  EXPECT_EQ(written(move("JsonLinesToCsvOperator", "{\"a\": 1}\n", {{"header", false}})), "1\n");
  EXPECT_EQ(written(move("JsonLinesToCsvOperator", "{\"a\": \"Жук\"}\n", {{"encoding", "utf-8"}})), "a\nЖук\n");
  EXPECT_EQ(written(move("CsvToJsonLinesOperator", "a,b\n1,\n")), "{\"a\":\"1\",\"b\":null}\n");
  EXPECT_EQ(written(move("CsvToJsonLinesOperator", "a\nx\n", {{"columns", columns({{"a", "int64"}})}, {"unreadable", "null"}})),
            "{\"a\":null}\n");
}

TEST_F(RowsTest, FilesOfTheRun) {
  const Moved moved = move("JsonLinesToFileOperator",
                           "\xEF\xBB\xBF{\"id\": 1, \"ok\": true, \"amount\": 2, \"at\": \"2026-01-31\", \"name\": \"Жук\"}\r\n"
                           "{\"id\": \"x\", \"more\": {}}\n",
                           {{"columns", typed}, {"file_name", "rows"}});
  ASSERT_THAT(moved.error(), IsEmpty());
  EXPECT_THAT(moved.log, HasSubstr("1 values are none of their column's type; they are kept as unreadable"));
  const auto out = [&](const char* type, const Object& more = {}) {
    Object op{{"task_type", type}, {"file", moved.xcom()}, {"output_path", folder / "out"}};
    for (const auto& [key, value] : more) op.set(key, value);
    return written(run(std::move(op)));
  };
  EXPECT_EQ(out("FileToCsvOperator"), "id,ok,amount,at,name\n1,true,2.0,2026-01-31T00:00:00Z,Жук\nx,,,,\n");
  EXPECT_EQ(out("FileToCsvOperator", {{"columns", columns({{"name", "string"}, {"id", "int64"}})}, {"unreadable", "null"}}),
            "name,id\nЖук,1\n,\n");
  EXPECT_EQ(out("FileToCsvOperator", {{"columns", columns({{"id", "int64"}})}}), "rows, row 2, column id: \"x\" is no int64");
  EXPECT_EQ(out("FileToJsonLinesOperator", {{"columns", columns({{"ok", "boolean"}, {"amount", "float64"}})}}),
            "{\"ok\":true,\"amount\":2.0}\n{\"ok\":null,\"amount\":null}\n");
  EXPECT_THAT(out("FileToCsvOperator", {{"columns", columns({{"price", "int64"}})}}), HasSubstr("price"));
  EXPECT_EQ(error_in(run({{"task_type", "FileToCsvOperator"}, {"output_path", folder / "out"}})),
            "for good: the argument file is missing: give it an object");
}

TEST_F(RowsTest, WhatIsWrongWithJsonLines) {
  const auto error = [&](const std::string& content, const Object& more = {}) {
    return error_of("JsonLinesToCsvOperator", content, more);
  };
  EXPECT_EQ(error("{\"a\": 1}\n{\"a\": \n"), ", line 2: that is no JSON: column 7: the text ends too early");
  EXPECT_EQ(error("{\"a\": 1}\n\n[1]\n"), ", line 3: each line has to be a JSON object, this is array");
  EXPECT_EQ(error("{\"a\": 1}\n{\"a\": 2, \"b\": 3}\n"), ", line 2: the member b is not on the first line: name the columns");
  EXPECT_EQ(error("{\"a\": 1}\n{\"a\": \"many\"}\n", {{"columns", columns({{"a", "int64"}})}}),
            ", line 2, column a: \"many\" is no int64");
  EXPECT_EQ(error("{\"a\": 1}\n{\"a\": \"" + std::string(9'000'000, 'x') + "\"}\n"),
            ", line 2: it has more than 8388608 bytes, the limit");
  EXPECT_THAT(error("{\"a\": \"\xff\"}\n"), StartsWith(", line 1: that is no JSON: "));
  EXPECT_EQ(error("{}", {{"path", "/no/such"}}),
            "/no/such cannot be read: No such file or directory; check the operator's path on the machine of the worker");
  EXPECT_EQ(error("{}", {{"output_path", "out"}}),
            "for good: the argument output_path must be an absolute path of a file, not 'out'");
  EXPECT_EQ(error("{}", {{"output_path", "/no/such/out"}}),
            "/no/such/out cannot be made: No such file or directory; check the operator's path on the machine of the worker");
  EXPECT_EQ(error("{}", {{"unreadable", "skip"}}), "for good: the argument unreadable must be error or null, not 'skip'");
  EXPECT_EQ(error("{}", {{"null_text", "\""}}),
            "for good: the argument null_text must have no quote, no line break and no delimiter in it");
  EXPECT_EQ(error("{}", {{"json_schema", Object{{"type", 7}}}}).substr(0, 53),
            "for good: the argument json_schema: it is no JSON sch");
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) EXPECT_EQ(entry.path().filename(), "in");
}

TEST_F(RowsTest, RowsAreHeldAgainstASchema) {
  const Object schema{{"type", "object"},
                      {"required", Array{"id"}},
                      {"properties", Object{{"id", Object{{"type", "integer"}, {"minimum", 1}}},
                                            {"status", Object{{"enum", Array{"ok", "error"}}}}}}};
  const auto check = [&](const char* type, const std::string& content, const Object& more = {}) {
    Object op{{"json_schema", schema}};
    for (const auto& [key, value] : more) op.set(key, value);
    const Moved moved = move(type, content, op);
    return moved.xcom().is_null() ? error_in(moved) : to_json(moved.xcom());
  };
  EXPECT_EQ(check("ValidateJsonLinesOperator", "{\"id\": 1, \"status\": \"ok\"}\n{\"id\": 2}\n"), "2");
  const std::string wrong =
      check("ValidateJsonLinesOperator", "{\"id\": 1}\n{\"id\": 0}\n{\"id\": \"x\"}\n{}\n", {{"max_errors", 2}});
  EXPECT_THAT(wrong, StartsWith("3 of 4 rows are not as they should be:\n" + path + ", line 2: /id: "));
  EXPECT_EQ(std::count(wrong.begin(), wrong.end(), '\n'), 2);
  EXPECT_EQ(check("ValidateCsvOperator", "id,status\n1,ok\n", {{"columns", columns({{"id", "int64"}, {"status", "string"}})}}),
            "1");
  EXPECT_EQ(check("ValidateCsvOperator", "id\nx\n", {{"columns", columns({{"id", "int64"}})}}),
            "1 of 1 rows are not as they should be:\n" + path + ", line 2, column id: \"x\" is no int64");
  EXPECT_THAT(check("ValidateCsvOperator", "id\n0\n", {{"columns", columns({{"id", "int64"}})}}), HasSubstr(", line 2: /id: "));
  EXPECT_EQ(check("ValidateCsvOperator", "id\n1\n", {{"json_schema", nullptr}}),
            "for good: there is nothing to check: give json_schema, or columns with types");
  EXPECT_EQ(check("ValidateJsonLinesOperator", "", {{"max_errors", 0}}),
            "for good: the argument max_errors must be at least 1");
  EXPECT_THAT(error_of("JsonLinesToCsvOperator", "{\"id\": 1}\n{\"id\": 0}\n", {{"json_schema", schema}}),
              StartsWith(", line 2 does not fit json_schema: /id: "));
}

TEST_F(RowsTest, SigtermStopsIt) {
  const std::string fifo = folder / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  Running running = begin({{"task_type", "JsonLinesToCsvOperator"}, {"path", fifo}, {"output_path", folder / "out"}});
  std::ofstream out(fifo);  // waits until it reads
  out << "{\"a\": 1}\n" << std::flush;
  ::kill(running.pid, SIGTERM);
  const Moved moved = finish(std::move(running));  // though the input has not ended
  EXPECT_TRUE(WIFSIGNALED(moved.status) && WTERMSIG(moved.status) == SIGTERM) << moved.status << moved.err;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) EXPECT_EQ(entry.path().filename(), "fifo");
}

TEST_F(RowsTest, ManyRowsInConstantMemory) {
  const std::string large = folder / "large";
  {
    std::ofstream out(large);
    for (int i = 0; i < 200'000; ++i)
      out << "{\"id\": " << i << ", \"status\": \"ok\", \"created_at\": \"2026-01-01 00:00:00\"}\n";
  }
  const Moved moved = run({{"task_type", "JsonLinesToCsvOperator"}, {"path", large}, {"output_path", folder / "out"}});
  ASSERT_THAT(moved.error(), IsEmpty());
  EXPECT_THAT(moved.log, HasSubstr("wrote 200000 rows"));
  if (!sanitized) EXPECT_LT(moved.peak_kib, 32 * 1024);
}

class FilesTest : public MoverProgramTest {
 protected:
  std::string outcome(Object op) {
    const Moved moved = run(std::move(op));
    if (!moved.xcom().is_null()) return moved.xcom().is_string() ? moved.xcom().as_string() : to_json(moved.xcom());
    return moved.error().empty() ? "for good: " + moved.message("TaskState").get_string("error") : moved.error();
  }
  std::string pair(const char* type, const std::string& source, const std::string& destination, bool overwrite = true) {
    return outcome({{"task_type", type}, {"source", source}, {"destination", destination}, {"overwrite", overwrite}});
  }
  // Without the folder.
  std::string list(const std::string& pattern, bool recursive = false) {
    std::string text = outcome({{"task_type", "ListFilesOperator"}, {"path", folder / pattern}, {"recursive", recursive}});
    const std::string prefix = folder / "";
    for (std::size_t at = 0; (at = text.find(prefix)) != std::string::npos;) text.erase(at, prefix.size());
    return text;
  }
  std::string remove(const std::string& path, const Object& more = {}) {
    Object op{{"task_type", "DeleteFileOperator"}, {"path", path}};
    for (const auto& [key, value] : more) op.set(key, value);
    return outcome(std::move(op));
  }
};

TEST_F(FilesTest, CopyMoveDelete) {
  const std::string a = folder.write("a.csv", "one"), made = folder / "x/y";
  EXPECT_EQ(outcome({{"task_type", "MakeDirectoryOperator"}, {"path", made}}), made);
  EXPECT_EQ(outcome({{"task_type", "MakeDirectoryOperator"}, {"path", made}}), made);
  EXPECT_EQ(pair("CopyFileOperator", a, folder / "b.csv"), folder / "b.csv");
  EXPECT_EQ(pair("CopyFileOperator", a, made), made + "/a.csv");
  EXPECT_EQ(operators::testing::read_file(made + "/a.csv"), "one");
  EXPECT_EQ(pair("CopyFileOperator", a, folder / "b.csv", false),
            (folder / "b.csv") + " is there already, and overwrite is false");
  EXPECT_EQ(pair("CopyFileOperator", a, a), "for good: " + a + " and " + a + " are the same file");
  EXPECT_EQ(pair("CopyFileOperator", folder / "no", a), (folder / "no") + " cannot be read: No such file or directory");
  EXPECT_EQ(pair("CopyFileOperator", made, a), made + " is no file");
  EXPECT_EQ(pair("CopyFileOperator", a, "b"), "for good: the argument destination must be an absolute path of a file, not 'b'");
  EXPECT_EQ(pair("MoveFileOperator", folder / "b.csv", folder / "c.csv"), folder / "c.csv");
  EXPECT_FALSE(std::filesystem::exists(folder / "b.csv"));
  EXPECT_EQ(pair("MoveFileOperator", a, "/no/such/folder"), a + " cannot be moved: No such file or directory");

  EXPECT_EQ(list("*"), R"(["a.csv","c.csv"])");
  EXPECT_EQ(list("**/*.csv"), "[]");
  EXPECT_EQ(list("**/*.csv", true), R"(["a.csv","c.csv","x/y/a.csv"])");
  EXPECT_EQ(list("no*"), "[]");
  EXPECT_EQ(outcome({{"task_type", "ListFilesOperator"}, {"path", "x"}}),
            "for good: the argument path must be an absolute path, or a pattern of them, not 'x'");

  EXPECT_EQ(remove(folder / "*.csv"), "2");
  EXPECT_EQ(remove(a), a + " is not there: set missing_ok where that is fine");
  EXPECT_EQ(remove(a, {{"missing_ok", true}}), "0");
  EXPECT_EQ(remove(made), made + " is a folder that is not empty: set recursive to delete all that is in it");
  EXPECT_EQ(remove(folder / "x", {{"recursive", true}}), "3");
  EXPECT_EQ(remove("/"), "for good: the argument path must be an absolute path, and not that of all files: '/'");
  EXPECT_EQ(remove("/x/.."), "for good: the argument path must be an absolute path, and not that of all files: '/x/..'");
  EXPECT_EQ(outcome({{"task_type", "MakeDirectoryOperator"}, {"path", "x"}}),
            "for good: the argument path must be an absolute path, not 'x'");
  EXPECT_EQ(outcome({{"task_type", "MakeDirectoryOperator"}, {"path", "/proc/x"}}),
            "/proc/x cannot be made: No such file or directory");
}

}  // namespace
}  // namespace venturi::providers::testing
