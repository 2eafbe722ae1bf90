// The pages of an answer, as data: Airflow's pagination_function, which is Python's, has no place here.
//
//   {"next_link": "/paging/next"}                      a URL or path at that place of the JSON; ends where there is none
//   {"link_header": true}                              RFC 8288: Link: </items?page=2>; rel="next"
//   {"parameter": "page", "start": 1, "step": 1,       counts; ends at a page without items, which `items` points to
//    "items": "/items"}
//   with any of them   "max_pages": 100                more is a failure: an answer that lacks pages is none
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "operators/arguments.h"
#include "providers/http/http_call.h"

namespace venturi::providers {

struct Paging {
  std::string next_link;  // JSON pointer
  bool link_header = false;
  std::string parameter, items;
  std::int64_t start = 1, step = 1, max_pages = 100;
};

// Nothing where the argument `pagination` is not given. Throws TaskFailedForGood naming what is wrong.
[[nodiscard]] std::optional<Paging> paging_of(const operators::Arguments& arguments);
// The URI with rel="next"; empty where there is none.
[[nodiscard]] std::string next_of_link_header(const net::HttpHead& head);
// All pages, the first one included, each got with HttpCall::run().
[[nodiscard]] boost::asio::awaitable<std::vector<HttpText>> all_pages(CallContext t, std::shared_ptr<HttpCall> call,
                                                                      Paging paging, RetryRule rule, std::vector<int> accepts);

}  // namespace venturi::providers
