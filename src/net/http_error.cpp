#include "net/http_error.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <string_view>

#include "net/http_url.h"

namespace venturi::net {
namespace {

constexpr const char* no_tls_hint = "does this port speak TLS? http:// is for one that does not";

struct Row {
  CURLcode code;
  ErrorKind kind;
  const char* what;
  const char* hint;
  bool with_detail;  // libcurl's text says more
};

constexpr Row rows[] = {
    {CURLE_COULDNT_RESOLVE_PROXY, ErrorKind::not_found, "there is no proxy of that name, or the name server could not be asked",
     "check proxies, or HTTP_PROXY and HTTPS_PROXY in the worker's environment", false},
    {CURLE_PROXY, ErrorKind::unavailable, "the proxy refused", "", true},
    {CURLE_GOT_NOTHING, ErrorKind::unavailable, "the server closed the connection without an answer", "", false},
    {CURLE_PARTIAL_FILE, ErrorKind::unavailable, "the connection broke before the answer was complete", "", false},
    {CURLE_RECV_ERROR, ErrorKind::unavailable, "the connection broke", "", true},
    {CURLE_SEND_ERROR, ErrorKind::unavailable, "the connection broke while the request was sent", "", true},
    {CURLE_BAD_CONTENT_ENCODING, ErrorKind::invalid, "the compressed answer cannot be unpacked", "", true},
    {CURLE_UNSUPPORTED_PROTOCOL, ErrorKind::invalid, "it answers what is no HTTP", "is this the right port?", false},
    {CURLE_WEIRD_SERVER_REPLY, ErrorKind::invalid, "it answers what is no HTTP", "is this the right port?", true},
    {CURLE_HTTP_RETURNED_ERROR, ErrorKind::unavailable, "the proxy refused", "", true},
    {CURLE_URL_MALFORMAT, ErrorKind::invalid, "that is no URL", "write http://host:port/path", false},
    {CURLE_SSL_CONNECT_ERROR, ErrorKind::invalid, "the TLS handshake failed", no_tls_hint, true},
    {CURLE_SSL_CERTPROBLEM, ErrorKind::invalid, "the client's certificate or key cannot be used",
     "cert takes a PEM file with both, or a list of two: certificate and key without a password", true},
    {CURLE_SSL_CACERT_BADFILE, ErrorKind::invalid, "the authorities' certificates cannot be read", "check the path in verify",
     true},
    {CURLE_OUT_OF_MEMORY, ErrorKind::exhausted, "no memory was left", "", false},
};

struct CertificateRow {
  std::string_view reason;
  const char* hint;
};
constexpr CertificateRow certificate_rows[] = {
    {"not yet valid", "it counts from a later time on: is this machine's clock right?"},
    {"has expired", "the server needs a new certificate; verify: false would take it unchecked"},
    {"self-signed", "name the authority that signed it as verify: \"/path/to/ca.pem\""},
    {"unable to get local issuer", "name the authority that signed it as verify: \"/path/to/ca.pem\""},
    {"does not match", "use the name that the certificate is for"},
};

// libcurl's sentence without its own beginning.
std::string certificate_reason(std::string text, const HttpRequest& request, const std::string& url) {
  if (text.find("alternative certificate subject name") != std::string::npos ||
      text.find("subject name") != std::string::npos) {
    const auto origin = origin_of(url);
    return "it does not match the host " + (origin && request.shown_as.empty() ? origin->host : "that was asked");
  }
  constexpr std::string_view beginning = "SSL certificate problem: ";
  if (text.starts_with(beginning)) text.erase(0, beginning.size());
  return text;
}

Error of_time_out(const HttpTrouble& trouble, const HttpRequest& request) {
  if (trouble.text.find("onnect") != std::string::npos || trouble.text.find("esolv") != std::string::npos) {
    auto limit = request.connect_timeout.count() > 0 ? request.connect_timeout : default_connect_timeout;
    if (request.total_timeout.count() > 0) limit = std::min(limit, request.total_timeout);
    return {ErrorKind::exhausted,
            "it could not be connected to within " + in_seconds(limit),
            {},
            "is it reachable from the worker?"};
  }
  return {ErrorKind::exhausted, "the answer was not complete within " + in_seconds(request.total_timeout), {}, {}};
}

Error without_where(const HttpTrouble& trouble, const HttpRequest& request, const std::string& url) {
  switch (trouble.code) {
    case CURLE_COULDNT_RESOLVE_HOST: {
      const auto origin = origin_of(url);
      const std::string host = origin && request.shown_as.empty() ? " named " + origin->host : "";
      return {ErrorKind::not_found,
              "there is no host" + host + ", or the name server could not be asked",
              {},
              "check its spelling"};
    }
    case CURLE_COULDNT_CONNECT: {
      const std::string why = trouble.os_error == 0 ? trouble.text : std::strerror(static_cast<int>(trouble.os_error));
      return {ErrorKind::unavailable, "it cannot be reached: " + why, {}, "does it run, and is the port right?"};
    }
    case CURLE_OPERATION_TIMEDOUT:
      return of_time_out(trouble, request);
    case CURLE_PEER_FAILED_VERIFICATION: {
      const std::string reason = certificate_reason(trouble.text, request, url);
      const auto* row = std::ranges::find_if(
          certificate_rows, [&](const CertificateRow& r) { return reason.find(r.reason) != std::string::npos; });
      return {ErrorKind::invalid,
              "the server's TLS certificate is not accepted: " + reason,
              {},
              row == std::end(certificate_rows) ? "" : row->hint};
    }
    default:
      break;
  }
  const std::string detail = trouble.text.empty() ? ::curl_easy_strerror(trouble.code) : trouble.text;
  const auto* row = std::ranges::find(rows, trouble.code, &Row::code);
  if (row == std::end(rows)) return {ErrorKind::unavailable, detail, {}, {}};
  return {row->kind, row->with_detail ? row->what + (": " + detail) : row->what, {}, row->hint};
}

}  // namespace

std::string in_seconds(std::chrono::milliseconds time) {
  std::string text = std::to_string(time.count() / 1000);
  if (time.count() % 1000 != 0) {
    std::string rest = std::to_string(1000 + time.count() % 1000).substr(1);
    while (rest.ends_with('0')) rest.pop_back();
    text += "." + rest;
  }
  return text + " s";
}

std::string shown_request(const HttpRequest& request, const std::string& url) {
  return request.shown_as.empty() ? request.method + " " + shown_url(url) : request.shown_as;
}

Error http_error(const HttpTrouble& trouble, const HttpRequest& request, const std::string& url) {
  Error error = without_where(trouble, request, url);
  error.where = shown_request(request, url);
  return error;
}

}  // namespace venturi::net
