// AWS Signature Version 4: what a request to Amazon's services carries to say who sent it.
//
//   canonical request   method, path, query and headers in one fixed spelling, and the SHA-256 of the body
//   string to sign      its SHA-256 with the time and the scope: day/region/service/aws4_request
//   key                 HMACs of the secret with day, region and service; the secret itself never travels
//
// URL and signature are made from the same parts here, so that they cannot say two things. Paths are encoded once, as S3 wants
// it (other services twice; those that are called here have the path "/").
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/time.h"
#include "net/http_request.h"
#include "net/http_url.h"

namespace venturi::providers {

struct AwsCredentials {
  std::string access_key_id, secret_access_key;
  std::string session_token = {};  // of those that are lent for some time; empty: none
};

struct AwsScope {
  std::string region, service;
};

struct AwsRequest {
  std::string method = "GET";
  std::string origin;                    // "https://host", with the port where it is not the scheme's own
  std::string path = "/";                // not encoded
  net::QueryItems query = {};            // not encoded
  net::HttpHeaders headers = {};         // all of them are signed
  std::optional<std::string> body = {};  // not of a presigned one
  std::string body_sha256 = {};          // where it is known already; empty: it is computed
};

// Sets method, URL, headers and body of `into`; what else it has stays.
void set_signed(net::HttpRequest& into, AwsRequest request, const AwsCredentials& credentials, const AwsScope& scope, Time now);

// A URL with which whoever has it may send that request, without a body, for so long: a secret.
[[nodiscard]] std::string presigned_url(const AwsRequest& request, const AwsCredentials& credentials, const AwsScope& scope,
                                        Time now, std::chrono::seconds good_for);

}  // namespace venturi::providers
