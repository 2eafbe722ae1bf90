#include "sdk/hook_access.h"
#include "sdk/json_read.h"
#include "venturi/hooks/http.h"

namespace venturi::inline sdk {
namespace {

Value call_http(const Context& context, const std::string& conn_id, std::string_view method, Object arguments) {
  return internal::call_hook(context, "HttpHook", "http", method, conn_id, std::move(arguments));
}

Object http_arguments(std::string_view method, std::string_view endpoint, const HttpOptions& o) {
  Object arguments{{"method", method}, {"endpoint", endpoint}};
  if (!o.data.is_null()) arguments.add("data", o.data);
  if (!o.headers.empty()) arguments.add("headers", o.headers);
  if (!o.extra_options.empty()) arguments.add("extra_options", o.extra_options);
  if (!o.retry_args.empty()) arguments.add("retry_args", o.retry_args);
  Object more;
  if (!o.json.is_null()) more.add("json", o.json);
  if (!o.params.empty()) more.add("params", o.params);
  if (!more.empty()) arguments.add("request_kwargs", std::move(more));
  return arguments;
}

HttpResponse response_in(const Context& context, const std::string& conn_id, Value body) {
  HttpResponse response;
  response.status = static_cast<int>(body.get_int("status"));
  response.reason = body.get_string("reason");
  response.url = body.get_string("url");
  response.text = body.take_value("text").as_string();
  if (Value headers = body.take_value("headers"); headers.is_object()) response.headers = std::move(headers.as_object());
  for (std::int64_t more = body.get_int("more"); more != 0;) {
    const Value rest = call_http(context, conn_id, "rest", {{"text", more}});
    response.text += rest.at("text").as_string();
    more = rest.get_int("more");
  }
  return response;
}

}  // namespace

std::string HttpResponse::header(std::string_view name) const {
  const Value* value = headers.find(name);
  return value != nullptr && value->is_string() ? value->as_string() : std::string();
}

Value HttpResponse::json() const {
  return internal::read_json(text, "the answer of " + url);
}

HttpResponse HttpHook::run(std::string_view method, std::string_view endpoint, const HttpOptions& options) const {
  return response_in(context_, conn_id_, call_http(context_, conn_id_, "run", http_arguments(method, endpoint, options)));
}

HttpResponse HttpHook::get(std::string_view endpoint, const HttpOptions& options) const {
  return run("GET", endpoint, options);
}
HttpResponse HttpHook::post(std::string_view endpoint, const HttpOptions& options) const {
  return run("POST", endpoint, options);
}
HttpResponse HttpHook::put(std::string_view endpoint, const HttpOptions& options) const {
  return run("PUT", endpoint, options);
}
HttpResponse HttpHook::patch(std::string_view endpoint, const HttpOptions& options) const {
  return run("PATCH", endpoint, options);
}
HttpResponse HttpHook::delete_(std::string_view endpoint, const HttpOptions& options) const {
  return run("DELETE", endpoint, options);
}

std::vector<HttpResponse> HttpHook::get_pages(std::string_view endpoint, const Object& pagination,
                                              const HttpOptions& options) const {
  Object arguments = http_arguments("GET", endpoint, options);
  arguments.add("pagination", pagination);
  std::vector<HttpResponse> pages;
  for (Value body = call_http(context_, conn_id_, "pages", std::move(arguments)); body.get_int("status") != 0;) {
    const std::int64_t left = body.get_int("left"), number = body.get_int("pages");
    pages.push_back(response_in(context_, conn_id_, std::move(body)));
    if (left == 0) break;
    body = call_http(context_, conn_id_, "page", {{"pages", number}});
  }
  return pages;
}

std::string HttpHook::download(std::string_view endpoint, const std::string& file, const DownloadOptions& options) const {
  Object arguments = http_arguments("GET", endpoint, options.request);
  arguments.add("path", file.starts_with('/') ? file : context_.run_dir() + "/" + file);
  if (!options.sha256.empty()) arguments.add("sha256", options.sha256);
  if (options.max_bytes != 0) arguments.add("max_bytes", options.max_bytes);
  return call_http(context_, conn_id_, "download", std::move(arguments)).get_string("path");
}

}  // namespace venturi::inline sdk
