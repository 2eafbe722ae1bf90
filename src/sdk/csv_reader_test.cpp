#include "sdk/csv_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace venturi {
namespace {

using Rows = std::vector<std::vector<std::string>>;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

CsvSource pieces_of(std::string text, std::size_t piece) {
  return [text = std::move(text), piece, at = std::size_t{0}](char* to, std::size_t capacity) mutable {
    const std::size_t n = std::min({piece, capacity, text.size() - at});
    std::copy_n(text.data() + at, n, to);
    at += n;
    return n;
  };
}

Rows read_all(CsvReader& reader) {
  Rows rows;
  while (reader.next()) {
    auto& row = rows.emplace_back();
    for (const CsvField& f : reader.fields()) row.emplace_back(f.text);
  }
  return rows;
}

Rows read_all(const std::string& text, std::size_t piece = 1 << 20) {
  CsvReader reader("t.csv", pieces_of(text, piece));
  return read_all(reader);
}

std::string error_of(const std::string& text, CsvOptions options = {}) {
  for (const std::size_t piece : {std::size_t{1}, std::size_t{1} << 20}) {
    try {
      CsvReader reader("t.csv", pieces_of(text, piece), options);
      while (reader.next()) {}
    } catch (const CsvError& e) {
      if (piece != 1) return e.what();
      continue;
    }
    return "no error with pieces of " + std::to_string(piece);
  }
  return "no error";
}

TEST(CsvReader, ReadsPlainRows) {
  CsvReader reader("t.csv", pieces_of("a,b\n1,2\n3,4\n", 5));
  EXPECT_THAT(reader.header(), ElementsAre("a", "b"));
  EXPECT_EQ(read_all(reader), (Rows{{"1", "2"}, {"3", "4"}}));
}

TEST(CsvReader, TakesWhatRfc4180Has) {
  EXPECT_EQ(read_all("a,b\r\n1,2\r\n"), (Rows{{"1", "2"}}));
  EXPECT_EQ(read_all("a,b\n1,2"), (Rows{{"1", "2"}}));
  EXPECT_EQ(read_all("a,b\n1,"), (Rows{{"1", ""}}));
  EXPECT_EQ(read_all("a,b\n\"x,\"\"y\"\"\n\r\nz\",2\r\n"), (Rows{{"x,\"y\"\n\r\nz", "2"}}));
  EXPECT_EQ(read_all("\xEF\xBB\xBFid,b\n1,2\n", 1), (Rows{{"1", "2"}}));
  EXPECT_EQ(read_all("a\n\n\r\n1\n\n"), (Rows{{"1"}}));
  EXPECT_EQ(read_all("a,b,c\n1\n"), (Rows{{"1"}}));
  EXPECT_EQ(read_all("имя\nЁжик 🦔\n", 1), (Rows{{"Ёжик 🦔"}}));
}

TEST(CsvReader, TellsTheEmptyStringFromNothing) {
  CsvReader reader("t.csv", pieces_of("a,b\n\"\",\n", 64));
  ASSERT_TRUE(reader.next());
  ASSERT_EQ(reader.fields().size(), 2U);
  EXPECT_TRUE(reader.fields()[0].quoted);
  EXPECT_FALSE(reader.fields()[1].quoted);
}

TEST(CsvReader, CountsPhysicalLines) {
  CsvReader reader("t.csv", pieces_of("a,b\n\"x\ny\",1\n\n2,3\n", 3));
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.line(), 2U);
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.line(), 5U);
}

TEST(CsvReader, NamesTheLineOfBrokenQuotes) {
  EXPECT_THAT(error_of("a,b\n1,2\n3,x\"y\n"), HasSubstr("t.csv, line 3: a quote inside a field"));
  EXPECT_THAT(error_of("a,b\n1,2\n\"x\"y,4\n"), HasSubstr("t.csv, line 3: text between a closing quote"));
  EXPECT_THAT(error_of("a,b\n1,\"2\n3,4\n5,6\n"), HasSubstr("t.csv, line 2: the quote that opens here is never closed"));
  // The row before spans lines of its own.
  EXPECT_THAT(error_of("a,b\n\"1\n2\n3\",4\n\"x\"y,4\n"), HasSubstr("line 5: text between"));
  // A stray quote that makes the rest of the file one field is told as such, not as a field over the limit.
  EXPECT_THAT(error_of("a,b\n1,2\nx\"," + std::string(5000, 'z') + "\n", {.max_field_bytes = 1000}),
              HasSubstr("line 3: a quote inside a field"));
}

TEST(CsvReader, NamesTheByteThatIsNotUtf8) {
  EXPECT_THAT(error_of("a,b\n1,2\n3,\xCF\xF0\xE8\n"), HasSubstr("t.csv, line 3: byte 0xcf at offset 10 is not UTF-8"));
  EXPECT_THAT(error_of("a\n\xD0"), HasSubstr("line 2: byte 0xd0 at offset 2"));
  EXPECT_THAT(error_of("a\n\xED\xA0\x80\n"), HasSubstr("line 2"));
  EXPECT_THAT(error_of(std::string("\xFF\xFE"
                                   "a\0\n\0",
                                   6)),
              HasSubstr("t.csv is UTF-16"));
}

TEST(CsvReader, RefusesWhatIsTooLarge) {
  const CsvOptions small{.max_field_bytes = 1000};
  EXPECT_THAT(error_of("a,b\n1," + std::string(1001, 'x') + "\n", small), HasSubstr("line 2: a field of more than 1000 bytes"));
  EXPECT_THAT(error_of("a,b\n1,\"" + std::string(5000, 'x') + "\"\n", small),
              HasSubstr("the quote that opens here may never be closed"));
  std::string wide = "a";
  for (int i = 0; i < 20; ++i) wide += ",a";
  std::string row = std::string(900, 'x');
  for (int i = 0; i < 20; ++i) row += "," + std::string(900, 'x');
  EXPECT_THAT(error_of(wide + "\n" + row + "\n", small), HasSubstr("line 2: a row of more than 8000 bytes"));
  EXPECT_THAT(error_of("a\n" + std::string(10 << 20, 'x')), HasSubstr("line 2: a field of more than 1048576 bytes"));
}

TEST(CsvReader, DoesNotHoldALargeFieldToRefuseIt) {
  std::size_t given = 0;
  CsvReader reader("t.csv", [&given](char* to, std::size_t capacity) -> std::size_t {
    if (given == 0) {
      std::copy_n("a\n", 2, to);
      return given = 2;
    }
    std::fill_n(to, capacity, 'x');
    given += capacity;
    return capacity;  // without end
  });
  EXPECT_THROW(reader.next(), CsvError);
  EXPECT_LT(given, 4U << 20);
}

TEST(CsvReader, RefusesRowsLongerThanTheHeader) {
  EXPECT_THAT(error_of("a,b\n1,2\n1,2,3\n"), HasSubstr("t.csv, line 3: 3 fields, but the header has 2"));
  EXPECT_THAT(error_of(""), HasSubstr("t.csv is empty"));
  EXPECT_THAT(error_of("\n\n"), HasSubstr("t.csv is empty"));
}

TEST(CsvReader, TakesOtherDelimiters) {
  CsvReader reader("t.csv", pieces_of("a;b\n1,5;\"2;3\"\n", 4), {.delimiter = ';'});
  EXPECT_EQ(read_all(reader), (Rows{{"1,5", "2;3"}}));
}

// The rules of the format once more, one character after the other; nothing where the text is refused.
std::optional<Rows> read_slowly(const std::string& text) {
  Rows rows;
  std::vector<std::string> row;
  std::string field;
  enum { start, plain, quoted, closed } state = start;
  bool row_has_quote = false;
  const auto end_row = [&] {
    if (state == plain && field.back() == '\r') field.pop_back();
    if (row.empty() && field.empty() && !row_has_quote) {
      state = start;
      return;
    }
    row.push_back(std::exchange(field, {}));
    rows.push_back(std::exchange(row, {}));
    state = start;
    row_has_quote = false;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (state == quoted) {
      if (c != '"')
        field += c;
      else if (i + 1 < text.size() && text[i + 1] == '"')
        field += text[++i];
      else
        state = closed;
    } else if (c == ',') {
      row.push_back(std::exchange(field, {}));
      state = start;
    } else if (c == '\n') {
      end_row();
    } else if (c == '"' && state == start) {
      state = quoted;
      row_has_quote = true;
    } else if (c == '"') {
      return std::nullopt;
    } else if (state == closed) {
      if (c != '\r' || (i + 1 < text.size() && text[i + 1] != '\n')) return std::nullopt;
    } else {
      field += c;
      state = plain;
    }
  }
  if (state == quoted) return std::nullopt;
  if (!row.empty() || !field.empty() || state != start) end_row();
  return rows;
}

TEST(CsvReader, AgreesWithTheSimpleReadingOfRandomTexts) {
  std::mt19937 random(4180);
  const std::string alphabet = "aaab,,\n\n\"\"\r";
  int refused = 0, read = 0;
  for (int round = 0; round < 40000; ++round) {
    std::string text = "h,h,h,h,h,h,h,h,h,h,h,h,h,h,h,h,h,h,h,h,h,h,h,h,h,h,h,h,h,h\n";
    const std::size_t size = random() % 100;
    bool in_quotes = false;
    for (std::size_t i = 0; i < size; ++i) {
      const char c = alphabet[random() % alphabet.size()];
      // Mostly well-formed: a lone quote only now and then.
      if (c == '"' && random() % 8 != 0) {
        text += in_quotes ? (random() % 2 == 0 ? "\"," : "\"\"") : (text.back() == ',' || text.back() == '\n' ? "\"" : "a");
        in_quotes = text.back() == '"' && !(in_quotes && text.ends_with("\"\"")) ? true : in_quotes && text.back() != ',';
      } else {
        text += c;
      }
    }
    const auto expected = read_slowly(text);
    std::optional<Rows> found;
    try {
      found = read_all(text, 1 + random() % 90);
      found->insert(found->begin(), expected ? expected->front() : std::vector<std::string>{});
    } catch (const CsvError& e) {
      if (std::string_view(e.what()).find("but the header has") != std::string_view::npos) continue;
    }
    ASSERT_EQ(found.has_value(), expected.has_value()) << ::testing::PrintToString(text);
    if (expected) {
      ASSERT_EQ(*found, *expected) << ::testing::PrintToString(text);
    }
    ++(expected ? read : refused);
  }
  EXPECT_GT(refused, 1000);
  EXPECT_GT(read, 1000);
}

}  // namespace
}  // namespace venturi
