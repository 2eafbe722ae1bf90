// Credentials that are lent, from stand-ins for those who lend them (tests/servers/http_server.py).
#include "providers/amazon/aws_loan.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <gmock/gmock.h>

#include <algorithm>
#include <exception>
#include <map>

#include "base/json.h"
#include "net/http_client.h"
#include "operators/outcome.h"
#include "providers/amazon/aws_call.h"
#include "servers/http_server.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

using Variables = std::map<std::string, std::string>;

class AwsLoanTest : public ::testing::Test {
 protected:
  AwsLoanTest() { net::run_http_on(loop.get_executor()); }

  AwsSettings settings(const Variables& variables, Object extra = {}, const char* login = nullptr) {
    extra.set("service_config", Object{{"sts", Object{{"endpoint_url", server.url()}}}});
    Connection c;
    c.conn_id = "lake";
    c.conn_type = "aws";
    if (login != nullptr) {
      c.login = login;
      c.password = "hush";
    }
    c.extra = to_json(Value(std::move(extra)));
    const net::Environment environment = [&](const std::string& name) -> std::optional<std::string> {
      const auto found = variables.find(name);
      return found == variables.end() ? std::nullopt : std::optional(found->second);
    };
    return aws_settings(c, {}, environment);
  }
  // Why not; empty where it went well.
  template <class T>
  std::string run(asio::awaitable<T> what) {
    std::string error;
    asio::co_spawn(loop, std::move(what), [&](const std::exception_ptr& failed, auto&&...) {
      try {
        if (failed) std::rethrow_exception(failed);
      } catch (const std::exception& e) {
        error = e.what();
      }
    });
    loop.restart();
    loop.run();
    return error;
  }
  // The access key that it gets.
  std::string borrowed(AwsSettings& from) {
    const std::string error = run(borrow_credentials(from, nullptr));
    return error.empty() ? from.credentials.access_key_id : error;
  }
  std::string borrowed(const Variables& variables, Object extra = {}, const char* login = nullptr) {
    AwsSettings from = settings(variables, std::move(extra), login);
    return borrowed(from);
  }
  static std::string lent(const std::string& key, std::chrono::seconds lasts = 6h) {
    const Time until = std::chrono::floor<Duration>(std::chrono::system_clock::now()) + lasts;
    return to_json(Object{{"Code", "Success"},
                          {"AccessKeyId", key},
                          {"SecretAccessKey", "s"},
                          {"Token", "t"},
                          {"Expiration", format_time(until)}});
  }
  static std::string from_sts(const std::string& key, const std::string& expiration) {
    return "<R><Credentials><AccessKeyId>" + key +
           "</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>" + expiration +
           "</Expiration></Credentials></R>";
  }
  void script(const std::string& action, const std::string& body, int status = 200) {
    files.write(action, to_json(Array{status, body}) + "\n");
  }
  [[nodiscard]] std::ptrdiff_t asked(const std::string& part) const {
    return std::ranges::count_if(server.requests(), [&](const Value& request) {
      return (request.get_string("target") + request.get_string("body")).find(part) != std::string::npos;
    });
  }
  Variables of_container() {
    return {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", server.url("/file/agent")}, {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "open"}};
  }
  Variables of_instance() { return {{"AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url() + "/"}}; }

  asio::io_context loop;
  tests::TestFolder files;
  tests::HttpServer server{{.files = files.path()}};
};

TEST_F(AwsLoanTest, KeysComeFirstThenWebIdentityThenTheContainerThenTheInstance) {
  files.write("agent", lent("of-agent"));
  files.write("etl-role", lent("of-instance"));
  const std::string token = files.write("token", "who-i-am\n");
  script("AssumeRoleWithWebIdentity", from_sts("of-web", "2099-01-01T00:00:00Z"));
  Variables all = of_instance();
  EXPECT_EQ(borrowed(all), "of-instance");
  for (const auto& [name, value] : of_container()) all[name] = value;
  EXPECT_EQ(borrowed(all), "of-agent");
  all["AWS_WEB_IDENTITY_TOKEN_FILE"] = token;
  all["AWS_ROLE_ARN"] = "arn:aws:iam::1:role/web";
  EXPECT_EQ(borrowed(all), "of-web");
  all["AWS_ACCESS_KEY_ID"] = "of-environment";
  all["AWS_SECRET_ACCESS_KEY"] = "e";
  EXPECT_EQ(settings(all).credentials.access_key_id, "of-environment");
  EXPECT_EQ(settings(all, {}, "AKIA").credentials.access_key_id, "AKIA");
}

TEST_F(AwsLoanTest, AnInstanceIsAskedByVersionTwo) {
  files.write("etl-role", lent("of-instance"));
  EXPECT_EQ(borrowed(of_instance()), "of-instance");
  EXPECT_EQ(server.requests().at(0).get_string("method"), "PUT");
  EXPECT_EQ(server.requests().at(2).get_string("target"), "/latest/meta-data/iam/security-credentials/etl-role");
}

TEST_F(AwsLoanTest, AContainersTokenIsReadAnew) {
  files.write("agent", lent("of-agent", 0s));
  Variables variables = of_container();
  variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = files.write("token", "first\n");
  AwsSettings from = settings(variables);
  EXPECT_EQ(borrowed(from), "of-agent");
  files.write("token", "second");
  EXPECT_EQ(run(renew_loan(from, nullptr, false)), "");
  EXPECT_EQ(server.requests().at(0).at("headers").get_string("authorization"), "first");
  EXPECT_EQ(server.requests().at(1).at("headers").get_string("authorization"), "second");
  variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = files / "none";
  EXPECT_THAT(borrowed(variables), HasSubstr("the file of the token cannot be read: " + (files / "none")));
}

TEST_F(AwsLoanTest, AnAgentIsOnThisMachine) {
  const auto error = [&](const char* url) {
    try {
      (void)settings({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", url}});
    } catch (const operators::TaskFailed& e) {
      return std::string(e.what());
    }
    return std::string("none");
  };
  EXPECT_THAT(error("http://evil.example/creds"), HasSubstr("must be https, or on this machine"));
  EXPECT_THAT(error("http://127.0.0.1.evil.example/creds"), HasSubstr("must be https, or on this machine"));
  EXPECT_EQ(error("http://169.254.170.23/v1/credentials"), "none");
  EXPECT_EQ(settings({{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/c"}}).lender.url, "http://169.254.170.2/v2/c");
}

TEST_F(AwsLoanTest, AWebIdentityOfTheConnection) {
  script("AssumeRoleWithWebIdentity", from_sts("of-web", "2099-01-01T00:00:00Z"));
  const Object extra{{"assume_role_method", "assume_role_with_web_identity"},
                     {"role_arn", "arn:aws:iam::1:role/web"},
                     {"assume_role_with_web_identity_token_file", files.write("token", "who-i-am\n")},
                     {"assume_role_kwargs", Object{{"RoleSessionName", "mine"}, {"DurationSeconds", 900}}}};
  EXPECT_EQ(borrowed({}, extra), "of-web");
  const Value request = server.requests().at(0);
  EXPECT_THAT(request.get_string("body"),
              AllOf(HasSubstr("RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fweb"), HasSubstr("RoleSessionName=mine"),
                    HasSubstr("WebIdentityToken=who-i-am"), HasSubstr("DurationSeconds=900")));
  EXPECT_EQ(request.at("headers").get("authorization"), nullptr) << "nobody signs it";
  script("AssumeRoleWithWebIdentity",
         "<ErrorResponse><Error><Code>InvalidIdentityToken</Code><Message>Not yours</Message></Error></ErrorResponse>", 400);
  EXPECT_THAT(borrowed({}, extra), StartsWith("STS: AssumeRoleWithWebIdentity: InvalidIdentityToken: Not yours (status 400"));
}

TEST_F(AwsLoanTest, ARoleIsTakenOnWithWhatIsLent) {
  files.write("agent", lent("of-agent"));
  script("AssumeRole", from_sts("of-role", "2099-01-01T00:00:00Z"));
  EXPECT_EQ(borrowed(of_container(), {{"role_arn", "arn:aws:iam::1:role/reader"}}), "of-role");
  EXPECT_THAT(server.requests().back().at("headers").get_string("authorization"), HasSubstr("Credential=of-agent/"));
}

TEST_F(AwsLoanTest, ALoanIsRenewedBeforeItIsOver) {
  files.write("agent", lent("first", 2h));
  AwsSettings from = settings(of_container());
  EXPECT_EQ(borrowed(from), "first");
  EXPECT_EQ(run(renew_loan(from, nullptr, false)), "");
  EXPECT_EQ(asked("/file/agent"), 1) << "it lasts";
  from.loan->renew_at = std::chrono::system_clock::now() - 1s;
  files.write("agent", lent("second", 2h));
  const AwsPurpose purpose{.service = "s3", .shown = "a test"};
  EXPECT_EQ(run(call_aws(from, {.origin = server.url(), .path = "/echo"}, purpose, nullptr)), "");
  EXPECT_THAT(server.requests().back().at("headers").get_string("authorization"), HasSubstr("Credential=second/"));
}

TEST_F(AwsLoanTest, ALoanThatIsOverIsRenewedOnceAtOnce) {
  files.write("agent", lent("mine"));
  AwsSettings from = settings(of_container(), {{"config_kwargs", Object{{"retries", Object{{"max_attempts", 1}}}}}});
  EXPECT_EQ(borrowed(from), "mine");
  const AwsPurpose purpose{.service = "s3", .shown = "a test"};
  EXPECT_THAT(run(call_aws(from, {.origin = server.url(), .path = "/refused/ExpiredToken/400"}, purpose, nullptr)),
              StartsWith("a test: ExpiredToken"));
  EXPECT_EQ(asked("/refused/"), 2);
  EXPECT_EQ(asked("/file/agent"), 2);
}

TEST_F(AwsLoanTest, WhoIsNotThereIsNotWaitedFor) {
  const auto begun = std::chrono::steady_clock::now();
  // An address that nobody has (RFC 5737): packets go nowhere.
  EXPECT_THAT(
      borrowed({{"AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://192.0.2.1"}}),
      AllOf(StartsWith("connection lake has no access key, and neither the worker's environment nor the profile default "
                       "has one: give it login and password; AWS: the metadata service of EC2 (http://192.0.2.1) gives "
                       "no credentials: ")));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
  try {
    (void)settings({{"AWS_EC2_METADATA_DISABLED", "TRUE"}});
    FAIL();
  } catch (const operators::TaskFailed& e) {
    EXPECT_THAT(e.what(), StartsWith("connection lake has no access key"));
  }
}

}  // namespace
}  // namespace venturi::providers
