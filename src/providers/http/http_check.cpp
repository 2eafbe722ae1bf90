#include "providers/http/http_check.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "operators/outcome.h"
#include "providers/http/json_pointer.h"

namespace venturi::providers {
namespace {

using operators::TaskFailedForGood;

// Python's bool().
bool is_true(const Value& value) {
  if (value.is_bool()) return value.as_bool();
  if (value.is_number()) return value.as_double() != 0;
  if (value.is_string()) return !value.as_string().empty();
  if (value.is_array()) return !value.as_array().empty();
  return value.is_object() && !value.as_object().empty();
}

}  // namespace

ResponseCheck response_check(const operators::Arguments& arguments) {
  ResponseCheck check;
  const Value* given = arguments.find("response_check");
  if (given == nullptr) return check;
  for (const auto& [name, value] : given->as_object()) {
    if (name == "status_codes") {
      if (!value.is_array() || !std::ranges::all_of(value.as_array(), &Value::is_int))
        throw TaskFailedForGood("response_check: status_codes must be a list of numbers");
      for (const Value& status : value.as_array()) check.status_codes.push_back(static_cast<int>(status.as_int()));
    } else if (name == "json_pointer") {
      if (!value.is_string() || !is_pointer(value.as_string()))
        throw TaskFailedForGood("response_check: json_pointer must be a text like /state or /items/0/id");
      check.json_pointer = value.as_string();
    } else if (name == "equals") {
      check.equals = value;
    } else if (name == "text_contains") {
      if (!value.is_string()) throw TaskFailedForGood("response_check: text_contains must be a string");
      check.text_contains = value.as_string();
    } else {
      throw TaskFailedForGood(
          fmt::format("response_check: there is no {}; there are status_codes, json_pointer, equals and text_contains", name));
    }
  }
  if (check.equals && !check.json_pointer) throw TaskFailedForGood("response_check: equals needs a json_pointer");
  return check;
}

boost::asio::awaitable<std::string> failed_check(ResponseCheck check, int status, std::shared_ptr<const std::string> text,
                                                 std::string shown) {
  if (!check.status_codes.empty() && std::ranges::find(check.status_codes, status) == check.status_codes.end())
    co_return fmt::format("the status is {}, not {}", status, fmt::join(check.status_codes, " or "));
  if (check.text_contains && text->find(*check.text_contains) == std::string::npos)
    co_return fmt::format("the answer does not contain '{}'", *check.text_contains);
  if (!check.json_pointer) co_return "";
  const Value json = co_await parsed_json(text, shown);
  const Value* value = at_pointer(json, *check.json_pointer);
  if (value == nullptr) co_return fmt::format("the answer has nothing at {}", *check.json_pointer);
  if (!check.equals)
    co_return is_true(*value) ? "" : fmt::format("{} is {}", *check.json_pointer, to_json(*value).substr(0, 200));
  if (*value == *check.equals) co_return "";
  co_return fmt::format("{} is {}, not {}", *check.json_pointer, to_json(*value).substr(0, 200),
                        to_json(*check.equals).substr(0, 200));
}

}  // namespace venturi::providers
