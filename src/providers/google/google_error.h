// What Google's services say when they refuse.
//
//   {"error": {"code": 404, "message": "...", "errors": [{"reason": "notFound", ...}], "status": "NOT_FOUND"}}      APIs
//   {"error": "invalid_grant", "error_description": "..."}                                                         token
//   servers No such object: shop/a.csv downloads
#pragma once

#include <string>

#include "net/http_request.h"
#include "operators/outcome.h"
#include "providers/google/google_connection.h"

namespace venturi::providers {

// Statuses that mean something of their own.
namespace google_status {
inline constexpr int first_refusal = 300, go_on = 308, unauthorized = 401, forbidden = 403, not_found = 404, conflict = 409,
                     gone = 410, precondition_failed = 412, client_closed = 499;
}

struct GoogleErrorText {
  std::string reason, message;  // empty where the answer does not say so
};
[[nodiscard]] GoogleErrorText google_error_text(const net::HttpAnswer& answer);

class GoogleRefused : public operators::TaskFailed {
 public:
  GoogleRefused(const std::string& text, int status_, std::string reason_)
      : TaskFailed(text), status(status_), reason(std::move(reason_)) {}
  int status;
  std::string reason;  // "notFound"; empty where the answer had none
};

// `shown`: what was asked for, "GCS: GET gs://shop/a.csv".
[[nodiscard]] GoogleRefused google_refusal(const GoogleSettings& settings, const std::string& shown,
                                           const net::HttpAnswer& answer);
// 408, 429, 5xx, and what Google says with 403 where it is busy.
[[nodiscard]] bool may_help_to_ask_again(const GoogleSettings& settings, const GoogleRefused& refused);

}  // namespace venturi::providers
