#include "lanes/cpp/depfile.h"

#include <gmock/gmock.h>

namespace venturi::lanes {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Depfile, ReadsPrerequisitesOverContinuedLines) {
  EXPECT_THAT(parse_depfile("/tmp/1/program: /dags/a.cpp /dags/common/x.h \\\n  /dags/y.h \\\n /z.h\n"),
              ElementsAre("/dags/a.cpp", "/dags/common/x.h", "/dags/y.h", "/z.h"));
}

TEST(Depfile, UndoesMakesEscapes) {
  EXPECT_THAT(parse_depfile("t: /a\\ b.h /c\\#d.h /e$$f.h\n"), ElementsAre("/a b.h", "/c#d.h", "/e$f.h"));
}

TEST(Depfile, StopsBeforePhonyRules) {
  EXPECT_THAT(parse_depfile("t: /a.h\n\n/a.h:\n"), ElementsAre("/a.h"));
}

TEST(Depfile, GivesNothingForRubbish) {
  EXPECT_THAT(parse_depfile(""), IsEmpty());
  EXPECT_THAT(parse_depfile("no rule"), IsEmpty());
}

}  // namespace
}  // namespace venturi::lanes
