// A table of tests/oracle/tables: rows that Airflow's own classes computed. Each row passes or fails for itself, whatever becomes
// of the others. tests/oracle/run names another folder of tables by $VENTURI_ORACLE_TABLES, and by $VENTURI_ORACLE_REPORT the
// folder for what came of each row.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/json.h"

namespace venturi::oracle {

class Table {
 public:
  explicit Table(std::string name) : name_(std::move(name)) {
    const char* other = std::getenv("VENTURI_ORACLE_TABLES");
    is_ours_ = other == nullptr;
    const std::string folder = is_ours_ ? VENTURI_SOURCE_DIR "/tests/oracle/tables" : other;
    const std::string path = folder + "/" + name_ + ".json";
    if (!is_ours_ && !std::filesystem::exists(path)) return;  // that folder has no such table
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    auto table = parse_json(text.str());
    if (!table) throw std::runtime_error(path + ": " + table.error().text());
    rows_ = std::move(table->as_object().find("rows")->as_array());
  }
  // Whether it is the one of this source tree, whose number of rows is known.
  [[nodiscard]] bool is_ours() const { return is_ours_; }
  [[nodiscard]] const Array& rows() const { return rows_; }

  // Each row by a function that EXPECTs, ASSERTs or throws.
  void check(const std::function<void(const Value& row)>& check_row) {
    for (const Value& row : rows_) {
      const int before = parts();
      try {
        check_row(row);
      } catch (const std::exception& e) {
        ADD_FAILURE() << e.what() << " in " << to_json(row);
      }
      if (parts() == before)
        ++passed_;
      else
        failures_.emplace_back(first_message(before) + " in " + to_json(row));
    }
    report();
  }

 private:
  static const testing::TestResult& result() { return *testing::UnitTest::GetInstance()->current_test_info()->result(); }
  static int parts() { return result().total_part_count(); }
  static std::string first_message(int part) {
    std::string message = result().GetTestPartResult(part).message();
    for (char& c : message) c = c == '\n' ? ' ' : c;
    return message;
  }
  void report() const {
    const char* folder = std::getenv("VENTURI_ORACLE_REPORT");
    if (folder == nullptr) return;
    std::ofstream(std::string(folder) + "/" + name_ + ".json")
        << to_json(Object{{"passed", passed_}, {"failures", failures_}});
  }

  std::string name_;
  bool is_ours_ = true;
  Array rows_;
  std::int64_t passed_ = 0;
  Array failures_;
};

}  // namespace venturi::oracle
