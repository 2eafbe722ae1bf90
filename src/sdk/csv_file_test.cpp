#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>

#include "venturi/csv.h"

namespace venturi {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

struct Order {
  std::optional<std::int64_t> id;
  std::optional<double> amount;
  std::optional<std::string> status;
  std::optional<bool> paid;
  std::optional<Time> created_at;
};
VENTURI_STRUCT(Order, id, amount, status, paid, created_at);

class CsvFileTest : public testing::Test {
 protected:
  CsvFileTest() {
    std::string pattern = testing::TempDir() + "csv_file_XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  ~CsvFileTest() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string file(const std::string& content) const {
    std::ofstream(folder_ + "/orders.csv") << content;
    return folder_ + "/orders.csv";
  }
  // What reading all rows throws.
  [[nodiscard]] std::string error(const std::string& content, CsvOptions options = {}) const {
    try {
      for (const Order& order : read_csv<Order>(file(content), std::move(options))) (void)order;
    } catch (const CsvError& e) {
      return e.what();
    }
    return "";
  }
  std::string folder_;
};

TEST_F(CsvFileTest, RowsAsStructs) {
  const std::string path = file(
      "created_at,more,id,paid,status,amount\n"
      "2026-01-01 00:00:07,x,7,yes,ok,12.5\n"
      "\n"
      "2026-01-01,x,8,no,\"two\nlines, \"\"quoted\"\"\",-1\n");
  auto rows = read_csv<Order>(path);
  auto row = rows.begin();
  EXPECT_EQ(row->id, 7);
  EXPECT_EQ(row->amount, 12.5);
  EXPECT_EQ(row->status, "ok");
  EXPECT_EQ(row->paid, true);
  EXPECT_EQ(row->created_at, Time(Duration(1767225607000000)));
  EXPECT_EQ(rows.line(), 2U);
  ++row;
  EXPECT_EQ((*row).id, 8);
  EXPECT_EQ(row->status, "two\nlines, \"quoted\"");
  EXPECT_EQ(row->paid, false);
  EXPECT_EQ(row->created_at, Time(Duration(1767225600000000)));
  EXPECT_EQ(rows.line(), 4U);
  ++row;
  EXPECT_EQ(row, rows.end());
}

TEST_F(CsvFileTest, WhatIsEmptyMissingOrNoValueIsNothing) {
  auto rows =
      read_csv<Order>(file("id,amount,status,paid,created_at\n,,,,\n\"\",,\"\",,\n1,2.5,ok\nx,1.2.3,ok,maybe,yesterday\n"));
  auto row = rows.begin();
  EXPECT_FALSE(row->id || row->amount || row->status || row->paid || row->created_at);
  ++row;
  EXPECT_FALSE(row->id);
  EXPECT_EQ(row->status, "");
  ++row;
  EXPECT_EQ(row->id, 1);
  EXPECT_EQ(row->status, "ok");
  EXPECT_FALSE(row->paid || row->created_at);
  ++row;
  EXPECT_FALSE(row->id || row->amount || row->paid || row->created_at);
  EXPECT_EQ(row->status, "ok");
}

TEST_F(CsvFileTest, OtherDelimiterAndNoHeader) {
  auto rows = read_csv<Order>(file("1;2;a,b;1;2026-01-01\n"),
                              {.delimiter = ';', .header = {"id", "amount", "status", "paid", "created_at"}});
  const auto row = rows.begin();
  EXPECT_EQ(row->status, "a,b");
  EXPECT_EQ(rows.line(), 1U);
}

TEST_F(CsvFileTest, SaysWhatIsWrongAndWhere) {
  const std::string path = folder_ + "/orders.csv", head = "id,amount,status,paid,created_at\n";
  EXPECT_EQ(error("id,amount,status,paid\n"),
            path + ", line 1: there is no column created_at (there are: id, amount, status, paid)");
  EXPECT_EQ(error("id,id,amount,status,paid,created_at\n"), path + ", line 1: two columns are named id");
  EXPECT_EQ(error("1,2\n", {.header = {"id", "amount"}}), path + ": there is no column status (there are: id, amount)");
  EXPECT_THAT(error(head + "1,2,\"ok,1,2026-01-01\n"), HasSubstr(path + ", line 2: the quote that opens here is never closed"));
  EXPECT_THAT(error(head + "1,2,\xff,1,2026-01-01\n"), HasSubstr("byte 0xff at offset"));
  EXPECT_THAT(error(head + "1,2,3,4,5,6\n"), HasSubstr(", line 2: 6 fields, but the header has 5"));
  try {
    (void)read_csv<Order>("/no/such/orders.csv");
    FAIL();
  } catch (const CsvError& e) {
    EXPECT_STREQ(e.what(), "/no/such/orders.csv cannot be read: No such file or directory");
  }
}

}  // namespace
}  // namespace venturi
