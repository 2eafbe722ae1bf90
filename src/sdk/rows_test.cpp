#include "venturi/rows.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "venturi/csv.h"

namespace venturi::inline sdk {
namespace {

struct Visit {
  std::optional<std::int64_t> id;
  std::optional<std::string> name;
  std::optional<double> sum;
  std::optional<Time> at;
  std::optional<bool> ok;
};
VENTURI_STRUCT(Visit, id, name, sum, at, ok);

struct Point {
  std::int64_t x = 0;
  std::vector<std::int64_t> tags;
};
VENTURI_STRUCT(Point, x, tags);

std::string file(const std::string& name) {
  return ::testing::TempDir() + "rows_" + std::to_string(::getpid()) + "_" + name;
}
std::string content(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
std::string error_in(const std::string& text) {
  const std::string path = file("bad");
  std::ofstream(path) << text;
  try {
    for (const Point& point : read_json_lines<Point>(path)) (void)point;
  } catch (const JsonLinesError& e) {
    return std::string(e.what()).substr(path.size());
  }
  return "no error";
}

TEST(Rows, CsvIsReadBackAsItWasWritten) {
  const std::string path = file("csv");
  CsvWriter<Visit> csv(path);
  csv.write({1, "a,\"b\"\nc", 0.5, parse_time("2026-01-02T03:04:05Z"), true});
  csv.write({std::nullopt, "", std::nullopt, std::nullopt, false});
  csv.write({3, std::nullopt, -1.0, std::nullopt, std::nullopt});
  EXPECT_EQ(content(path), "");  // not there yet
  EXPECT_EQ(csv.finish(), 3);
  EXPECT_EQ(content(path), "id,name,sum,at,ok\n1,\"a,\"\"b\"\"\nc\",0.5,2026-01-02T03:04:05Z,true\n,\"\",,,false\n3,,-1.0,,\n");
  std::string names;
  for (const Visit& visit : read_csv<Visit>(path)) names += visit.name.value_or("none") + "|";
  EXPECT_EQ(names, "a,\"b\"\nc||none|");
}

TEST(Rows, CsvWithoutAHeaderAndWithAnotherDelimiter) {
  const std::string path = file("semicolon");
  CsvWriter<Point> csv(path, {.delimiter = ';', .header = false});
  csv.write({1, {2, 3}});
  csv.finish();
  EXPECT_EQ(content(path), "1;[2,3]\n");
}

TEST(Rows, JsonLinesGoThereAndBack) {
  const std::string path = file("new/folders") + "/jsonl";
  JsonLinesWriter<Point> lines(path);
  for (int i = 0; i < 50'000; ++i) lines.write({i, {i, i + 1}});
  EXPECT_EQ(lines.finish(), 50'000);
  std::int64_t n = 0;
  for (const Point& point : read_json_lines<Point>(path)) EXPECT_EQ(point.x, n++);
  EXPECT_EQ(n, 50'000);
}

TEST(Rows, WhatIsWrongWithALineIsTold) {
  EXPECT_EQ(error_in("{\"x\": 1, \"tags\": []}\n\n{\"x\": \"one\", \"tags\": []}"),
            ", line 3: row, member x: expected int64, found string");
  EXPECT_THAT(error_in("{\"x\": 1"), ::testing::StartsWith(", line 1: the line is no JSON: "));
  EXPECT_EQ(error_in(std::string(20UL << 20U, ' ')), ", line 1: it is longer than 16 MiB");
  EXPECT_EQ(error_in(""), "no error");
  EXPECT_THROW((void)read_json_lines<Point>("/none/x"), JsonLinesError);
}

TEST(Rows, WithoutAnEndNothingIsLeft) {
  const std::string path = file("unfinished");
  { JsonLinesWriter<Point>(path).write({1, {}}); }
  EXPECT_NE(::access(path.c_str(), F_OK), 0);
}

}  // namespace
}  // namespace venturi::inline sdk
