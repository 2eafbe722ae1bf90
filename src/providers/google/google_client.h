// Requests to Google's services with a connection's token, for all operators of this provider: busy and broken servers are
// asked again within the try, a token that is over is renewed, everything else is a failure that says service, object, Google's
// reason and its message.
//
//   no answer; 408, 429, 5xx; rateLimitExceeded  ─▶ again, after 0.5, 1, 2, ... s or Retry-After: num_retries times
//   401, once                                    ─▶ again at once, with a new token
//   other errors, and the last attempt           ─▶ GoogleRefused or TaskFailed
#pragma once

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/http_request.h"
#include "net/http_url.h"
#include "operators/arguments.h"
#include "operators/hook_session.h"
#include "operators/registry.h"
#include "operators/try_log.h"
#include "providers/google/google_connection.h"
#include "providers/google/google_error.h"
#include "providers/google/google_token.h"
#include "providers/http/http_call.h"

namespace venturi::providers {

struct GoogleRequest {
  std::string method = "GET";
  std::string url;  // without the query
  net::QueryItems query = {};
  net::HttpHeaders headers = {};
  std::optional<std::string> body = {};
  // An address that is a secret itself, and counts without a token: of an upload that was begun.
  bool is_secret = false;
};

struct GooglePurpose {
  std::string shown;              // in errors: "GCS: GET gs://shop/a.csv"
  std::vector<int> accepts = {};  // statuses that are answers beside those below 300
};

struct GoogleAnswer {
  net::HttpHead head;
  std::string body;
  int attempts = 1;  // after how many of them: the first may have been carried out, though nobody was told
};

class GoogleClient {
 public:
  // Of that connection. Its secrets are masked in the log from then on.
  [[nodiscard]] static boost::asio::awaitable<std::shared_ptr<GoogleClient>> make(CallContext t, std::string conn_id,
                                                                                  GoogleChoice choice);
  // `log` may be null. The tokens are its own unless they are shared.
  GoogleClient(GoogleSettings settings, operators::TryLog* log,
               std::shared_ptr<GoogleTokens> tokens = std::make_shared<GoogleTokens>())
      : settings_(std::move(settings)), log_(log), tokens_(std::move(tokens)) {}

  [[nodiscard]] boost::asio::awaitable<GoogleAnswer> call(GoogleRequest request, GooglePurpose purpose);
  // One request with the token that counts now, for what reads the answer itself. The body stays with the caller.
  [[nodiscard]] boost::asio::awaitable<net::HttpRequest> http_request(const GoogleRequest& request, std::string shown);
  // A request with that token was answered with 401: whether another one may help.
  [[nodiscard]] bool renews(const std::string& token) { return tokens_->forget(token); }

  [[nodiscard]] const GoogleSettings& settings() const { return settings_; }
  [[nodiscard]] std::string origin(std::string_view service) const { return google_origin(settings_, service); }
  [[nodiscard]] operators::TryLog* log() { return log_; }
  // The connection's, or the machine's. Throws TaskFailed where nobody knows it, unless it is an emulator's, which has none.
  [[nodiscard]] boost::asio::awaitable<std::string> project();

 private:
  GoogleSettings settings_;
  operators::TryLog* log_;
  std::shared_ptr<GoogleTokens> tokens_;
  std::string masked_;  // the last token that the log knows
};

// Of a call of a task's hook: its conn_id, and impersonation_chain among its arguments. It is kept for the calls after it, with
// its token.
[[nodiscard]] boost::asio::awaitable<std::shared_ptr<GoogleClient>> google_of_hook(operators::HookSession& session,
                                                                                   const operators::HookCall& call,
                                                                                   std::string service);
// What a service refused, as tasks see it: {"reason": "notFound", "status": 404}.
[[nodiscard]] operators::HookFailed failed_hook(const GoogleRefused& refused);

// Of Airflow's argument impersonation_chain: a text, or a list of texts.
[[nodiscard]] std::vector<std::string> impersonation_chain(const operators::Arguments& arguments);

// Asks for a token, and then what it is good for. The message says whose it is.
[[nodiscard]] operators::ConnectionTest test_google_connection(const Connection& connection);

}  // namespace venturi::providers
