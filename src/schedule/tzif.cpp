// Reads TZif files (RFC 8536):
//
//   header  "TZif" version(1) reserved(15) isutcnt isstdcnt leapcnt timecnt typecnt charcnt (6 × 4, big-endian)
//   block   transition times, their types (1 byte each), types {utoff(4) isdst(1) abbreviation(1)}, abbreviations,
//           leap seconds, standard and UT indicators
//
// Version 1 has one block with 4-byte times; later versions repeat header and block with 8-byte times, followed by a POSIX
// TZ string between two newlines.
#include <array>
#include <cstddef>

#include "schedule/time_zone.h"

namespace venturi::schedule {
namespace {

struct Header {
  char version = 0;
  std::uint32_t isutcnt = 0, isstdcnt = 0, leapcnt = 0, timecnt = 0, typecnt = 0, charcnt = 0;
  static constexpr std::size_t size = 44;
  [[nodiscard]] std::size_t block_size(std::size_t time_size) const {
    return std::size_t{timecnt} * (time_size + 1) + std::size_t{typecnt} * 6 + charcnt +
           std::size_t{leapcnt} * (time_size + 4) + isstdcnt + isutcnt;
  }
};

std::int64_t read_big_endian(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint64_t value = (static_cast<unsigned char>(bytes[at]) & 0x80U) != 0 ? ~std::uint64_t{0} : 0;
  for (std::size_t i = 0; i < size; ++i) value = (value << 8U) | static_cast<unsigned char>(bytes[at + i]);
  return static_cast<std::int64_t>(value);
}

std::optional<Header> read_header(std::string_view bytes) {
  if (bytes.size() < Header::size || !bytes.starts_with("TZif")) return std::nullopt;
  Header h;
  h.version = bytes[4];
  std::uint32_t* counts[] = {&h.isutcnt, &h.isstdcnt, &h.leapcnt, &h.timecnt, &h.typecnt, &h.charcnt};
  std::size_t at = 20;
  for (std::uint32_t* count : counts) {
    *count = static_cast<std::uint32_t>(read_big_endian(bytes, at, 4));
    at += 4;
  }
  return h;
}

}  // namespace

Result<TimeZone> TimeZone::from_tzif(std::string_view bytes, std::string name) {
  const auto broken = [&name](const char* what) {
    return fail(ErrorKind::corrupt, std::string("no readable TZif file: ") + what, "time zone " + name,
                "install the system's time-zone data again (Debian: package tzdata)");
  };
  auto header = read_header(bytes);
  if (!header) return broken("it does not begin with a TZif header");
  std::size_t time_size = 4;
  if (header->version >= '2') {
    const std::size_t first = Header::size + header->block_size(4);
    if (bytes.size() < first) return broken("it ends too early");
    bytes.remove_prefix(first);
    header = read_header(bytes);
    if (!header) return broken("its second header is missing");
    time_size = 8;
  }
  bytes.remove_prefix(Header::size);
  if (bytes.size() < header->block_size(time_size)) return broken("it ends too early");
  if (header->typecnt == 0) return broken("it has no offsets");

  TimeZone zone;
  zone.name_ = std::move(name);
  const std::size_t types = std::size_t{header->timecnt} * (time_size + 1);
  // One abbreviation for each type, although some share theirs: a type's number is its name's.
  const std::string_view names = bytes.substr(types + std::size_t{header->typecnt} * 6, header->charcnt);
  for (std::size_t type = 0; type < header->typecnt; ++type) {
    const auto begin = static_cast<unsigned char>(bytes[types + type * 6 + 5]);
    const std::size_t end = names.find('\0', begin);
    if (begin >= names.size() || end == std::string_view::npos) return broken("an offset has no abbreviation");
    zone.abbreviations_.emplace_back(names.substr(begin, end - begin));
  }
  const auto phase_of = [&](std::size_t type) {
    return Phase{static_cast<std::int32_t>(read_big_endian(bytes, types + type * 6, 4)), static_cast<std::uint8_t>(type),
                 bytes[types + type * 6 + 4] != 0};
  };
  zone.first_ = phase_of(0);
  zone.transitions_.reserve(header->timecnt);
  for (std::size_t i = 0; i < header->timecnt; ++i) {
    const auto type = static_cast<unsigned char>(bytes[header->timecnt * time_size + i]);
    if (type >= header->typecnt) return broken("a transition names an offset that is not there");
    zone.transitions_.push_back({read_big_endian(bytes, i * time_size, time_size), phase_of(type)});
    if (i > 0 && zone.transitions_[i - 1].at >= zone.transitions_[i].at) return broken("its transitions are not in order");
  }
  bytes.remove_prefix(header->block_size(time_size));
  if (time_size == 8 && bytes.size() >= 2 && bytes.front() == '\n') {
    const auto end = bytes.find('\n', 1);
    if (end == std::string_view::npos) return broken("its last line has no end");
    const auto rule = bytes.substr(1, end - 1);
    if (!rule.empty()) {
      zone.afterwards_ = PosixTz::parse(rule);
      if (!zone.afterwards_) return broken("its last line is no POSIX TZ string");
    }
  }
  return zone;
}

}  // namespace venturi::schedule
