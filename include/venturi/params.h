// Params of a DAG or a task: values that a run may replace, checked against their JSON schemas when it is triggered.
//
//   .params = {{"unit", "EUR"},                                                       // any value will do
//              {"limit", Param{.value = 10, .schema = {{"type", "integer"}, {"maximum", 100}}}},
//              {"day", Param{.schema = {{"type", "string"}}, .description = "YYYY-MM-DD"}}}   // each run has to bring it
#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "venturi/value.h"

namespace venturi::inline sdk {

// A param's default, which may be missing. As Option<Value>, but for what a Value can be made of.
class ParamValue {
 public:
  ParamValue() = default;
  template <std::convertible_to<Value> T>
  ParamValue(const T& value) : value_(value), is_given_(true) {}
  [[nodiscard]] bool is_given() const { return is_given_; }
  [[nodiscard]] const Value& get() const { return value_; }

 private:
  Value value_;
  bool is_given_ = false;
};

struct Param {
  ParamValue value{};
  Object schema{};  // JSON schema, 2020-12, as Airflow's
  std::string description{};

  ~Param();
};

class Params {
 public:
  struct Member {
    Member(std::string_view of, const Param& given);
    template <std::convertible_to<Value> T>
    Member(std::string_view of, const T& value) : Member(of, Param{.value = value}) {}
    ~Member();
    std::string name;
    Param param;
  };
  Params();
  Params(std::initializer_list<Member> members);
  Params(const Params&);
  Params& operator=(const Params&);
  ~Params();

  // For params that are known only when the program runs. Replaces the one of the same name.
  void add(const Member& member);

  // In their order; of two with one name the later.
  [[nodiscard]] const std::vector<Member>& list() const { return members_; }

 private:
  std::vector<Member> members_;
};

}  // namespace venturi::inline sdk
