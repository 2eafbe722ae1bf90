#include "providers/http/http_paging.h"

#include <algorithm>

#include <fmt/format.h>

#include "net/http_error.h"
#include "operators/outcome.h"
#include "providers/http/json_pointer.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::TaskFailed;
using operators::TaskFailedForGood;

TaskFailedForGood wrong(std::string_view name, std::string_view expected) {
  return TaskFailedForGood(fmt::format("pagination: {} must be {}", name, expected));
}

std::string pointer(const std::string& name, const Value& value) {
  if (!value.is_string() || !is_pointer(value.as_string())) throw wrong(name, "a JSON pointer like /paging/next");
  return value.as_string();
}

std::int64_t number(const std::string& name, const Value& value, std::int64_t least) {
  if (!value.is_int() || value.as_int() < least) throw wrong(name, fmt::format("a number from {} on", least));
  return value.as_int();
}

bool has_items(const Value& page, const std::string& items) {
  const Value* list = at_pointer(page, items);
  if (list == nullptr) return false;
  if (list->is_array()) return !list->as_array().empty();
  return list->is_object() && !list->as_object().empty();
}

}  // namespace

std::optional<Paging> paging_of(const operators::Arguments& arguments) {
  const Value* given = arguments.find("pagination");
  if (given == nullptr) return std::nullopt;
  Paging paging;
  for (const auto& [name, value] : given->as_object()) {
    if (name == "next_link") {
      paging.next_link = pointer(name, value);
    } else if (name == "link_header") {
      if (!value.is_bool()) throw wrong(name, "true or false");
      paging.link_header = value.as_bool();
    } else if (name == "parameter") {
      if (!value.is_string() || value.as_string().empty()) throw wrong(name, "the name of a parameter");
      paging.parameter = value.as_string();
    } else if (name == "items") {
      paging.items = pointer(name, value);
    } else if (name == "start") {
      paging.start = number(name, value, 0);
    } else if (name == "step") {
      paging.step = number(name, value, 1);
    } else if (name == "max_pages") {
      paging.max_pages = number(name, value, 1);
    } else {
      throw TaskFailedForGood(fmt::format(
          "pagination: there is no {}; there are next_link, link_header, parameter, start, step, items and max_pages", name));
    }
  }
  const int ways = static_cast<int>(!paging.next_link.empty()) + static_cast<int>(paging.link_header) +
                   static_cast<int>(!paging.parameter.empty());
  if (ways != 1) throw TaskFailedForGood("pagination needs one of next_link, link_header and parameter");
  return paging;
}

// <uri>; rel="next"; title="a, b", <uri>; rel=last
std::string next_of_link_header(const net::HttpHead& head) {
  for (const auto& [name, value] : head.headers) {
    if (name != "link") continue;
    for (std::size_t at = 0; (at = value.find('<', at)) != std::string::npos;) {
      const std::size_t end = value.find('>', at);
      if (end == std::string::npos) break;
      const std::string uri = value.substr(at + 1, end - at - 1);
      std::size_t stop = end + 1;
      for (bool quoted = false; stop < value.size() && (quoted || value[stop] != ','); ++stop) quoted ^= value[stop] == '"';
      std::string parameters = value.substr(end + 1, stop - end - 1);
      std::erase_if(parameters, [](char c) { return c == ' ' || c == '"'; });
      for (std::size_t i = 0; (i = parameters.find(';', i)) != std::string::npos; ++i) {
        if (parameters.substr(i + 1, parameters.find(';', i + 1) - i - 1) == "rel=next") return uri;
      }
      at = stop;
    }
  }
  return {};
}

asio::awaitable<std::vector<HttpText>> all_pages(CallContext t, std::shared_ptr<HttpCall> call, Paging paging, RetryRule rule,
                                                 std::vector<int> accepts) {
  std::vector<HttpText> pages;
  std::int64_t position = paging.start;
  if (!paging.parameter.empty()) call->set_parameter(paging.parameter, std::to_string(position));
  for (;;) {
    co_await call->run(t, rule, accepts);
    HttpText page = std::move(*call->answer);
    const std::string shown = net::shown_request(call->request, call->request.url);
    std::string link;
    bool is_last = false;
    if (paging.link_header) {
      link = next_of_link_header(page.head);
    } else {
      const auto text = std::make_shared<const std::string>(page.text);
      const Value json = co_await parsed_json(text, shown);
      if (paging.next_link.empty()) {
        is_last = !has_items(json, paging.items);
      } else if (const Value* next = at_pointer(json, paging.next_link); next != nullptr && next->is_string()) {
        link = next->as_string();
      }
    }
    if (is_last) co_return pages;  // it has nothing
    pages.push_back(std::move(page));
    if (paging.parameter.empty() && link.empty()) co_return pages;
    if (static_cast<std::int64_t>(pages.size()) >= paging.max_pages) {
      throw TaskFailed(
          fmt::format("there are more than {} pages: raise max_pages in pagination, or ask for less", paging.max_pages));
    }
    if (link.empty()) {
      position += paging.step;
      call->set_parameter(paging.parameter, std::to_string(position));
    } else {
      call->go_to(link);
    }
  }
}

}  // namespace venturi::providers
