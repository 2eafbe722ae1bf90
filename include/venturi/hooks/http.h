// Airflow's HttpHook for tasks in C++: calls over a connection of type http, made by the worker's operator host.
//
//   #include <venturi/hooks/http.h>
//
//   const HttpHook shop(context, "shop_api");
//   const Value order = shop.get("/orders/17").json();
//   shop.post("/orders", {.json = Object{{"customer", "Ada"}}, .retry_args = Object{{"attempts", 5}}});
//   for (const HttpResponse& page : shop.get_pages("/orders", Object{{"next_link", "/paging/next"}})) ...
//
// A status of 400 or above is a HookError with the beginning of the answer, {"status", "body"} in its detail(); with
// .extra_options = Object{{"check_response", false}} it is an answer like others. docs/hooks.md has all of it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "venturi/context.h"
#include "venturi/value.h"

namespace venturi::inline sdk {

struct HttpResponse {
  int status = 0;
  std::string reason, url;  // of the answer: another URL than asked for after redirects
  Object headers;           // names in lower case
  std::string text;         // in UTF-8

  // Empty where there is none; the name in lower case.
  [[nodiscard]] std::string header(std::string_view name) const;
  // Throws ValueError where the text is no JSON.
  [[nodiscard]] Value json() const;
};

// In the words of the operators; designated in this order.
struct HttpOptions {
  Value data{};            // an Object: a form, or the query of a GET; a text: the body
  Value json{};            // the body as JSON
  Object params{};         // the query
  Object headers{};        // beside the connection's
  Object extra_options{};  // timeout, verify, cert, proxies, allow_redirects, max_redirects, check_response
  Object retry_args{};     // attempts, statuses, wait, max_wait; without it once
};

struct DownloadOptions {
  std::string sha256{};        // that the file must have
  std::int64_t max_bytes = 0;  // 0: any size
  HttpOptions request{};
};

class HttpHook {
 public:
  explicit HttpHook(const Context& context, std::string conn_id = "http_default")
      : context_(context), conn_id_(std::move(conn_id)) {}

  [[nodiscard]] HttpResponse run(std::string_view method, std::string_view endpoint, const HttpOptions& options = {}) const;
  [[nodiscard]] HttpResponse get(std::string_view endpoint, const HttpOptions& options = {}) const;
  HttpResponse post(std::string_view endpoint, const HttpOptions& options = {}) const;
  HttpResponse put(std::string_view endpoint, const HttpOptions& options = {}) const;
  HttpResponse patch(std::string_view endpoint, const HttpOptions& options = {}) const;
  HttpResponse delete_(std::string_view endpoint, const HttpOptions& options = {}) const;  // `delete` is C++'s

  // All pages of a GET; how the next is found is said as with HttpOperator: next_link, link_header or parameter, and max_pages.
  [[nodiscard]] std::vector<HttpResponse> get_pages(std::string_view endpoint, const Object& pagination,
                                                    const HttpOptions& options = {}) const;

  // An answer of any size into a file, there as a whole or not at all; a broken download goes on where the server can. `file`
  // is an absolute path on the worker's machine, or a name in the run's folder. Returns the path.
  std::string download(std::string_view endpoint, const std::string& file, const DownloadOptions& options = {}) const;

 private:
  Context context_;
  std::string conn_id_;
};

}  // namespace venturi::inline sdk
