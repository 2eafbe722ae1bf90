#include "worker/answer_secrets.h"

#include <gmock/gmock.h>

namespace venturi::worker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(AnswerSecrets, of_a_connection_are_its_password_and_extra) {
  const std::string extra = R"({"sslmode": "require", "api_token": "abc\"def", "nested": {"Secret_Key": "xyz12"}, "token": 5})";
  const Value body = Object{{"type", "ConnectionResult"}, {"login", "me"}, {"password", "pass;word"}, {"extra", extra}};
  EXPECT_THAT(secrets_of_answer(body), ElementsAre("pass;word", "abc\"def", "xyz12", extra));
  EXPECT_THAT(secrets_of_answer(Object{{"type", "ConnectionResult"}, {"password", nullptr}, {"extra", nullptr}}), IsEmpty());
}

TEST(AnswerSecrets, of_a_variable_depend_on_its_name) {
  EXPECT_THAT(secrets_of_answer(Object{{"type", "VariableResult"}, {"key", "smtp_PASSWORD"}, {"value", "v"}}),
              ElementsAre("v"));
  EXPECT_THAT(secrets_of_answer(Object{{"type", "VariableResult"}, {"key", "threshold"}, {"value", "v"}}), IsEmpty());
  EXPECT_THAT(secrets_of_answer(Object{{"type", "XComResult"}, {"key", "password"}, {"value", "v"}}), IsEmpty());
  EXPECT_THAT(secrets_of_answer(Value()), IsEmpty());
}

TEST(AnswerSecrets, are_masked_in_whatever_is_shown) {
  const Masker masker(std::vector<std::string>{"hush-hush"});
  const Value shown = Object{{"sql", Array{"password hush-hush", 3, Object{{"a", "hush-hush!"}, {"b", true}}}}};
  EXPECT_EQ(to_json(masked(masker, shown)), R"({"sql":["password ***",3,{"a":"***!","b":true}]})");
}

TEST(AnswerSecrets, of_a_MaskSecret_are_all_its_strings) {
  EXPECT_THAT(strings_in(Object{{"a", "one"}, {"b", Array{"two", 3, Object{{"c", "four"}}}}}),
              ElementsAre("one", "two", "four"));
}

}  // namespace
}  // namespace venturi::worker
