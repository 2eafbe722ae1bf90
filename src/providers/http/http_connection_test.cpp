#include "providers/http/http_connection.h"

#include <gmock/gmock.h>

#include "operators/outcome.h"

namespace venturi::providers {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::Pair;

Connection connection(const char* host, const char* schema = nullptr, int port = 0) {
  Connection c;
  c.conn_id = "api";
  c.conn_type = "http";
  if (host != nullptr) c.host = host;
  if (schema != nullptr) c.schema = schema;
  if (port != 0) c.port = port;
  return c;
}
HttpConnection read(const char* extra, const Object& given = {}) {
  Connection c = connection("h");
  c.extra = extra;
  return http_connection(c, given);
}
std::string error(const char* extra, const Object& given = {}) {
  try {
    (void)read(extra, given);
  } catch (const operators::TaskFailed& e) {
    return e.what();
  }
  return "none";
}

// HttpHook._set_base_url and _url_from_endpoint.
TEST(HttpConnection, Urls) {
  EXPECT_EQ(http_connection(connection("h"), {}).settings.base_url, "http://h");
  EXPECT_EQ(http_connection(connection("h", "https", 8443), {}).settings.base_url, "https://h:8443");
  EXPECT_EQ(http_connection(connection("https://h/api", "ftp"), {}).settings.base_url, "https://h/api");
  EXPECT_EQ(http_connection(connection("https://h", nullptr, 99), {}).settings.base_url, "https://h:99");
  EXPECT_EQ(http_connection(connection(nullptr), {}).settings.base_url, "http://");
  EXPECT_EQ(url_from_endpoint("http://h", "x"), "http://h/x");
  EXPECT_EQ(url_from_endpoint("http://h", "/x"), "http://h/x");
  EXPECT_EQ(url_from_endpoint("http://h/", "x"), "http://h/x");
  EXPECT_EQ(url_from_endpoint("http://h", ""), "http://h");
  EXPECT_EQ(url_from_endpoint("http://", "h/x"), "http://h/x");
}

TEST(HttpConnection, WhatIsNoOptionIsAHeader) {
  const HttpConnection s = read(R"({"Authorization": "Bearer t", "X-N": 5, "timeout": 3, "verify": false, "stream": true})");
  EXPECT_THAT(s.request.headers, ElementsAre(Pair("Authorization", "Bearer t"), Pair("X-N", "5")));
  EXPECT_FALSE(s.request.tls.verify);
  EXPECT_EQ(s.request.idle_timeout, 3s);
  EXPECT_EQ(s.request.connect_timeout, 3s);
}

TEST(HttpConnection, OptionsOfTheOperatorComeFirst) {
  const HttpConnection s = read(R"({"timeout": 3, "verify_ssl": "/ca.pem", "max_redirects": 2, "check_response": false})",
                                {{"timeout", Array{1, nullptr}}, {"max_redirects", 7}, {"allow_redirects", false}});
  EXPECT_EQ(s.request.connect_timeout, 1s);
  EXPECT_EQ(s.request.idle_timeout, 0s);
  EXPECT_EQ(s.request.tls.ca_file, "/ca.pem");
  EXPECT_EQ(s.request.max_redirects, 7);
  EXPECT_FALSE(s.request.follow_redirects);
  EXPECT_FALSE(s.settings.check_response);
  EXPECT_TRUE(read("{}").settings.check_response);
  // As a URI writes them.
  EXPECT_FALSE(read(R"({"verify": "False", "timeout": "2.5"})").request.tls.verify);
  EXPECT_EQ(read(R"({"timeout": "2.5"})").request.idle_timeout, 2500ms);
  const HttpConnection certified = read(R"({"cert": ["/c.pem", "/k.pem"]})");
  EXPECT_EQ(certified.request.tls.certificate, "/c.pem");
  EXPECT_EQ(certified.request.tls.key, "/k.pem");
}

TEST(HttpConnection, Proxies) {
  HttpSettings s =
      read(R"({"proxies": {"https": "http://secure", "http://inside": "http://special"}, "trust_env": false})").settings;
  const auto proxy_of = [&](const char* url) {
    net::HttpRequest request;
    set_url(request, s, url);
    return request.proxy;
  };
  EXPECT_EQ(proxy_of("https://x/"), "http://secure");
  EXPECT_EQ(proxy_of("http://inside/"), "http://special");
  EXPECT_EQ(proxy_of("http://x/"), "");
  s = read(R"({"proxy": "http://all"})").settings;
  EXPECT_EQ(proxy_of("http://x/"), "http://all");
}

TEST(HttpConnection, WhatIsWrong) {
  EXPECT_EQ(error("[1]"), "the extra of the connection api is no JSON object");
  EXPECT_EQ(error(R"({"headers": {"a": "b"}})"),
            "connection api, extra: the header headers must be a string (what is no option there is a header)");
  EXPECT_EQ(error(R"({"timeout": "soon"})"), "connection api, extra: timeout must be a number from 0 on");
  EXPECT_EQ(
      error("{}", {{"timeout", Array{1}}}),
      "extra_options: timeout must be a number of seconds, or a list of two: until the connection stands, and without a byte");
  EXPECT_EQ(error("{}", {{"verify", 5}}), "extra_options: verify must be true, false, or the path of a PEM file");
  EXPECT_EQ(error("{}", {{"cert", Array{"a"}}}),
            "extra_options: cert must be the path of a PEM file, or a list of two: certificate and key");
  EXPECT_EQ(error("{}", {{"proxies", 1}}), "extra_options: proxies must be an object: {\"https\": \"http://proxy:3128\"}");
  EXPECT_EQ(error("{}", {{"allow_redirects", "maybe"}}), "extra_options: allow_redirects must be true or false");
  EXPECT_EQ(error(R"({"srv_lookup": true})"), "connection api, extra: srv_lookup is not there yet: name the host itself");
}

}  // namespace
}  // namespace venturi::providers
