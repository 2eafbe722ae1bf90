#include "store/sqlite/columns.h"

#include <cstring>
#include <limits>

#include "base/json.h"

namespace venturi::store {

int bind_value(sqlite3_stmt* statement, int index, std::int64_t value) {
  return sqlite3_bind_int64(statement, index, value);
}
int bind_value(sqlite3_stmt* statement, int index, std::int32_t value) {
  return sqlite3_bind_int(statement, index, value);
}
int bind_value(sqlite3_stmt* statement, int index, bool value) {
  return sqlite3_bind_int(statement, index, value ? 1 : 0);
}
int bind_value(sqlite3_stmt* statement, int index, double value) {
  return sqlite3_bind_double(statement, index, value);
}
int bind_value(sqlite3_stmt* statement, int index, std::uint64_t value) {
  return sqlite3_bind_int64(statement, index, static_cast<std::int64_t>(value));
}
int bind_value(sqlite3_stmt* statement, int index, std::string_view value) {
  // A null pointer would bind NULL.
  return sqlite3_bind_text64(statement, index, value.data() == nullptr ? "" : value.data(), value.size(), SQLITE_STATIC,
                             SQLITE_UTF8);
}
int bind_value(sqlite3_stmt* statement, int index, const std::string& value) {
  return bind_value(statement, index, std::string_view(value));
}
int bind_value(sqlite3_stmt* statement, int index, Time value) {
  return sqlite3_bind_int64(statement, index, value.time_since_epoch().count());
}
int bind_value(sqlite3_stmt* statement, int index, const Uuid& value) {
  return sqlite3_bind_blob(statement, index, value.bytes.data(), static_cast<int>(value.bytes.size()), SQLITE_STATIC);
}
int bind_value(sqlite3_stmt* statement, int index, TaskState value) {
  return value == TaskState::none ? sqlite3_bind_null(statement, index) : bind_value(statement, index, to_string(value));
}
int bind_value(sqlite3_stmt* statement, int index, EndReason value) {
  return value == EndReason::none ? sqlite3_bind_null(statement, index) : bind_value(statement, index, to_string(value));
}
int bind_value(sqlite3_stmt* statement, int index, RunState value) {
  return bind_value(statement, index, to_string(value));
}
int bind_value(sqlite3_stmt* statement, int index, RunType value) {
  return bind_value(statement, index, to_string(value));
}
int bind_value(sqlite3_stmt* statement, int index, ReprocessBehavior value) {
  return bind_value(statement, index, to_string(value));
}
int bind_value(sqlite3_stmt* statement, int index, const Value& value) {
  if (value.is_null()) return sqlite3_bind_null(statement, index);
  const std::string json = to_json(value);
  return sqlite3_bind_text64(statement, index, json.data(), json.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

std::string_view Columns::text_here() const {
  // The text has to be asked for before its length.
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, next_));
  if (text == nullptr) return {};
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(statement_, next_))};
}

void Columns::complain(std::string_view what) {
  if (!problem_.empty()) return;
  problem_ = "column " + std::string(sqlite3_column_name(statement_, next_)) + " " + std::string(what);
}

template <class Word, class Parse>
void Columns::get_word(Word& target, Parse parse) {
  const std::string_view text = text_here();
  if (const auto word = parse(text)) {
    target = *word;
  } else {
    complain("has the unknown word '" + std::string(text) + "'");
  }
  ++next_;
}

void Columns::get(std::int64_t& target) {
  target = sqlite3_column_int64(statement_, next_++);
}
void Columns::get(std::int32_t& target) {
  const std::int64_t wide = sqlite3_column_int64(statement_, next_);
  if (wide < std::numeric_limits<std::int32_t>::min() || wide > std::numeric_limits<std::int32_t>::max()) {
    complain("is out of range");
  } else {
    target = static_cast<std::int32_t>(wide);
  }
  ++next_;
}
void Columns::get(bool& target) {
  target = sqlite3_column_int(statement_, next_++) != 0;
}
void Columns::get(std::uint64_t& target) {
  target = static_cast<std::uint64_t>(sqlite3_column_int64(statement_, next_++));
}
void Columns::get(std::string& target) {
  target = text_here();
  ++next_;
}
void Columns::get(Time& target) {
  target = Time(Duration(sqlite3_column_int64(statement_, next_++)));
}
void Columns::get(Uuid& target) {
  const void* bytes = sqlite3_column_blob(statement_, next_);
  if (bytes != nullptr && sqlite3_column_bytes(statement_, next_) == static_cast<int>(target.bytes.size())) {
    std::memcpy(target.bytes.data(), bytes, target.bytes.size());
  } else {
    complain("is no UUID of 16 bytes");
  }
  ++next_;
}
void Columns::get(TaskState& target) {
  if (is_null()) {
    target = TaskState::none;
    ++next_;
  } else {
    get_word(target, parse_task_state);
  }
}
void Columns::get(EndReason& target) {
  if (is_null()) {
    target = EndReason::none;
    ++next_;
  } else {
    get_word(target, parse_end_reason);
  }
}
void Columns::get(RunState& target) {
  get_word(target, parse_run_state);
}
void Columns::get(RunType& target) {
  get_word(target, parse_run_type);
}
void Columns::get(ReprocessBehavior& target) {
  get_word(target, parse_reprocess_behavior);
}
void Columns::get(Value& target) {
  if (is_null()) {
    target = Value();
  } else if (auto value = parse_json(text_here())) {
    target = std::move(*value);
  } else {
    complain("is no JSON: " + value.error().text());
  }
  ++next_;
}

}  // namespace venturi::store
