// A value held against a schema that is one: a function for each keyword. The words of errors are those of Python's jsonschema,
// which Airflow shows.
#pragma once

#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/json_schema_rules.h"

namespace venturi::json_schema {

// The number in maxLength and its like.
[[nodiscard]] std::size_t size_in(const Value& keyword);

class Check {
 public:
  explicit Check(const Rules& rules) : rules_(rules) {}

  // False: error() says where and why, of the first thing that is wrong.
  bool fits(const Value& schema, const Value& value);
  [[nodiscard]] std::string error() const { return where_.empty() ? error_ : where_ + ": " + error_; }

 private:
  struct Keyword;
  static const Keyword* find(std::string_view name);

  // Where nobody wants to know why not.
  bool fits_silently(const Value& schema, const Value& value) {
    ++silent_;
    const bool is_right = fits(schema, value);
    --silent_;
    return is_right;
  }
  bool fits_below(const Value& schema, const Value& value, const std::string& step) {
    path_.push_back(step);
    const bool is_right = fits(schema, value);
    path_.pop_back();
    return is_right;
  }
  template <class Why>
  bool fail(const Why& why) {
    if (silent_ > 0 || !error_.empty()) return false;
    error_ = why();
    for (const std::string& step : path_) where_ += "/" + step;
    return false;
  }

  bool type(const Value& k, const Value& v, const Object& schema);
  bool one_of_values(const Value& k, const Value& v, const Object& schema);
  bool constant(const Value& k, const Value& v, const Object& schema);
  bool minimum(const Value& k, const Value& v, const Object& schema);
  bool maximum(const Value& k, const Value& v, const Object& schema);
  bool exclusive_minimum(const Value& k, const Value& v, const Object& schema);
  bool exclusive_maximum(const Value& k, const Value& v, const Object& schema);
  bool multiple_of(const Value& k, const Value& v, const Object& schema);
  bool min_length(const Value& k, const Value& v, const Object& schema);
  bool max_length(const Value& k, const Value& v, const Object& schema);
  bool pattern(const Value& k, const Value& v, const Object& schema);
  bool format(const Value& k, const Value& v, const Object& schema);
  bool items(const Value& k, const Value& v, const Object& schema);
  bool prefix_items(const Value& k, const Value& v, const Object& schema);
  bool additional_items(const Value& k, const Value& v, const Object& schema);
  bool contains(const Value& k, const Value& v, const Object& schema);
  bool min_items(const Value& k, const Value& v, const Object& schema);
  bool max_items(const Value& k, const Value& v, const Object& schema);
  bool unique_items(const Value& k, const Value& v, const Object& schema);
  bool unevaluated_items(const Value& k, const Value& v, const Object& schema);
  bool required(const Value& k, const Value& v, const Object& schema);
  bool min_properties(const Value& k, const Value& v, const Object& schema);
  bool max_properties(const Value& k, const Value& v, const Object& schema);
  bool properties(const Value& k, const Value& v, const Object& schema);
  bool pattern_properties(const Value& k, const Value& v, const Object& schema);
  bool additional_properties(const Value& k, const Value& v, const Object& schema);
  bool unevaluated_properties(const Value& k, const Value& v, const Object& schema);
  bool property_names(const Value& k, const Value& v, const Object& schema);
  bool dependencies(const Value& k, const Value& v, const Object& schema);
  bool all_of(const Value& k, const Value& v, const Object& schema);
  bool any_of(const Value& k, const Value& v, const Object& schema);
  bool one_of(const Value& k, const Value& v, const Object& schema);
  bool is_not(const Value& k, const Value& v, const Object& schema);
  bool condition(const Value& k, const Value& v, const Object& schema);
  bool reference(const Value& k, const Value& v, const Object& schema);

  bool items_from(std::size_t first, const Value& schema, const Value& v, const char* what);
  bool unexpected_members(const std::vector<std::string>& names, const char* what);
  [[nodiscard]] bool matches(const std::string& pattern, const std::string& text, bool& gave_up) const;
  [[nodiscard]] bool is_named(const Object& schema, const std::string& member) const;
  // What a schema, and those that it applies to the same value, looked at.
  void evaluated_members(const Value& schema, const Object& value, std::set<std::string>& names);
  void evaluated_items(const Value& schema, const Array& value, std::set<std::size_t>& places);
  void each_applied(const Value& schema, const Value& value, const std::function<void(const Value&)>& see);

  const Rules& rules_;
  std::vector<std::string> path_;
  std::string error_, where_;
  int silent_ = 0, level_ = 0;
};

}  // namespace venturi::json_schema
