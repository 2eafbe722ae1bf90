#include "base/metrics_text.h"

#include <gtest/gtest.h>

#include <limits>

namespace venturi {
namespace {

TEST(MetricsText, IsAsPrometheusReadsIt) {
  MetricsText text;
  text.metric("a", "gauge", "one \\ two\nthree", 1.5);
  text.begin("b", "counter", "b");
  text.sample(3, {{"dag_id", "x\"y\\z\n"}, {"state", "success"}});
  text.begin("c", "summary", "c");
  text.summary(0.25, 2, {{"pool", "Ж"}});
  text.metric("d", "gauge", "d", std::numeric_limits<double>::infinity());
  EXPECT_EQ(text.take(), R"(# HELP a one \\ two\nthree
# TYPE a gauge
a 1.5
# HELP b b
# TYPE b counter
b{dag_id="x\"y\\z\n",state="success"} 3
# HELP c c
# TYPE c summary
c_sum{pool="Ж"} 0.25
c_count{pool="Ж"} 2
# HELP d d
# TYPE d gauge
d +Inf
)");
}

}  // namespace
}  // namespace venturi
