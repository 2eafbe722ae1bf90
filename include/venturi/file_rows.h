// How the rows of a CSV file (csv.h) and of JSON lines (rows.h) are gone through.
#pragma once

#include <cstdint>
#include <utility>

#include "venturi/run_file.h"

namespace venturi::inline sdk::detail {

// A single pass over the rows of a Source, which fills one at a time.
template <class T, class Source>
class FileRows {
 public:
  explicit FileRows(Source source) : source_(std::move(source)) {}

  class Iterator {
   public:
    explicit Iterator(FileRows& rows) : rows_(&rows) { ++*this; }
    const T& operator*() const { return rows_->row_; }
    const T* operator->() const { return &rows_->row_; }
    Iterator& operator++() {
      more_ = rows_->source_.next(&rows_->row_);
      return *this;
    }
    friend bool operator==(const Iterator& i, EndOfRows) { return !i.more_; }

   private:
    FileRows* rows_;
    bool more_ = false;
  };
  [[nodiscard]] Iterator begin() { return Iterator(*this); }
  [[nodiscard]] EndOfRows end() const { return {}; }
  // The line of the file on which the present row begins, from 1.
  [[nodiscard]] std::uint64_t line() const { return source_.line(); }

 private:
  Source source_;
  T row_{};
};

}  // namespace venturi::inline sdk::detail
