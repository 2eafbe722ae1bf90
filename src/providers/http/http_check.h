// response_check as data: all that is given must hold.
//
//   {"status_codes": [200, 201], "json_pointer": "/state", "equals": "done", "text_contains": "ready"}
//
//   status_codes    which statuses are right; those of 400 and above are no failure then
//   json_pointer    a place in the answer's JSON that is there, is not null, false, 0, "" or empty; or, with
//   equals          is that value
//   text_contains   a part of the answer's text
#pragma once

#include <boost/asio/awaitable.hpp>

#include <string>
#include <vector>

#include "operators/arguments.h"
#include "providers/http/http_call.h"

namespace venturi::providers {

struct ResponseCheck {
  std::vector<int> status_codes;
  std::optional<std::string> json_pointer, text_contains;
  std::optional<Value> equals;
};

// Throws TaskFailedForGood naming what is wrong.
[[nodiscard]] ResponseCheck response_check(const operators::Arguments& arguments);
// Why it does not hold; empty where it does. Throws TaskFailed where JSON is wanted and none came.
[[nodiscard]] boost::asio::awaitable<std::string> failed_check(ResponseCheck check, int status,
                                                               std::shared_ptr<const std::string> text, std::string shown);

}  // namespace venturi::providers
