// Tokens of each kind, from a stand-in for the servers that give them (tests/servers/http_server.py).
#include "providers/google/google_token.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <gmock/gmock.h>

#include <exception>

#include "base/crypto.h"
#include "base/json.h"
#include "base/testing/rsa_key.h"
#include "net/http_client.h"
#include "operators/outcome.h"
#include "providers/google/google_client.h"
#include "servers/http_server.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

Value part_of(const std::string& assertion, int which) {
  std::size_t begin = 0;
  for (int i = 0; i < which; ++i) begin = assertion.find('.', begin) + 1;
  return parse_json(base64url_decode(assertion.substr(begin, assertion.find('.', begin) - begin)).value()).value();
}

class GoogleTokenTest : public ::testing::Test {
 protected:
  GoogleTokenTest() { net::run_http_on(loop.get_executor()); }

  Connection connection(Object extra) {
    extra.set("num_retries", 1);
    Connection c;
    c.conn_id = "cloud";
    c.conn_type = "google_cloud_platform";
    c.extra = to_json(Value(std::move(extra)));
    return c;
  }
  GoogleSettings settings(Object extra) {
    const net::Environment none = [this](const std::string& name) -> std::optional<std::string> {
      return name == "GCE_METADATA_HOST" ? std::optional("127.0.0.1:" + std::to_string(server.port())) : std::nullopt;
    };
    return google_settings(connection(std::move(extra)), {.service = "storage"}, none);
  }
  // The token; or why there is none.
  std::string token(GoogleTokens& tokens, const GoogleSettings& from) {
    std::string result;
    asio::co_spawn(loop, tokens.token(from, nullptr), [&](const std::exception_ptr& failed, std::string token) {
      try {
        if (failed) std::rethrow_exception(failed);
        result = std::move(token);
      } catch (const std::exception& e) {
        result = e.what();
      }
    });
    loop.restart();
    loop.run();
    return result;
  }
  std::string token(Object extra) {
    GoogleTokens tokens;
    return token(tokens, settings(std::move(extra)));
  }
  [[nodiscard]] std::string account(const std::string& query = "") const {
    return to_json(Object{{"type", "service_account"},
                          {"client_email", "etl@shop.iam.gserviceaccount.com"},
                          {"private_key", key.pem()},
                          {"private_key_id", "k1"},
                          {"token_uri", server.url("/google/token" + query)}});
  }
  [[nodiscard]] Object federated(Object source, const std::string& acting_as = "") const {
    Object config{{"type", "external_account"},
                  {"audience", "//iam/pool"},
                  {"subject_token_type", "urn:ietf:params:oauth:token-type:jwt"},
                  {"token_url", server.url("/google/token?token=sts")},
                  {"credential_source", std::move(source)}};
    if (!acting_as.empty()) {
      config.set("service_account_impersonation_url",
                 server.url("/v1/projects/-/serviceAccounts/" + acting_as + ":generateAccessToken"));
    }
    return config;
  }
  [[nodiscard]] std::string last_body() const { return server.requests().back().get_string("body"); }

  tests::TestFolder files;
  RsaKey key;
  tests::HttpServer server;
  asio::io_context loop;
};

TEST_F(GoogleTokenTest, AnAssertionIsWhatGoogleWants) {
  const GoogleServiceAccount its{
      .email = "etl@shop", .private_key = key.pem(), .key_id = "k1", .token_url = "https://token", .project = ""};
  const std::string assertion = signed_assertion(its, {"a", "b"}, parse_time("2026-01-02T03:04:05Z").value());
  EXPECT_EQ(part_of(assertion, 0), Value(Object{{"alg", "RS256"}, {"typ", "JWT"}, {"kid", "k1"}}));
  EXPECT_EQ(
      part_of(assertion, 1),
      Value(Object{{"iss", "etl@shop"}, {"scope", "a b"}, {"aud", "https://token"}, {"iat", 1767323045}, {"exp", 1767326645}}));
  const std::size_t dot = assertion.rfind('.');
  EXPECT_TRUE(key.has_signed(assertion.substr(0, dot), base64url_decode(assertion.substr(dot + 1)).value()));
}

TEST_F(GoogleTokenTest, AServiceAccount) {
  EXPECT_EQ(token({{"keyfile_dict", account()}}), "token-1");
  EXPECT_THAT(last_body(), HasSubstr("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=ey"));
  EXPECT_THAT(token({{"keyfile_dict", account("?error=invalid_grant")}}),
              AllOf(HasSubstr("no access token for service account etl@shop.iam.gserviceaccount.com (connection cloud): "),
                    HasSubstr("answered 400: invalid_grant: It was said. (was the key deleted or disabled?")));
  EXPECT_THAT(
      token(
          {{"keyfile_dict",
            R"({"type": "service_account", "client_email": "etl@shop", "private_key": "hush-hush", "token_uri": "http://x"})"}}),
      AllOf(HasSubstr("the private_key of etl@shop: it is no private RSA key in PEM"), Not(HasSubstr("hush"))));
}

TEST_F(GoogleTokenTest, OneLastsUntilShortlyBeforeItsEnd) {
  GoogleTokens tokens;
  const GoogleSettings lasting = settings({{"keyfile_dict", account()}});
  EXPECT_EQ(token(tokens, lasting), "token-1");
  EXPECT_EQ(token(tokens, lasting), "token-1");
  EXPECT_FALSE(tokens.forget(""));
  EXPECT_TRUE(tokens.forget("another")) << "somebody else has renewed it";
  EXPECT_TRUE(tokens.forget("token-1"));
  EXPECT_EQ(token(tokens, lasting), "token-2");
  GoogleTokens others;
  const GoogleSettings brief = settings({{"keyfile_dict", account("?lasts=1")}});
  EXPECT_EQ(token(others, brief), "token-3");
  ::usleep(600'000);
  EXPECT_EQ(token(others, brief), "token-4");
}

TEST_F(GoogleTokenTest, AUserAndTheMachine) {
  EXPECT_EQ(token({{"credential_config_file", Object{{"type", "authorized_user"},
                                                     {"client_id", "c"},
                                                     {"client_secret", "s"},
                                                     {"refresh_token", "r"},
                                                     {"token_uri", server.url("/google/token?token=user")}}}}),
            "user-1");
  EXPECT_EQ(last_body(), "grant_type=refresh_token&client_id=c&client_secret=s&refresh_token=r");
  EXPECT_EQ(token(Object{}), "metadata-token");
  EXPECT_THAT(server.requests().back().get_string("target"),
              HasSubstr("default/token?scopes=https%3A%2F%2Fwww.googleapis.com"));
}

TEST_F(GoogleTokenTest, NoMachineOfGoogles) {
  GoogleTokens tokens;
  GoogleSettings nowhere = settings({});
  nowhere.retry.attempts = 1;
  std::get<GoogleMachine>(nowhere.credentials).origin = "http://127.0.0.1:" + std::to_string(tests::free_port());
  EXPECT_THAT(token(tokens, nowhere), AllOf(HasSubstr("refused"), HasSubstr("give it keyfile_dict, key_path or")));
}

TEST_F(GoogleTokenTest, ActingAsAnother) {
  const Object endpoints{{"iamcredentials", server.url()}};
  EXPECT_EQ(token({{"keyfile_dict", account()}, {"endpoints", endpoints}, {"impersonation_chain", "a@x.y, b@x.y, c@x.y"}}),
            "as-c@x.y");
  const Value asked = server.requests().back();
  EXPECT_EQ(asked.at("headers").get_string("authorization"), "Bearer token-1");
  EXPECT_EQ(parse_json(asked.get_string("body")).value(),
            Value(Object{{"delegates", Array{"projects/-/serviceAccounts/a@x.y", "projects/-/serviceAccounts/b@x.y"}},
                         {"scope", Array{"https://www.googleapis.com/auth/cloud-platform"}},
                         {"lifetime", "3600s"}}));
  EXPECT_THAT(token({{"keyfile_dict", account()}, {"endpoints", endpoints}, {"impersonation_chain", "denied@x.y"}}),
              AllOf(HasSubstr("answered 403: IAM_PERMISSION_DENIED"), HasSubstr("Service Account Token Creator")));
}

TEST_F(GoogleTokenTest, WorkloadIdentity) {
  const std::string path = files.write("subject", " subject-of-file\n");
  EXPECT_EQ(token({{"credential_config_file", federated({{"file", path}})}}), "sts-1");
  EXPECT_THAT(last_body(),
              AllOf(HasSubstr("token-exchange&audience=%2F%2Fiam%2Fpool&"), HasSubstr("subject_token=subject-of-file")));
  const Object by_url{{"url", server.url("/google/subject")},
                      {"format", Object{{"type", "json"}, {"subject_token_field_name", "value"}}}};
  EXPECT_EQ(token({{"credential_config_file", federated(by_url, "etl@x.y")}}), "as-etl@x.y");
  EXPECT_THAT(server.requests().at(2).get_string("body"), HasSubstr("subject_token=subject-of-url"));
  EXPECT_EQ(server.requests().at(3).at("headers").get_string("authorization"), "Bearer sts-2");
  EXPECT_THAT(token({{"credential_config_file", federated({{"file", files / "none"}})}}),
              HasSubstr("the file of the subject's token cannot be read"));
}

TEST_F(GoogleTokenTest, TestingAConnection) {
  const Object endpoints{{"oauth2", server.url()}, {"storage", server.url()}};
  const auto good =
      test_google_connection(connection({{"keyfile_dict", account()}, {"endpoints", endpoints}, {"project", "shop"}}));
  EXPECT_TRUE(good.is_good);
  EXPECT_EQ(good.message, "Connection successfully tested: service account etl@shop.iam.gserviceaccount.com, project shop");
  EXPECT_EQ(last_body(), "access_token=token-1");
  EXPECT_THROW((void)test_google_connection(connection({{"keyfile_dict", account("?error=no")}, {"endpoints", endpoints}})),
               operators::TaskFailed);
}

}  // namespace
}  // namespace venturi::providers
