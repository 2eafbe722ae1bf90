#include "operators/charset.h"

#include <iconv.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdint>

#include <fmt/format.h>

namespace venturi::operators {
namespace {

// What iconv_open() returns where it fails.
iconv_t no_iconv() {
  return reinterpret_cast<iconv_t>(-1);  // NOLINT(performance-no-int-to-ptr): POSIX's form
}

// Python's usual names of those that iconv calls otherwise: latin-1, utf-16-le.
std::string iconv_name(const std::string& name) {
  std::string plain;
  for (const char c : name) plain += c == '_' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (plain == "latin-1" || plain == "iso8859-1") return "ISO-8859-1";
  if (plain.starts_with("utf-") && (plain.ends_with("-le") || plain.ends_with("-be"))) plain.erase(plain.size() - 3, 1);
  return plain.starts_with("utf-") ? plain : name;
}

}  // namespace

struct CharsetConverter::State {
  iconv_t handle = no_iconv();
  std::string from, to;
  std::uint64_t position = 0;  // bytes converted so far

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (handle != no_iconv()) ::iconv_close(handle);
  }
};

bool is_utf8_name(std::string_view charset) {
  std::string name;
  for (const char c : charset) {
    if (c != '-' && c != '_' && c != ' ') name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return name == "utf8" || name == "utf8sig" || name == "ascii" || name == "usascii";
}

Result<CharsetConverter> CharsetConverter::make(const std::string& from, const std::string& to) {
  auto state = std::make_unique<State>();
  state->from = from;
  state->to = to;
  state->handle = ::iconv_open(iconv_name(to).c_str(), iconv_name(from).c_str());
  if (state->handle == no_iconv()) {
    return fail(ErrorKind::invalid, fmt::format("there is no conversion from {} to {}", from, to), {},
                "iconv -l lists the names");
  }
  return CharsetConverter(std::move(state));
}

CharsetConverter::CharsetConverter(std::unique_ptr<State> state) : state_(std::move(state)) {}
CharsetConverter::CharsetConverter(CharsetConverter&&) noexcept = default;
CharsetConverter& CharsetConverter::operator=(CharsetConverter&&) noexcept = default;
CharsetConverter::~CharsetConverter() = default;

Result<std::size_t> CharsetConverter::convert(std::string_view& in, char* to, std::size_t capacity) {
  char* from = const_cast<char*>(in.data());  // iconv does not write there
  std::size_t left = in.size(), room = capacity;
  char* out = to;
  const std::size_t done = ::iconv(state_->handle, &from, &left, &out, &room);
  const int error = errno;
  const std::size_t taken = in.size() - left;
  state_->position += taken;
  in.remove_prefix(taken);
  // E2BIG: no room; EINVAL: the rest of a character comes with the next bytes.
  if (done == static_cast<std::size_t>(-1) && error != E2BIG && error != EINVAL) {
    return fail(ErrorKind::invalid,
                fmt::format("byte 0x{:02x} at offset {} has no place in {} as {}", static_cast<unsigned char>(in.front()),
                            state_->position, state_->to, state_->from),
                {}, "give the right encoding");
  }
  return capacity - room;
}

Result<std::string> convert_text(std::string_view text, const std::string& from, const std::string& to) {
  auto converter = CharsetConverter::make(from, to);
  if (!converter) return std::unexpected(converter.error());
  std::string result;
  char block[4096];
  while (!text.empty()) {
    const std::size_t before = text.size();
    const auto n = converter->convert(text, block, sizeof block);
    if (!n) return std::unexpected(n.error());
    result.append(block, *n);
    if (*n == 0 && text.size() == before) return fail(ErrorKind::invalid, "the text ends within a character of " + from);
  }
  return result;
}

}  // namespace venturi::operators
