// GCSHook of tasks against fake-gcs-server.
#include <memory>

#include "hooks/hooks_fixture.h"
#include "servers/fake_gcs_server.h"

namespace venturi::tests {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class GcsHookTest : public HooksTest {
 protected:
  static void SetUpTestSuite() { gcs = std::make_unique<FakeGcsServer>(); }
  static void TearDownTestSuite() { gcs.reset(); }
  GcsHookTest() : HooksTest(OBJECTS_PROBE) {
    const Object extra{{"endpoint", gcs->url()}, {"project", "shop"}, {"num_retries", 1}};
    server->connections["google_cloud_default"] =
        connection("google_cloud_default", "google_cloud_platform", 0,
                   {{"host", nullptr}, {"port", nullptr}, {"extra", to_json(Value(extra))}});
  }

  static std::unique_ptr<FakeGcsServer> gcs;
};
std::unique_ptr<FakeGcsServer> GcsHookTest::gcs;

TEST_F(GcsHookTest, ObjectsComeAndGo) {
  const std::vector<std::string> seen = results("gcs");
  ASSERT_EQ(seen.size(), 21) << seen.front();
  EXPECT_THAT(std::vector(seen.begin(), seen.begin() + 17),
              ElementsAre("true", R"(["in/2026/c.csv","in/a.csv","in/b.csv","top +%ü"])", R"(["in/2026/"])",
                          R"(["in/2026/c.csv","in/a.csv"])", "true", "4", "VAERdw==", "true", "true", "new", "new", "true",
                          "true", "true", "true", "true", "20000003"));
  EXPECT_THAT(seen[17], AllOf(StartsWith("GCS: GET gs://hooked/none: "), HasSubstr(R"("status":404)")));
  EXPECT_THAT(seen[18], StartsWith(R"(GCS: there is no gs://hooked/none {"reason":"notFound","status":404)"));
  EXPECT_EQ(seen[19], "copy: source and destination are the same object");
  EXPECT_THAT(seen[20], StartsWith("GCS: GET gs://hooked: "));
}

}  // namespace
}  // namespace venturi::tests
