#include "providers/postgres/csv_fields.h"

#include <gmock/gmock.h>

namespace venturi::providers {
namespace {

using ::testing::ElementsAre;

TEST(CsvFields, WhatIsSaidIsReadAgain) {
  EXPECT_THAT(csv_values("a,\"b\"\"c, \",,\"two\nlines\"\r\n", ','), ElementsAre("a", "b\"c, ", "", "two\nlines"));
  EXPECT_THAT(csv_values("", ','), ElementsAre(""));
  EXPECT_THAT(csv_values("a;b", ';'), ElementsAre("a", "b"));
  for (const char* text : {"", "plain", "a,b", "say \"x\"", "two\nlines", "\""})
    EXPECT_THAT(csv_values(csv_field(text, ',') + ",end", ','), ElementsAre(text, "end"));
}

TEST(CsvFields, ALineMayHaveLineBreaks) {
  EXPECT_EQ(end_of_csv_line("a,\"b\nc\",d\nnext"), 10U);
  EXPECT_EQ(end_of_csv_line("a,\"b\n"), std::string::npos);
  EXPECT_EQ(end_of_csv_line("a"), std::string::npos);
}

}  // namespace
}  // namespace venturi::providers
