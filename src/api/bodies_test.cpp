#include "api/bodies.h"

#include <gtest/gtest.h>

#include <string_view>

#include "base/json.h"

namespace venturi::api {
namespace {

std::string kept(std::string_view given, std::string_view before) {
  return to_json(with_kept_secrets(parse_json(given).value(), parse_json(before).value()));
}

TEST(KeptSecrets, StayWhereStarsComeBack) {
  EXPECT_EQ(kept(R"("***")", R"("s")"), R"("s")");
  EXPECT_EQ(kept(R"({"a":{"password":"***","b":2}})", R"({"a":{"password":"s","b":1}})"), R"({"a":{"password":"s","b":2}})");
  EXPECT_EQ(kept(R"({"l":[{"password":"***","b":2}]})", R"({"l":[{"password":"s","b":1}]})"),
            R"({"l":[{"password":"s","b":2}]})");
  EXPECT_EQ(kept(R"({"tokens":["***","new"]})", R"({"tokens":["s","t"]})"), R"({"tokens":["s","new"]})");
}

TEST(KeptSecrets, GoWithTheirItemOfAList) {
  constexpr auto before = R"([{"host":"a","password":"s"},{"host":"b","password":"t"}])";
  EXPECT_EQ(kept(R"([{"host":"b","password":"***"},{"host":"a","password":"***"}])", before),
            R"([{"host":"b","password":"t"},{"host":"a","password":"s"}])");
  EXPECT_EQ(kept(R"([{"host":"b","password":"***"}])", before), R"([{"host":"b","password":"t"}])");
  EXPECT_THROW(kept(R"([{"host":"c","password":"***"}])", before), Refusal) << "nobody's secret is sent to another host";
  EXPECT_THROW(kept(R"({"tokens":["***"]})", R"({"tokens":["s","t"]})"), Refusal);
}

}  // namespace
}  // namespace venturi::api
