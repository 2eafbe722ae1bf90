#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "base/sanitized.h"
#include "providers/testing/host_program.h"
#include "venturi/run_file.h"

namespace venturi::providers::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Value columns(std::initializer_list<std::pair<const char*, const char*>> list) {
  Array array;
  for (const auto& [name, type] : list) array.push_back(Object{{"name", name}, {"type", type}});
  return array;
}

class CsvTest : public MoverProgramTest {
 protected:
  static constexpr const char* head = "id,amount,status\n";

  Moved move(const std::string& content, Object more = {}) {
    path = folder.write("orders.csv", content);
    Object op{{"task_type", "CsvToFileOperator"}, {"path", path}};
    for (const auto& [key, value] : more) op.set(key, value);
    return run(std::move(op));
  }
  // The error, without the path at its front.
  std::string error_of(const std::string& content, Object more = {}) {
    const Moved moved = move(content, std::move(more));
    const std::string error = moved.error().empty() ? moved.message("TaskState").get_string("error") : moved.error();
    return error.starts_with(path) ? error.substr(path.size()) : error;
  }
  std::vector<std::string> rows_of(const Moved& moved) {
    if (moved.xcom().is_null()) return {"no file: " + moved.error() + moved.message("TaskState").get_string("error")};
    const RunFile file = RunFile::from_value(moved.xcom(), folder.path());
    std::vector<std::string> rows;
    RunFileReader reader(file.absolute_path());
    while (reader.next()) {
      std::string row;
      for (std::size_t c = 0; c < reader.columns().size(); ++c) {
        const Cell& cell = reader.cell(c);
        if (c > 0) row += '|';
        if (cell.state == Cell::State::null)
          row += "null";
        else if (cell.state == Cell::State::unreadable)
          row += "unreadable:" + std::string(cell.text);
        else if (cell.type == ColumnType::string)
          row += cell.text;
        else if (cell.type == ColumnType::float64)
          row += to_json(Value(cell.real));
        else
          row += std::to_string(cell.integer);
      }
      rows.push_back(row);
    }
    return rows;
  }

  std::string path;
};

TEST_F(CsvTest, RowsBecomeAFile) {
  EXPECT_THAT(rows_of(move(std::string(head) + "1,2.5,ok\n2,,\"\"\r\n\"3\",\"x,\"\"y\"\"\nz\",Жук\n4\n")),
              ElementsAre("1|2.5|ok", "2|null|", "3|x,\"y\"\nz|Жук", "4|null|null"));
  const Moved typed = move(std::string(head) + "1,2.5,ok\nx,\"\",error\n,oops,\n",
                           {{"columns", columns({{"status", "string"}, {"id", "int64"}, {"amount", "float64"}})}});
  EXPECT_THAT(rows_of(typed), ElementsAre("ok|1|2.5", "error|unreadable:x|null", "null|null|unreadable:oops"));
  EXPECT_THAT(typed.log, HasSubstr("2 cells are no values of their column's type"));
  EXPECT_EQ(typed.xcom().at("__venturi_run_file__").get_string("path"), "extract.rows");
  EXPECT_THAT(rows_of(move("\xEF\xBB\xBFid;a\n1;2\n", {{"delimiter", ";"}, {"file_name", "x/y.rows"}})), ElementsAre("1|2"));
  EXPECT_THAT(rows_of(move("id\ta\n1\t2\n", {{"delimiter", "\t"}})), ElementsAre("1|2"));
  EXPECT_THAT(rows_of(move("1,a\n2,b\n", {{"header", false}, {"columns", columns({{"id", "int64"}, {"name", "string"}})}})),
              ElementsAre("1|a", "2|b"));
  EXPECT_THAT(rows_of(move(head)), IsEmpty());
}

TEST_F(CsvTest, Encodings) {
  EXPECT_THAT(rows_of(move("id,name\n1,\xc6\xf3\xea\n", {{"encoding", "cp1251"}})), ElementsAre("1|Жук"));
  const std::string utf16("\xff\xfei\0d\0\n\0\x16\x04\n\0", 12);
  EXPECT_THAT(rows_of(move(utf16, {{"encoding", "utf-16"}})), ElementsAre("Ж"));
  EXPECT_EQ(error_of("id,name\n1,\xc6\xf3\xea\n"),
            ", line 2: byte 0xc6 at offset 10 is not UTF-8: give the file's encoding, or convert it (iconv -t UTF-8)");
  EXPECT_THAT(error_of(utf16), HasSubstr(" is UTF-16, not UTF-8"));
  EXPECT_THAT(error_of("id\nЖ\n", {{"encoding", "ascii-17"}}),
              HasSubstr("the argument encoding: there is no conversion from ascii-17 to UTF-8"));
  EXPECT_THAT(error_of("id\n\xff\n", {{"encoding", "cp1253"}}),
              HasSubstr(": byte 0xff at offset 3 has no place in UTF-8 as cp1253"));
}

TEST_F(CsvTest, WhatIsWrongWithAFile) {
  EXPECT_EQ(error_of(std::string(head) + "1,2,3\n", {{"columns", columns({{"price", "float64"}})}}),
            ", line 1: there is no column price (there are: id, amount, status)");
  EXPECT_EQ(error_of("a,a\n1,2\n", {{"columns", columns({{"a", "string"}})}}), ", line 1: two columns are named a");
  EXPECT_EQ(error_of(std::string(head) + "1,2,3\n4,\"never closed\n"), ", line 3: the quote that opens here is never closed");
  EXPECT_EQ(
      error_of(std::string(head) + "1,in\"side,3\n"),
      ", line 2: a quote inside a field that does not begin with one (quote the whole field and double the quotes in it)");
  EXPECT_EQ(error_of(std::string(head) + "1,2,3,4\n"),
            ", line 2: 4 fields, but the header has 3 (is a field with a delimiter in it not quoted?)");
  EXPECT_THAT(error_of(std::string(head) + "1," + std::string(10'000'000, 'x') + ",3\n"),
              ", line 2: a field of more than 1048576 bytes, the limit");
  EXPECT_EQ(error_of(""), " is empty: there is no line with the names of the columns");
  EXPECT_THAT(error_of("x", {{"path", "/no/such.csv"}}),
              "/no/such.csv cannot be read: No such file or directory; check the operator's path on the machine of the worker");
  EXPECT_THAT(error_of("x", {{"path", "/tmp"}}), "/tmp is a folder, not a file");
  EXPECT_THAT(error_of("x", {{"delimiter", ";;"}}), HasSubstr("the argument delimiter must be one ASCII character"));
  EXPECT_THAT(error_of("x", {{"header", false}}), "header is false, so the argument columns has to name the file's columns");
  EXPECT_THAT(error_of(head, {{"file_name", "../x"}}), HasSubstr("../x"));
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) EXPECT_EQ(entry.path().filename(), "orders.csv");
}

TEST_F(CsvTest, SigtermStopsIt) {
  const std::string fifo = folder / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  Running running = begin({{"task_type", "CsvToFileOperator"}, {"path", fifo}});
  std::ofstream out(fifo);  // waits until it reads
  out << head << "1,2,3\n" << std::flush;
  ::kill(running.pid, SIGTERM);
  const Moved moved = finish(std::move(running));  // though the input has not ended
  EXPECT_TRUE(WIFSIGNALED(moved.status) && WTERMSIG(moved.status) == SIGTERM) << moved.status << moved.err;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) EXPECT_EQ(entry.path().filename(), "fifo");
}

TEST_F(CsvTest, AMillionRowsInConstantMemory) {
  const std::string large = folder / "large.csv";
  {
    std::ofstream out(large);
    out << "id,customer_id,amount,status,created_at\n";
    for (int i = 0; i < 1'000'000; ++i) out << i << ',' << i % 1000 << ",12.34,ok,2026-01-01 00:00:" << 10 + i % 50 << '\n';
  }
  const Moved moved = run({{"task_type", "CsvToFileOperator"},
                           {"path", large},
                           {"columns", columns({{"id", "int64"},
                                                {"customer_id", "int64"},
                                                {"amount", "float64"},
                                                {"status", "string"},
                                                {"created_at", "timestamp"}})}});
  ASSERT_THAT(moved.error(), IsEmpty());
  EXPECT_EQ(RunFile::from_value(moved.xcom(), folder.path()).row_count, 1'000'000);
  if (!sanitized) EXPECT_LT(moved.peak_kib, 32 * 1024);
}

}  // namespace
}  // namespace venturi::providers::testing
