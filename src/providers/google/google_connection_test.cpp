#include "providers/google/google_connection.h"

#include <gmock/gmock.h>

#include <map>

#include "base/json.h"
#include "operators/outcome.h"
#include "servers/server_process.h"

namespace venturi::providers {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

using Variables = std::map<std::string, std::string>;

constexpr const char* key =
    R"({"type": "service_account", "client_email": "etl@shop.iam.gserviceaccount.com", "private_key": "hush\\nhush",
        "private_key_id": "k1", "project_id": "shop", "token_uri": "https://token"})";
constexpr const char* user =
    R"({"type": "authorized_user", "client_id": "c", "client_secret": "hush", "refresh_token": "hush-hush", "quota_project_id": "pays"})";

Connection connection(const Object& extra) {
  Connection c;
  c.conn_id = "cloud";
  c.conn_type = "google_cloud_platform";
  c.extra = to_json(Value(extra));
  return c;
}

GoogleSettings read(const Object& extra, const Variables& variables = {}, std::vector<std::string> chain = {}) {
  const net::Environment environment = [&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  return google_settings(connection(extra), {.service = "storage", .impersonation_chain = std::move(chain)}, environment);
}
std::string error(const Object& extra, const Variables& variables = {}) {
  try {
    (void)read(extra, variables);
  } catch (const operators::TaskFailed& e) {
    return e.what();
  }
  return "none";
}

TEST(GoogleConnection, TheKeyOfAServiceAccount) {
  const tests::TestFolder folder;
  const std::string path = folder.write("key.json", key);
  for (const Object& extra : {Object{{"keyfile_dict", key}}, Object{{"keyfile_dict", parse_json(key).value()}},
                              Object{{"extra__google_cloud_platform__keyfile_dict", key}}, Object{{"key_path", path}},
                              Object{{"credential_config_file", path}}, Object{{"credential_config_file", key}}}) {
    const GoogleSettings settings = read(extra);
    const auto* account = std::get_if<GoogleServiceAccount>(&settings.credentials);
    ASSERT_NE(account, nullptr) << to_json(Value(extra));
    EXPECT_EQ(account->email, "etl@shop.iam.gserviceaccount.com");
    EXPECT_EQ(account->private_key, "hush\nhush");
    EXPECT_EQ(account->token_url, "https://token");
    EXPECT_EQ(settings.project, "shop");
    EXPECT_THAT(settings.scopes, ElementsAre("https://www.googleapis.com/auth/cloud-platform"));
    EXPECT_EQ(settings.retry.attempts, 6);
  }
}

TEST(GoogleConnection, ThoseOfTheMachine) {
  const tests::TestFolder folder;
  folder.write("application_default_credentials.json", user);
  const Variables gcloud{{"CLOUDSDK_CONFIG", folder.path()}};
  EXPECT_TRUE(std::holds_alternative<GoogleUser>(read({}, gcloud).credentials));
  EXPECT_EQ(read({}, gcloud).quota_project, "pays");
  EXPECT_EQ(read({}, gcloud).project, "pays");
  Variables more = gcloud;
  more["GOOGLE_APPLICATION_CREDENTIALS"] = folder.write("key.json", key);
  EXPECT_TRUE(std::holds_alternative<GoogleServiceAccount>(read({}, more).credentials));
  const GoogleSettings nothing = read({}, {{"CLOUDSDK_CONFIG", folder / "none"}});
  EXPECT_EQ(std::get<GoogleMachine>(nothing.credentials).origin, "http://metadata.google.internal");
  EXPECT_EQ(nothing.project, "");
  const GoogleSettings told = read({}, {{"GCE_METADATA_HOST", "127.0.0.1:1"}, {"GOOGLE_CLOUD_PROJECT", "p"}});
  EXPECT_EQ(std::get<GoogleMachine>(told.credentials).origin, "http://127.0.0.1:1");
  EXPECT_EQ(told.project, "p");
  EXPECT_THAT(error({}, {{"GOOGLE_APPLICATION_CREDENTIALS", folder / "gone.json"}}),
              AllOf(HasSubstr("connection cloud: GOOGLE_APPLICATION_CREDENTIALS cannot be read"), HasSubstr("gone.json")));
}

TEST(GoogleConnection, EmulatorsAskNobodyWhoHeIs) {
  EXPECT_TRUE(std::holds_alternative<GoogleNobody>(read({{"is_anonymous", true}}).credentials));
  const GoogleSettings one = read({{"endpoint", "HTTP://Fake:4443/"}, {"impersonation_chain", "etl@shop.x"}});
  EXPECT_TRUE(std::holds_alternative<GoogleNobody>(one.credentials));
  EXPECT_TRUE(one.impersonation_chain.empty());
  EXPECT_EQ(google_origin(one, "storage"), "http://fake:4443");
  EXPECT_EQ(google_origin(one, "bigquery"), "http://fake:4443");
  const GoogleSettings own = read({{"endpoints", Object{{"storage", "https://s"}}}, {"keyfile_dict", key}});
  EXPECT_TRUE(std::holds_alternative<GoogleServiceAccount>(own.credentials));
  EXPECT_EQ(google_origin(own, "storage"), "https://s:443");
  EXPECT_EQ(google_origin(own, "iamcredentials"), "https://iamcredentials.googleapis.com");
  const GoogleSettings variable = read({}, {{"STORAGE_EMULATOR_HOST", "localhost:9023"}});
  EXPECT_TRUE(std::holds_alternative<GoogleNobody>(variable.credentials));
  EXPECT_EQ(google_origin(variable, "storage"), "http://localhost:9023");
  EXPECT_TRUE(is_googles(variable, "bigquery"));
  EXPECT_THAT(error({{"endpoint", "http://host/path"}}), HasSubstr("extra: endpoint must be http(s)://HOST[:PORT]"));
}

TEST(GoogleConnection, TheRestOfExtra) {
  const GoogleSettings s = read({{"keyfile_dict", key},
                                 {"project", "other"},
                                 {"scope", "a, b"},
                                 {"num_retries", "2"},
                                 {"quota_project_id", "pays"},
                                 {"impersonation_chain", "one@first.x, two@second.iam.gserviceaccount.com"}});
  EXPECT_EQ(s.project, "other");
  EXPECT_THAT(s.scopes, ElementsAre("a", "b"));
  EXPECT_EQ(s.retry.attempts, 3);
  EXPECT_EQ(s.quota_project, "pays");
  EXPECT_THAT(s.impersonation_chain, ElementsAre("one@first.x", "two@second.iam.gserviceaccount.com"));
  const GoogleSettings chosen = read({{"keyfile_dict", key}, {"impersonation_chain", "one@first.x"}}, {}, {"me@mine.x"});
  EXPECT_THAT(chosen.impersonation_chain, ElementsAre("me@mine.x"));
  EXPECT_EQ(chosen.project, "mine");
  EXPECT_EQ(read({{"keyfile_dict", key}, {"num_retries", 0}}).retry.attempts, 1);
}

TEST(GoogleConnection, WhatIsWrong) {
  EXPECT_THAT(error({{"keyfile_dict", "{\"private_key\": \"hush"}}),
              AllOf(HasSubstr("connection cloud: keyfile_dict is no JSON object"), Not(HasSubstr("hush"))));
  EXPECT_THAT(error({{"keyfile_dict", R"({"type": "service_account", "private_key": "hush"})"}}),
              AllOf(HasSubstr("need client_email"), Not(HasSubstr("hush"))));
  EXPECT_THAT(error({{"keyfile_dict", user}}), HasSubstr("given as credential_config_file"));
  EXPECT_THAT(error({{"keyfile_dict", key}, {"key_path", "/k.json"}}), HasSubstr("give only one of key_path, keyfile_dict"));
  EXPECT_THAT(error({{"key_path", "/k.p12"}}), HasSubstr("a key in JSON"));
  EXPECT_THAT(error({{"key_path", "/none/k.json"}}), HasSubstr("key_path cannot be read"));
  EXPECT_THAT(error({{"key_secret_name", "s"}}), HasSubstr("key_secret_name is not there yet"));
  EXPECT_THAT(error({{"keyfile_dict", key}, {"num_retries", "many"}}), HasSubstr("num_retries must be a number"));
  EXPECT_THAT(error({{"credential_config_file", R"({"type": "gdch_service_account"})"}}),
              HasSubstr("credentials of type \"gdch_service_account\" are not known"));
}

TEST(GoogleConnection, WorkloadIdentity) {
  Object config{{"type", "external_account"},
                {"audience", "//iam/pool"},
                {"subject_token_type", "urn:jwt"},
                {"token_url", "https://sts"},
                {"service_account_impersonation_url", "https://iam/x:generateAccessToken"},
                {"credential_source", Object{{"url", "http://u"},
                                             {"headers", Object{{"Authorization", "hush"}}},
                                             {"format", Object{{"type", "json"}, {"subject_token_field_name", "value"}}}}}};
  const GoogleSettings settings = read({{"credential_config_file", config}});
  const auto& account = std::get<GoogleExternalAccount>(settings.credentials);
  EXPECT_EQ(account.url, "http://u");
  EXPECT_EQ(account.json_member, "value");
  EXPECT_THAT(google_secrets(settings.credentials), ElementsAre("hush"));
  config.set("credential_source", Object{{"executable", Object{{"command", "x"}}}});
  EXPECT_THAT(error({{"credential_config_file", config}}), HasSubstr("executables and AWS are not there yet"));
}

}  // namespace
}  // namespace venturi::providers
