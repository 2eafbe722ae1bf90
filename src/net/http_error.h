// Why a request came to nothing, in words.
#pragma once

#include <curl/curl.h>

#include <chrono>
#include <string>

#include "base/result.h"
#include "net/http_request.h"

namespace venturi::net {

struct HttpTrouble {
  CURLcode code = CURLE_OK;
  std::string text;          // libcurl's own, with details
  long os_error = 0;         // errno of the connection, where that failed
  bool is_answered = false;  // the head was there already
};

// "1.5 s"
[[nodiscard]] std::string in_seconds(std::chrono::milliseconds time);
// "GET https://host/path?a=***"
[[nodiscard]] std::string shown_request(const HttpRequest& request, const std::string& url);
[[nodiscard]] Error http_error(const HttpTrouble& trouble, const HttpRequest& request, const std::string& url);

}  // namespace venturi::net
