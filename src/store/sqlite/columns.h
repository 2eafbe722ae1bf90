// How our types lie in SQLite's columns, in both directions:
//   times           INTEGER, microseconds since 1970 UTC        UUIDs   BLOB of 16 bytes
//   states, words   TEXT as Airflow spells them; "none" is NULL  Values  TEXT, JSON; null is NULL
//   64-bit unsigned INTEGER with the same bits
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "model/backfill.h"
#include "model/records.h"

namespace venturi::store {

int bind_value(sqlite3_stmt* statement, int index, std::int64_t value);
int bind_value(sqlite3_stmt* statement, int index, std::int32_t value);
int bind_value(sqlite3_stmt* statement, int index, bool value);
int bind_value(sqlite3_stmt* statement, int index, double value);
int bind_value(sqlite3_stmt* statement, int index, std::uint64_t value);
int bind_value(sqlite3_stmt* statement, int index, std::string_view value);
int bind_value(sqlite3_stmt* statement, int index, const std::string& value);
int bind_value(sqlite3_stmt* statement, int index, Time value);
int bind_value(sqlite3_stmt* statement, int index, const Uuid& value);
int bind_value(sqlite3_stmt* statement, int index, TaskState value);
int bind_value(sqlite3_stmt* statement, int index, EndReason value);
int bind_value(sqlite3_stmt* statement, int index, RunState value);
int bind_value(sqlite3_stmt* statement, int index, RunType value);
int bind_value(sqlite3_stmt* statement, int index, ReprocessBehavior value);
int bind_value(sqlite3_stmt* statement, int index, const Value& value);
template <class... Types>
int bind_value(sqlite3_stmt* statement, int index, const std::variant<Types...>& value) {
  return std::visit([&](const auto& one) { return bind_value(statement, index, one); }, value);
}
// A char pointer would convert to bool before it does to string_view.
int bind_value(sqlite3_stmt* statement, int index, const char* value) = delete;
template <class T>
int bind_value(sqlite3_stmt* statement, int index, const std::optional<T>& value) {
  return value ? bind_value(statement, index, *value) : sqlite3_bind_null(statement, index);
}

// Reads the columns of the present row one after the other. What does not fit leaves the target as it is and is told by
// problem(): the caller makes an error of the whole row.
class Columns {
 public:
  explicit Columns(sqlite3_stmt* statement) : statement_(statement) {}

  template <class... Targets>
  void read(Targets&... targets) {
    (get(targets), ...);
  }
  void skip() { ++next_; }
  [[nodiscard]] const std::string& problem() const { return problem_; }  // empty: none
  [[nodiscard]] sqlite3_stmt* raw() const { return statement_; }

 private:
  void get(std::int64_t& target);
  void get(std::int32_t& target);
  void get(bool& target);
  void get(std::uint64_t& target);
  void get(std::string& target);
  void get(Time& target);
  void get(Uuid& target);
  void get(TaskState& target);
  void get(EndReason& target);
  void get(RunState& target);
  void get(RunType& target);
  void get(ReprocessBehavior& target);
  void get(Value& target);
  template <class T>
  void get(std::optional<T>& target) {
    if (is_null()) {
      target.reset();
      ++next_;
    } else {
      get(target.emplace());
    }
  }

  [[nodiscard]] bool is_null() const { return sqlite3_column_type(statement_, next_) == SQLITE_NULL; }
  [[nodiscard]] std::string_view text_here() const;
  void complain(std::string_view what);
  template <class Word, class Parse>
  void get_word(Word& target, Parse parse);

  sqlite3_stmt* statement_;
  int next_ = 0;
  std::string problem_;
};

}  // namespace venturi::store
