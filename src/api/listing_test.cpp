#include "api/listing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace venturi::api {
namespace {

using ::testing::ElementsAre;

Call call_with(std::multimap<std::string, std::string, std::less<>> query) {
  return {.api = nullptr, .path = {}, .query = std::move(query), .body = {}, .user = {}, .accept = {}};
}

TEST(Listing, FitsTextsByPatternAndPrefix) {
  EXPECT_TRUE(fits_text(call_with({}), "dag_id", "shop"));
  EXPECT_TRUE(fits_text(call_with({{"dag_id_pattern", "HO"}}), "dag_id", "shop"));
  EXPECT_TRUE(fits_text(call_with({{"dag_id_pattern", "x | s_op"}}), "dag_id", "shop"));
  EXPECT_FALSE(fits_text(call_with({{"dag_id_pattern", "x"}}), "dag_id", "shop"));
  EXPECT_TRUE(fits_text(call_with({{"dag_id_prefix_pattern", "sh"}}), "dag_id", "shop"));
  EXPECT_FALSE(fits_text(call_with({{"dag_id_prefix_pattern", "SH"}}), "dag_id", "shop")) << "as it stands";
  EXPECT_TRUE(fits_text(call_with({{"dag_id_prefix_pattern", "sh_"}}), "dag_id", "shop")) << "marks at its end do not count";
  EXPECT_TRUE(fits_text(call_with({{"dag_id_prefix_pattern", "~"}}), "dag_id", "shop"));
  EXPECT_FALSE(fits_text(call_with({{"dag_id_pattern", "shop"}, {"dag_id_prefix_pattern", "x"}}), "dag_id", "shop")) << "both";
}

TEST(Listing, FitsDatesByTheirRange) {
  const auto noon = parse_time("2026-03-01T12:00:00Z");
  const auto fits = [&](std::string name, std::string value) {
    return fits_dates(call_with({{"start_date" + std::move(name), std::move(value)}}), "start_date", noon);
  };
  EXPECT_TRUE(fits("_gte", "2026-03-01T12:00:00Z"));
  EXPECT_FALSE(fits("_gt", "2026-03-01T12:00:00Z"));
  EXPECT_TRUE(fits("_lte", "2026-03-01T12:00:00Z"));
  EXPECT_FALSE(fits("_lt", "2026-03-01T12:00:00Z"));
  EXPECT_FALSE(fits_dates(call_with({{"start_date_gt", "2026-03-01T12:00:00Z"}}), "start_date", std::nullopt));
  EXPECT_TRUE(fits_dates(call_with({}), "start_date", std::nullopt));
}

TEST(Listing, ComparesValuesOfAnyKind) {
  const std::vector<Value> in_order{Value(),          Value(false),    Value(true), Value(1),
                                    Value(1.5),       Value("a"),      Value("b"),  Value(Array{Value(1)}),
                                    Object{{"a", 1}}, Object{{"a", 2}}};
  for (std::size_t i = 0; i < in_order.size(); ++i) {
    for (std::size_t j = 0; j < in_order.size(); ++j) EXPECT_EQ(compare(in_order[i], in_order[j]) < 0, i < j) << i << " " << j;
  }
}

TEST(Listing, OrdersByColumnsWithNothingFirst) {
  using Row = std::pair<Value, int>;
  constexpr std::array<Column<Row>, 2> columns{
      {{"text", [](const Row& row) { return row.first; }}, {"number", [](const Row& row) { return Value(row.second); }}}};
  const auto ordered = [&](std::multimap<std::string, std::string, std::less<>> query) {
    std::vector<Row> rows{{Value("b"), 1}, {Value(), 2}, {Value("a"), 3}, {Value("b"), 0}};
    order_rows<Row>(call_with(std::move(query)), rows, columns);
    std::vector<int> numbers;
    for (const Row& row : rows) numbers.push_back(row.second);
    return numbers;
  };
  EXPECT_THAT(ordered({}), ElementsAre(1, 2, 3, 0));
  EXPECT_THAT(ordered({{"order_by", "text"}}), ElementsAre(2, 3, 1, 0)) << "equal ones as they were";
  EXPECT_THAT(ordered({{"order_by", "-text"}, {"order_by", "number"}}), ElementsAre(0, 1, 3, 2));
  EXPECT_THROW((void)ordered({{"order_by", "nothing"}}), Refusal);
}

}  // namespace
}  // namespace venturi::api
