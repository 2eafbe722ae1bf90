#include "venturi/run_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>

namespace venturi {
namespace {

namespace fs = std::filesystem;

struct Order {
  std::optional<std::int64_t> id;
  std::optional<double> amount;
  std::optional<std::string> status;
  std::optional<bool> paid;
  std::optional<Time> created_at;
};
VENTURI_STRUCT(Order, id, amount, status, paid, created_at);

struct OnlyStatus {
  std::optional<std::string> status;
};
VENTURI_STRUCT(OnlyStatus, status);

struct WrongType {
  std::optional<double> id;
};
VENTURI_STRUCT(WrongType, id);

struct NoCell {
  std::int64_t id = 0;
};
VENTURI_STRUCT(NoCell, id);

class RunFileTest : public testing::Test {
 protected:
  RunFileTest() {
    std::string name = (fs::temp_directory_path() / "run_file_test.XXXXXX").string();
    dir_ = ::mkdtemp(name.data());
  }
  ~RunFileTest() override { fs::remove_all(dir_); }
  std::string bytes(const RunFile& file) const {
    std::ifstream in(file.absolute_path(), std::ios::binary);
    std::stringstream s;
    s << in.rdbuf();
    return s.str();
  }
  void overwrite(const RunFile& file, const std::string& data) const {
    std::ofstream(file.absolute_path(), std::ios::binary | std::ios::trunc) << data;
  }
  std::string error_of(const RunFile& file) const {
    try {
      std::int64_t n = 0;
      for (auto row : file.rows()) n += row.get<std::int64_t>(std::size_t{0}).value_or(0);
      return "read without complaint: " + std::to_string(n);
    } catch (const RunFileError& e) {
      return e.what();
    }
  }
  std::string dir_;
};

RunFile write_orders(const std::string& dir) {
  RunFileWriter w(dir + "/run", "extract/orders.rows", columns_of<Order>());
  w.int64(std::numeric_limits<std::int64_t>::min());
  w.float64(0.1);
  w.string("Ошибка");
  w.boolean(true);
  w.timestamp(Time(Duration(1'700'000'000'123'456)));
  w.end_row();
  w.null();
  w.unreadable("12,5 €");
  w.string("");
  w.null();
  w.unreadable("gestern");
  w.end_row();
  w.int64(std::numeric_limits<std::int64_t>::max());
  for (int i = 0; i < 4; ++i) w.null();
  w.end_row();
  return w.finish();
}

TEST_F(RunFileTest, RowsOfTextsGiveTheSameBytesAsTypedCells) {
  const std::string typed = bytes(write_orders(dir_));
  RunFileWriter w(dir_ + "/texts", "orders.rows", columns_of<Order>());
  const TextCell none{{}, true};
  const TextCell first[] = {{"-9223372036854775808"}, {"0.1"}, {"Ошибка"}, {"true"}, {"2023-11-14T22:13:20.123456Z"}};
  const TextCell second[] = {none, {"12,5 €"}, {""}, none, {"gestern"}};
  const TextCell third[] = {{" +9223372036854775807"}};  // the rest is missing
  EXPECT_EQ(w.text_row(first, 5), 0);
  EXPECT_EQ(w.text_row(second, 5), 2);
  EXPECT_EQ(w.text_row(third, 1), 0);
  EXPECT_EQ(bytes(w.finish()), typed);

  RunFileWriter other(dir_ + "/texts", "other.rows", columns_of<OnlyStatus>());
  EXPECT_THROW(other.text_row(first, 2), RunFileError);
  const std::string large(RunFileWriter::max_cell_bytes + 1, 'x');
  const TextCell too_large{large};
  EXPECT_THROW(other.text_row(&too_large, 1), RunFileError);
}

TEST_F(RunFileTest, ReadsBackEveryCell) {
  const RunFile file = write_orders(dir_);
  EXPECT_EQ(file.row_count, 3);
  EXPECT_EQ(file.bytes, static_cast<std::int64_t>(fs::file_size(file.absolute_path())));
  std::vector<Order> orders;
  for (const Order& o : file.rows<Order>()) orders.push_back(o);
  ASSERT_EQ(orders.size(), 3U);
  EXPECT_EQ(orders[0].id, std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(orders[0].amount, 0.1);
  EXPECT_EQ(orders[0].status, "Ошибка");
  EXPECT_EQ(orders[0].paid, true);
  EXPECT_EQ(orders[0].created_at, Time(Duration(1'700'000'000'123'456)));
  EXPECT_FALSE(orders[1].id || orders[1].amount || orders[1].paid || orders[1].created_at);
  EXPECT_EQ(orders[1].status, "");
  EXPECT_EQ(orders[2].id, std::numeric_limits<std::int64_t>::max());
  EXPECT_FALSE(orders[2].status);
}

TEST_F(RunFileTest, TellsNullFromUnreadable) {
  const RunFile file = write_orders(dir_);
  int row_no = 0;
  for (auto row : file.rows()) {
    if (row_no++ != 1) continue;
    EXPECT_TRUE(row.is_null("id"));
    EXPECT_FALSE(row.is_unreadable("id"));
    EXPECT_TRUE(row.is_unreadable("amount"));
    EXPECT_EQ(row.raw("amount"), "12,5 €");
    EXPECT_EQ(row.get<double>("amount"), std::nullopt);
    EXPECT_EQ(row.raw("created_at"), "gestern");
    EXPECT_EQ(row.get<std::string_view>("status"), "");
  }
  EXPECT_EQ(row_no, 3);
}

TEST_F(RunFileTest, HandleTravelsAsXCom) {
  const RunFile file = write_orders(dir_);
  const Value xcom = to_value(file);
  EXPECT_EQ(
      to_json(xcom),
      R"({"__venturi_run_file__":{"path":"extract/orders.rows","rows":3,"bytes":)" + std::to_string(file.bytes) +
          R"(,"columns":[{"name":"id","type":"int64"},{"name":"amount","type":"float64"},{"name":"status","type":"string"},)"
          R"({"name":"paid","type":"boolean"},{"name":"created_at","type":"timestamp"}]}})");
  const auto back = from_value<RunFile>(xcom, "result of extract", dir_ + "/run");
  EXPECT_EQ(back.columns, file.columns);
  EXPECT_EQ(back.absolute_path(), file.absolute_path());
  std::int64_t rows = 0;
  for (const OnlyStatus& o : back.rows<OnlyStatus>()) rows += o.status ? 1 : 0;
  EXPECT_EQ(rows, 2);
}

TEST_F(RunFileTest, HandleMayNotLeaveTheRunsFolder) {
  for (const char* path : {"/etc/passwd", "../other", "a/../../b", "", "a//b", "a/"}) {
    Value xcom = Object{{"__venturi_run_file__", Object{{"path", path}, {"rows", 0}, {"bytes", 0}, {"columns", Array{}}}}};
    EXPECT_THROW((void)RunFile::from_value(xcom, dir_), RunFileError) << path;
    EXPECT_THROW(RunFileWriter(dir_, path, {{"a", ColumnType::int64}}), RunFileError) << path;
  }
}

TEST_F(RunFileTest, ManyBlocksAndLargeCells) {
  RunFileWriter w(dir_, "large", {{"n", ColumnType::int64}, {"text", ColumnType::string}});
  const std::string large(10UL << 20, 'x');
  for (int i = 0; i < 100'000; ++i) {
    w.int64(i);
    w.string(i == 50'000 ? large : "some text that fills the blocks");
    w.end_row();
  }
  const RunFile file = w.finish();
  std::int64_t expected = 0;
  for (auto row : file.rows()) {
    ASSERT_EQ(row.get<std::int64_t>("n"), expected);
    if (expected == 50'000) {
      EXPECT_EQ(row.get<std::string_view>("text")->size(), large.size());
    }
    ++expected;
  }
  EXPECT_EQ(expected, 100'000);
}

TEST_F(RunFileTest, EmptyFileHasNoRows) {
  RunFileWriter w(dir_, "empty", {{"n", ColumnType::int64}});
  const RunFile file = w.finish();
  EXPECT_EQ(error_of(file), "read without complaint: 0");
}

TEST_F(RunFileTest, EveryCutIsNoticed) {
  const RunFile file = write_orders(dir_);
  const std::string whole = bytes(file);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    overwrite(file, whole.substr(0, length));
    EXPECT_NE(error_of(file).find("is cut off at byte " + std::to_string(length)), std::string::npos)
        << length << ": " << error_of(file);
  }
}

TEST_F(RunFileTest, EveryFlippedByteIsNoticed) {
  const RunFile file = write_orders(dir_);
  const std::string whole = bytes(file);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x20);
    overwrite(file, damaged);
    EXPECT_EQ(error_of(file).find("read without complaint"), std::string::npos) << "byte " << i;
  }
}

TEST_F(RunFileTest, WithoutFinishNothingIsLeft) {
  {
    RunFileWriter w(dir_, "half", {{"n", ColumnType::int64}});
    w.int64(1);
    w.end_row();
    EXPECT_EQ(std::distance(fs::directory_iterator(dir_), fs::directory_iterator()), 1);
    EXPECT_FALSE(fs::exists(dir_ + "/half"));
  }
  EXPECT_TRUE(fs::is_empty(dir_));
}

TEST_F(RunFileTest, MisuseIsRefusedByName) {
  RunFileWriter w(dir_, "x", {{"n", ColumnType::int64}, {"s", ColumnType::string}});
  const auto message = [](auto&& call) -> std::string {
    try {
      call();
      return "no error";
    } catch (const RunFileError& e) {
      return e.what();
    }
  };
  EXPECT_EQ(message([&] { w.float64(1); }), "run file x: column n is int64, the cell is float64");
  w.int64(1);
  EXPECT_EQ(message([&] { w.end_row(); }), "run file x: row 0 has 1 cells for 2 columns");
  w.string("s");
  EXPECT_EQ(message([&] { w.null(); }), "run file x: row 0 has more cells than the 2 columns");
  w.end_row();
  const RunFile file = w.finish();
  EXPECT_NE(message([&] { (void)file.rows<WrongType>(); }).find("column n"), 0U);
  EXPECT_EQ(message([&] { (void)file.rows<WrongType>(); }),
            "run file " + file.absolute_path() + ": has no column id; it has n, s");
  EXPECT_NE(message([&] { (void)columns_of<NoCell>(); }).find("use std::optional"), std::string::npos);
  const RunFile orders = write_orders(dir_);
  EXPECT_EQ(message([&] { (void)orders.rows<WrongType>(); }), "column id of the run file is int64, it was read as float64");
  EXPECT_EQ(message([] { RunFileWriter("/tmp", "d", {{"a", ColumnType::int64}, {"a", ColumnType::int64}}); }),
            "run file d: two columns are named a");
}

TEST_F(RunFileTest, UnreadableTextIsCutAtACharacter) {
  RunFileWriter w(dir_, "u", {{"n", ColumnType::int64}});
  std::string raw;
  while (raw.size() < 300) raw += "ы";
  w.unreadable("a" + raw);
  w.end_row();
  for (auto row : w.finish().rows()) EXPECT_EQ(row.raw("n"), ("a" + raw).substr(0, 255));
}

TEST_F(RunFileTest, FilesAndFoldersArePrivate) {
  const RunFile file = write_orders(dir_);
  struct stat st{};
  ASSERT_EQ(::stat(file.absolute_path().c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 0777U, 0600U);
  ASSERT_EQ(::stat((dir_ + "/run/extract").c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 0777U, 0700U);
}

}  // namespace
}  // namespace venturi
