// Who a connection is to Google, as Google's own tools write it down in JSON. How each gets its tokens: google_token.h.
//
//   {"type": "service_account", "client_email", "private_key", "private_key_id", "token_uri", "project_id"}
//   {"type": "authorized_user", "client_id", "client_secret", "refresh_token"}             gcloud auth application-default
//   login
//   {"type": "external_account", "audience", "subject_token_type", "token_url", "credential_source": {"file" | "url", ...},
//    "service_account_impersonation_url"}                                                  workload identity federation
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "net/http_request.h"
#include "venturi/value.h"

namespace venturi::providers {

struct GoogleNobody {};  // emulators, and objects that are for all

// The metadata server of a machine at Google's.
struct GoogleMachine {
  std::string origin;  // "http://metadata.google.internal"
};

struct GoogleServiceAccount {
  std::string email, private_key, key_id, token_url, project;
};

struct GoogleUser {
  std::string client_id, client_secret, refresh_token, token_url;
};

struct GoogleExternalAccount {
  std::string audience, subject_token_type, token_url;
  std::string client_id = {}, client_secret = {};  // of the pool's client; empty: none
  std::string user_project = {};                   // of workforce pools
  std::string file = {}, url = {};                 // where the subject's token is: one of them
  net::HttpHeaders headers = {};                   // of that URL
  std::string json_member = {};                    // of its JSON, where the token is; empty: the text is the token
  std::string impersonation_url = {};              // empty: none
  std::chrono::seconds impersonated{3600};         // how long such a token lasts
};

using GoogleCredentials = std::variant<GoogleNobody, GoogleMachine, GoogleServiceAccount, GoogleUser, GoogleExternalAccount>;

struct GoogleCredentialFile {
  GoogleCredentials credentials;
  std::string quota_project;
};

// The error says what is missing, and nothing of what is there.
[[nodiscard]] Result<GoogleCredentialFile> google_credentials(const Value& json);

// What must not be seen of them.
[[nodiscard]] std::vector<std::string> google_secrets(const GoogleCredentials& credentials);
// For people: "service account etl@shop.iam.gserviceaccount.com".
[[nodiscard]] std::string shown_credentials(const GoogleCredentials& credentials);

}  // namespace venturi::providers
