// Rows of a warehouse's result, read while one goes over them: what BigQueryHook and RedshiftDataHook have in common.
//
// A Row is a VENTURI_STRUCT (each field a column of its name; others are passed over), a std::vector<T> (all columns in order;
// Array for anything), or a T for results of one column.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "venturi/context.h"
#include "venturi/owned.h"
#include "venturi/run_file.h"
#include "venturi/type.h"
#include "venturi/value.h"

namespace venturi::inline sdk {

namespace detail {

// A call whose answer is {columns, rows, more}; `rows` with what `more` is gives the page after it.
struct ResultCall {
  Context context;
  std::string hook_class, hook, conn_id, method;
  Object arguments;     // of that call
  Object connection{};  // that go with each call
};

class ResultReading {
 public:
  ResultReading(ResultCall call, const Type& row);
  ResultReading(ResultReading&&) noexcept;
  ResultReading& operator=(ResultReading&&) noexcept;
  ~ResultReading();

  // False at the end.
  bool next(void* row);

 private:
  struct State;
  Owned<State> state_;
};

template <class Row>
[[nodiscard]] std::vector<Row> all_rows(ResultCall call) {
  std::vector<Row> all;
  ResultReading reading(std::move(call), type_of<Row>());
  for (Row row{}; reading.next(&row); row = Row{}) all.push_back(std::move(row));
  return all;
}
template <class Row>
[[nodiscard]] std::optional<Row> first_row(ResultCall call) {
  call.arguments.set("most", 1);
  ResultReading reading(std::move(call), type_of<Row>());
  Row row{};
  if (!reading.next(&row)) return std::nullopt;
  return row;
}

}  // namespace detail

// Memory does not grow with the number of rows. A single pass.
template <class Row>
class ResultRows {
 public:
  explicit ResultRows(detail::ResultReading reading) : reading_(std::move(reading)) {}

  class Iterator {
   public:
    explicit Iterator(ResultRows& rows) : rows_(&rows) { ++*this; }
    const Row& operator*() const { return rows_->row_; }
    const Row* operator->() const { return &rows_->row_; }
    Iterator& operator++() {
      rows_->row_ = Row{};
      more_ = rows_->reading_.next(&rows_->row_);
      return *this;
    }
    friend bool operator==(const Iterator& i, EndOfRows) { return !i.more_; }

   private:
    ResultRows* rows_;
    bool more_ = false;
  };
  [[nodiscard]] Iterator begin() { return Iterator(*this); }
  [[nodiscard]] EndOfRows end() const { return {}; }

 private:
  detail::ResultReading reading_;
  Row row_{};
};

}  // namespace venturi::inline sdk
