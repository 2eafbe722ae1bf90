// The scan follows Langdale and Lemire's parsers: 64 bytes become bit masks of quotes, delimiters and line feeds; a prefix
// xor of the quotes says which of the others lie inside of quotes.
#include "sdk/csv_reader.h"

#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#if defined(__SSE2__)
#include <emmintrin.h>

#include "base/errno_error.h"
#endif

namespace venturi {
namespace {

constexpr std::size_t block_size = 64;
constexpr std::size_t first_read_size = 4UL << 10;
constexpr std::size_t read_size = 256UL << 10;
constexpr std::size_t row_limit_in_fields = 8;

struct Masks {
  std::uint64_t quotes = 0, separators = 0;
};

#if defined(__SSE2__)
Masks scan_block(const char* p, char delimiter) {
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i comma = _mm_set1_epi8(delimiter);
  const __m128i line_feed = _mm_set1_epi8('\n');
  Masks m;
  for (std::size_t i = 0; i < 4; ++i) {
    const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + 16 * i));
    const auto q = static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(v, quote)));
    const auto s =
        static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(v, comma), _mm_cmpeq_epi8(v, line_feed))));
    m.quotes |= static_cast<std::uint64_t>(q) << (16 * i);
    m.separators |= static_cast<std::uint64_t>(s) << (16 * i);
  }
  return m;
}
#else
Masks scan_block(const char* p, char delimiter) {
  Masks m;
  for (unsigned i = 0; i < block_size; ++i) {
    m.quotes |= static_cast<std::uint64_t>(p[i] == '"') << i;
    m.separators |= static_cast<std::uint64_t>(p[i] == delimiter || p[i] == '\n') << i;
  }
  return m;
}
#endif

std::uint64_t prefix_xor(std::uint64_t bits) {
  for (int shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
  return bits;
}

bool is_ascii(const char* p) {
  std::uint64_t words[4];
  std::memcpy(words, p, sizeof words);
  return ((words[0] | words[1] | words[2] | words[3]) & 0x8080808080808080ULL) == 0;
}

// The length of the UTF-8 sequence at p (Unicode 15, table 3-7), 0 where there is none, -1 where it is cut off at `left`.
int utf8_sequence(const unsigned char* p, std::size_t left) {
  const unsigned char c = p[0];
  if (c < 0x80) return 1;
  int length = 0;
  unsigned char low = 0x80, high = 0xBF;
  if (c >= 0xC2 && c <= 0xDF) {
    length = 2;
  } else if (c >= 0xE0 && c <= 0xEF) {
    length = 3;
    if (c == 0xE0) low = 0xA0;
    if (c == 0xED) high = 0x9F;
  } else if (c >= 0xF0 && c <= 0xF4) {
    length = 4;
    if (c == 0xF0) low = 0x90;
    if (c == 0xF4) high = 0x8F;
  } else {
    return 0;
  }
  for (int i = 1; i < length; ++i) {
    if (static_cast<std::size_t>(i) >= left) return -1;
    if (p[i] < low || p[i] > high) return 0;
    low = 0x80, high = 0xBF;
  }
  return length;
}

}  // namespace

CsvSource csv_file_source(int fd, std::string name) {
  return [fd, name = std::move(name)](char* to, std::size_t capacity) -> std::size_t {
    for (;;) {
      const ssize_t n = ::read(fd, to, capacity);
      if (n >= 0) return static_cast<std::size_t>(n);
      if (errno != EINTR) throw errno_error("cannot read " + name);
    }
  };
}

CsvReader::CsvReader(std::string name, CsvSource source, CsvOptions options)
    : name_(std::move(name)), source_(std::move(source)), options_(std::move(options)) {
  while (end_ < 3 && refill()) {}
  const std::string_view head(buffer_.data(), std::min<std::size_t>(end_, 3));
  if (head.starts_with("\xFF\xFE") || head.starts_with("\xFE\xFF"))
    throw CsvError(name_ + " is UTF-16, not UTF-8: give its encoding, or convert it (iconv -f UTF-16 -t UTF-8)");
  check_utf8(0);
  if (head.starts_with("\xEF\xBB\xBF")) row_start_ = next_block_ = 3;
  header_ = options_.header;
  if (!header_.empty()) return;
  if (!next_row()) throw CsvError(name_ + " is empty: there is no line with the names of the columns");
  header_.reserve(fields_.size());
  for (const CsvField& f : fields_) header_.emplace_back(f.text);
}

std::size_t CsvReader::place_of(std::string_view column) const {
  const auto found = std::ranges::find(header_, column);
  const std::string where = name_ + (options_.header.empty() ? ", line 1" : "");
  if (found == header_.end()) {
    std::string names;
    for (const std::string& name : header_) names += (names.empty() ? "" : ", ") + name;
    throw CsvError(where + ": there is no column " + std::string(column) + " (there are: " + names + ")");
  }
  if (std::ranges::count(header_, column) > 1) throw CsvError(where + ": two columns are named " + std::string(column));
  return static_cast<std::size_t>(found - header_.begin());
}

bool CsvReader::next() {
  if (!next_row()) return false;
  if (fields_.size() > header_.size())
    throw CsvError(name_ + ", line " + std::to_string(row_line_) + ": " + std::to_string(fields_.size()) +
                   " fields, but the header has " + std::to_string(header_.size()) +
                   " (is a field with a delimiter in it not quoted?)");
  return true;
}

bool CsvReader::next_row() {
  end_count_ = 0;
  for (;;) {
    const char* const p = buffer_.data();
    std::size_t* end = ends_.data() + end_count_;
    for (std::uint64_t left = structural_; left != 0;) {
      const std::size_t at = block_ + static_cast<std::size_t>(std::countr_zero(left));
      left &= left - 1;
      *end++ = at;
      if (p[at] != '\n') continue;
      structural_ = left;
      end_count_ = static_cast<std::size_t>(end - ends_.data());
      if (finish_row(at)) return true;
      end = ends_.data();
    }
    structural_ = 0;
    end_count_ = static_cast<std::size_t>(end - ends_.data());
    if (next_block()) continue;
    if (row_start_ >= end_ && end_count_ == 0) return false;
    if (ends_.size() == end_count_) ends_.resize(end_count_ + 1);
    ends_[end_count_++] = end_;
    return finish_row(end_);
  }
}

bool CsvReader::next_block() {
  if (next_block_ + block_size > end_ && !at_end_) {
    while (!at_end_ && next_block_ + block_size > end_) {
      refill();
      check_utf8(utf8_checked_);
    }
  }
  if (next_block_ >= end_) return false;
  block_ = next_block_;
  if (ends_.size() < end_count_ + block_size) ends_.resize(2 * (end_count_ + block_size));
  Masks m = scan_block(buffer_.data() + block_, options_.delimiter);
  const std::size_t size = std::min(block_size, end_ - block_);
  if (size < block_size) {
    const std::uint64_t valid = (1ULL << size) - 1;
    m.quotes &= valid;
    m.separators &= valid;
  }
  next_block_ = block_ + size;
  quotes_ = m.quotes;
  if (quotes_ == 0 && in_quotes_ == 0) {
    quoted_separators_ = 0;
    structural_ = m.separators;
    return true;
  }
  row_may_have_quotes_ = true;
  const std::uint64_t inside = prefix_xor(m.quotes) ^ in_quotes_;
  structural_ = m.separators & ~inside;
  quoted_separators_ = m.separators & inside;
  row_may_have_lines_ = row_may_have_lines_ || quoted_separators_ != 0;
  const bool ends_inside = ((inside >> (size - 1)) & 1U) != 0;
  in_quotes_ = ends_inside ? ~0ULL : 0;
  return true;
}

// Moves the row so far to the front and reads behind it. False at the end of the source.
bool CsvReader::refill() {
  if (row_start_ > 0) {
    const std::size_t shift = row_start_;
    std::memmove(buffer_.data(), buffer_.data() + shift, end_ - shift);
    for (std::size_t i = 0; i < end_count_; ++i) ends_[i] -= shift;
    end_ -= shift;
    next_block_ -= shift;
    block_ -= std::min(block_, shift);
    utf8_checked_ -= std::min(utf8_checked_, shift);
    offset_ += shift;
    row_start_ = 0;
  }
  check_limits(end_);
  // Small files need no large buffer: it grows with what was read.
  const std::size_t room = std::clamp(2 * buffer_.size(), first_read_size, read_size);
  if (buffer_.size() < end_ + room + block_size) buffer_.resize(end_ + room + block_size);
  const std::size_t n = source_(buffer_.data() + end_, buffer_.size() - block_size - end_);
  at_end_ = n == 0;
  end_ += n;
  return !at_end_;
}

void CsvReader::check_utf8(std::size_t from) {
  const char* p = buffer_.data();
  std::size_t i = from;
  while (i < end_) {
    if (i + 32 <= end_ && is_ascii(p + i)) {
      i += 32;
      continue;
    }
    const int n = utf8_sequence(reinterpret_cast<const unsigned char*>(p + i), end_ - i);
    if (n == -1 && !at_end_) break;  // the rest of it comes with the next bytes
    if (n <= 0) {
      static constexpr char digits[] = "0123456789abcdef";
      const auto byte = static_cast<unsigned char>(p[i]);
      fail_at(i, std::string("byte 0x") + digits[byte >> 4] + digits[byte & 15] + " at offset " + std::to_string(offset_ + i) +
                     " is not UTF-8: give the file's encoding, or convert it (iconv -t UTF-8)");
    }
    i += static_cast<std::size_t>(n);
  }
  utf8_checked_ = i;
}

// False for a blank line, which is passed over.
bool CsvReader::finish_row(std::size_t end) {
  const std::size_t start = row_start_;
  const char* p = buffer_.data();
  if (end - start > options_.max_field_bytes) check_limits(end);
  std::size_t& last = ends_[end_count_ - 1];
  if (last > start && p[last - 1] == '\r' && (end_count_ == 1 || ends_[end_count_ - 2] < last - 1)) --last;
  const bool blank = end_count_ == 1 && last == start;
  row_line_ = line_;

  if (blank) {
    fields_.clear();
  } else if (row_may_have_quotes_) {
    fields_.resize(end_count_);
    unescaped_.clear();
    unescaped_.reserve(end - start);  // views into it must stay
    std::size_t from = start;
    for (std::size_t i = 0; i < end_count_; ++i) {
      fields_[i] = read_field(from, ends_[i]);
      from = ends_[i] + 1;
    }
    if (row_may_have_lines_) line_ += static_cast<std::uint64_t>(std::count(p + start, p + last, '\n'));
    // Quotes further on in this block belong to the next row.
    row_may_have_quotes_ = in_quotes_ != 0 || quotes_ != 0;
    row_may_have_lines_ = quoted_separators_ != 0;
  } else {
    if (fields_.size() != end_count_) fields_.resize(end_count_);
    const std::size_t* to = ends_.data();
    std::size_t from = start;
    for (CsvField *field = fields_.data(), *const behind = field + end_count_; field != behind; ++field, ++to) {
      *field = {std::string_view(p + from, *to - from), false};
      from = *to + 1;
    }
  }
  end_count_ = 0;
  row_start_ = std::min(end + 1, end_);
  ++line_;
  return !blank;
}

CsvField CsvReader::read_field(std::size_t start, std::size_t end) {
  const char* p = buffer_.data();
  const auto find_quote = [p, end](std::size_t from) {
    // Most fields are short: a loop over them costs less than a call.
    constexpr std::size_t is_short = 16;
    if (end - from <= is_short) {
      while (from < end && p[from] != '"') ++from;
      return from;
    }
    const void* q = from < end ? std::memchr(p + from, '"', end - from) : nullptr;
    return q == nullptr ? end : static_cast<std::size_t>(static_cast<const char*>(q) - p);
  };
  if (start == end || p[start] != '"') {
    const std::size_t quote = find_quote(start);
    if (quote != end)
      fail_at(quote, "a quote inside a field that does not begin with one (quote the whole field and double the quotes in it)");
    return {std::string_view(p + start, end - start), false};
  }
  const std::size_t unescaped_start = unescaped_.size();
  bool has_doubled = false;
  std::size_t from = start + 1;
  for (;;) {
    const std::size_t quote = find_quote(from);
    if (quote == end) fail_at(start, "the quote that opens here is never closed");
    if (quote + 1 == end) {
      if (!has_doubled) return {std::string_view(p + start + 1, quote - start - 1), true};
      unescaped_.append(p + from, quote - from);
      return {std::string_view(unescaped_).substr(unescaped_start), true};
    }
    if (p[quote + 1] != '"')
      fail_at(quote + 1, "text between a closing quote and the next delimiter (quotes inside a quoted field are doubled)");
    has_doubled = true;
    unescaped_.append(p + from, quote + 1 - from);
    from = quote + 2;
  }
}

// Of the row that ends, or goes on, at `end`.
void CsvReader::check_limits(std::size_t end) const {
  std::size_t from = row_start_;
  const auto check = [&](std::size_t to) {
    if (to - from <= options_.max_field_bytes) return;
    // Broken quotes are the likelier story behind it: tell that where it shows.
    const std::string_view field(buffer_.data() + from, to - from);
    const std::size_t quote = field.find('"');
    if (quote != 0 && quote != std::string_view::npos)
      fail_at(from + quote,
              "a quote inside a field that does not begin with one (quote the whole field and double the quotes in it)");
    fail_at(from, "a field of more than " + std::to_string(options_.max_field_bytes) + " bytes, the limit" +
                      (quote == 0 ? " (the quote that opens here may never be closed)" : ""));
  };
  for (std::size_t i = 0; i < end_count_; ++i) {
    check(ends_[i]);
    from = ends_[i] + 1;
  }
  if (from < end) check(end);
  if (end - row_start_ > row_limit_in_fields * options_.max_field_bytes)
    fail_at(row_start_,
            "a row of more than " + std::to_string(row_limit_in_fields * options_.max_field_bytes) + " bytes, the limit");
}

void CsvReader::fail_at(std::size_t position, const std::string& what) const {
  const char* p = buffer_.data();
  const auto line = line_ + static_cast<std::uint64_t>(std::count(p + row_start_, p + std::max(row_start_, position), '\n'));
  throw CsvError(name_ + ", line " + std::to_string(line) + ": " + what);
}

}  // namespace venturi
