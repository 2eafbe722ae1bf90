#include "template/limits.h"

#include <string>

#include "template/error.h"

namespace venturi::templates {
namespace {

constexpr int max_value_depth = 200;
constexpr std::uint32_t max_visited = 2'000'000;
constexpr std::size_t max_written = 16UL << 20;

}  // namespace

void Budget::exceeded(std::string_view limit, std::uint64_t value) {
  fail(ErrorKind::limit, "the template exceeds the limit " + std::string(limit) + " = " + std::to_string(value));
}

void Budget::total(std::size_t bytes) {
  total_ += bytes;
  if (total_ > limits_.total_bytes) exceeded("total_bytes", limits_.total_bytes);
}

void Budget::check_text(std::size_t bytes) const {
  if (bytes > limits_.value_bytes) exceeded("value_bytes", limits_.value_bytes);
}

void Budget::check_items(std::size_t items) const {
  if (items > limits_.value_items) exceeded("value_items", limits_.value_items);
}

void Budget::make_text(std::size_t bytes) {
  check_text(bytes);
  total(bytes);
}

void Budget::make_items(std::size_t items) {
  check_items(items);
  total(items * 24);  // an Item's size
}

void Budget::write(std::size_t bytes) {
  written_ += bytes;
  if (written_ > limits_.output_bytes) exceeded("output_bytes", limits_.output_bytes);
}

Walk::Level::Level(Walk& walk) : walk_(walk) {
  if (walk_.depth_ >= max_value_depth) {
    fail(ErrorKind::limit, "values are nested more than " + std::to_string(max_value_depth) + " levels deep");
  }
  if (++walk_.visited_ > max_visited) {
    fail(ErrorKind::limit, "a value has more than " + std::to_string(max_visited) + " parts");
  }
  ++walk_.depth_;
}

void Walk::check_text(std::size_t bytes) {
  if (bytes > max_written) fail(ErrorKind::limit, "a value's text has more than " + std::to_string(max_written) + " bytes");
}

}  // namespace venturi::templates
