// A connection of type google_cloud_platform, as Airflow's GoogleBaseHook and google-auth read it together. All of it is in
// extra, each member also under its old name extra__google_cloud_platform__NAME:
//
//   keyfile_dict             the key of a service account: JSON, as a text or an object
//   key_path                 the path of a file with that
//   credential_config_file   a path, or JSON: credentials of any type (google_credentials.h)
//   is_anonymous             nobody at all
//   project, quota_project_id, scope ("a,b"), num_retries (5)
//   impersonation_chain      a service account that is acted as, or a list that leads to it: a list, or a text with commas
//   endpoint                 of a server that is not Google's: "http://127.0.0.1:4443"
//   endpoints                the same by service: {"storage": ..., "iamcredentials": ..., "oauth2": ...}
//
// Without credentials: nobody at an emulator (endpoint, STORAGE_EMULATOR_HOST); else those of the worker's environment:
// GOOGLE_APPLICATION_CREDENTIALS, gcloud's application_default_credentials.json, the metadata server (GCE_METADATA_HOST).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/connection.h"
#include "net/http_proxy.h"
#include "providers/google/google_credentials.h"
#include "providers/http/http_call.h"
#include "providers/http/http_connection.h"

namespace venturi::providers {

struct GoogleSettings {
  std::string conn_id;
  GoogleCredentials credentials = {};
  std::vector<std::string> scopes = {};
  std::vector<std::string> impersonation_chain = {};             // the last is acted as; empty: nobody else
  std::string project = {};                                      // empty: not known here (google_project() asks the machine)
  std::string quota_project = {};                                // that pays; empty: the resource's
  std::map<std::string, std::string, std::less<>> origins = {};  // by service, "" for all others; Google's are not in it
  HttpConnection http = {};
  RetryRule retry = {};
};

// What an operator says beside the connection.
struct GoogleChoice {
  std::string service;                                // "storage": where that is an emulator, nobody has to be anybody
  std::vector<std::string> impersonation_chain = {};  // empty: the connection's
};

// Blocks: it may read files. Throws TaskFailed naming what is wrong or missing.
[[nodiscard]] GoogleSettings google_settings(const Connection& connection, GoogleChoice choice,
                                             const net::Environment& environment);

// "https://storage.googleapis.com", or what the connection says.
[[nodiscard]] std::string google_origin(const GoogleSettings& settings, std::string_view service);
// "storage.googleapis.com" and what else is Google's own.
[[nodiscard]] bool is_googles(const GoogleSettings& settings, std::string_view service);

// Whom it acts as, for errors and tests of connections.
[[nodiscard]] std::string shown_identity(const GoogleSettings& settings);

}  // namespace venturi::providers
