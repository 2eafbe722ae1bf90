#include "providers/amazon/aws_signature.h"

#include <algorithm>
#include <cctype>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/crypto.h"
#include "base/percent.h"
#include "base/text.h"

namespace venturi::providers {
namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return text;
}

// "20130524T000000Z"
std::string amz_time(Time at) {
  std::string text;
  for (const char c : format_time(std::chrono::floor<std::chrono::seconds>(at))) {
    if (c != '-' && c != ':') text += c;
  }
  return text;
}

std::string encoded_path(std::string_view path) {
  std::string encoded;
  for (std::size_t begin = 0;;) {
    const std::size_t slash = path.find('/', begin);
    encoded += percent_encoded(path.substr(begin, slash - begin));
    if (slash == std::string_view::npos) return encoded;
    encoded += '/';
    begin = slash + 1;
  }
}

// Sorted by the encoded names, and then values, as the canonical request has it; so the URL may have it too.
std::string encoded_query(const net::QueryItems& items) {
  std::vector<std::pair<std::string, std::string>> encoded;
  encoded.reserve(items.size());
  for (const auto& [name, value] : items) encoded.emplace_back(percent_encoded(name), percent_encoded(value));
  std::ranges::sort(encoded);
  std::string query;
  for (const auto& [name, value] : encoded) query += (query.empty() ? "" : "&") + name + "=" + value;
  return query;
}

std::string url_of(const AwsRequest& request, const std::string& query) {
  return request.origin + encoded_path(request.path) + (query.empty() ? "" : "?" + query);
}

struct SignedHeaders {
  std::string lines, names;  // "host:x\n...", "host;..."
};

SignedHeaders signed_headers(const AwsRequest& request) {
  std::vector<std::pair<std::string, std::string>> headers{{"host", request.origin.substr(request.origin.find("://") + 3)}};
  for (const auto& [name, value] : request.headers) {
    std::string lower = name;
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    headers.emplace_back(std::move(lower), trim(value));
  }
  std::ranges::sort(headers);
  SignedHeaders result;
  for (const auto& [name, value] : headers) {
    result.lines += name + ":" + value + "\n";
    result.names += (result.names.empty() ? "" : ";") + name;
  }
  return result;
}

std::string scope_text(const std::string& time, const AwsScope& scope) {
  return fmt::format("{}/{}/{}/aws4_request", time.substr(0, 8), scope.region, scope.service);
}

std::string signature(const std::string& canonical, const AwsCredentials& credentials, const AwsScope& scope,
                      const std::string& time) {
  const std::string to_sign = fmt::format("{}\n{}\n{}\n{}", algorithm, time, scope_text(time, scope), sha256_hex(canonical));
  const std::string day = hmac_sha256("AWS4" + credentials.secret_access_key, time.substr(0, 8));
  const std::string key = hmac_sha256(hmac_sha256(hmac_sha256(day, scope.region), scope.service), "aws4_request");
  return hex(hmac_sha256(key, to_sign));
}

std::string canonical_request(const AwsRequest& request, const std::string& query, const SignedHeaders& headers,
                              const std::string& body_sha256) {
  return fmt::format("{}\n{}\n{}\n{}\n{}\n{}", request.method, encoded_path(request.path), query, headers.lines, headers.names,
                     body_sha256);
}

}  // namespace

void set_signed(net::HttpRequest& into, AwsRequest request, const AwsCredentials& credentials, const AwsScope& scope,
                Time now) {
  const std::string time = amz_time(now);
  const std::string body_sha256 =
      request.body_sha256.empty() ? sha256_hex(request.body.value_or("")) : std::move(request.body_sha256);
  request.headers.emplace_back("x-amz-date", time);
  request.headers.emplace_back("x-amz-content-sha256", body_sha256);
  if (!credentials.session_token.empty()) request.headers.emplace_back("x-amz-security-token", credentials.session_token);
  const std::string query = encoded_query(request.query);
  const SignedHeaders headers = signed_headers(request);
  const std::string signed_by = signature(canonical_request(request, query, headers, body_sha256), credentials, scope, time);
  into.method = request.method;
  into.url = url_of(request, query);
  into.headers = std::move(request.headers);
  into.headers.emplace_back(
      "Authorization", fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", algorithm, credentials.access_key_id,
                                   scope_text(time, scope), headers.names, signed_by));
  into.body = std::move(request.body);
}

std::string presigned_url(const AwsRequest& request, const AwsCredentials& credentials, const AwsScope& scope, Time now,
                          std::chrono::seconds good_for) {
  const std::string time = amz_time(now);
  const SignedHeaders headers = signed_headers(request);
  net::QueryItems items = request.query;
  items.emplace_back("X-Amz-Algorithm", algorithm);
  items.emplace_back("X-Amz-Credential", credentials.access_key_id + "/" + scope_text(time, scope));
  items.emplace_back("X-Amz-Date", time);
  items.emplace_back("X-Amz-Expires", std::to_string(good_for.count()));
  items.emplace_back("X-Amz-SignedHeaders", headers.names);
  if (!credentials.session_token.empty()) items.emplace_back("X-Amz-Security-Token", credentials.session_token);
  const std::string query = encoded_query(items);
  return url_of(request, query) + "&X-Amz-Signature=" +
         signature(canonical_request(request, query, headers, "UNSIGNED-PAYLOAD"), credentials, scope, time);
}

}  // namespace venturi::providers
