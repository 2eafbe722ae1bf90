#include "providers/sftp/sftp_packet.h"

#include <sys/stat.h>

#include <chrono>

#include "operators/outcome.h"

namespace venturi::providers {
namespace {

constexpr std::uint32_t has_size = 1, has_owner = 2, has_permissions = 4, has_times = 8, has_more = 0x80000000U;

void append(std::string& bytes, std::uint64_t value, unsigned size) {
  for (unsigned shift = size * 8; shift > 0; shift -= 8) bytes += static_cast<char>(value >> (shift - 8) & 0xffU);
}

std::uint64_t number_of(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8U | static_cast<unsigned char>(c);
  return value;
}

}  // namespace

bool SftpAttributes::is_file() const {
  return !has_mode || (mode & S_IFMT) == 0 || S_ISREG(mode);  // servers that say no mode say it of files
}
bool SftpAttributes::is_folder() const {
  return has_mode && S_ISDIR(mode);
}
bool SftpAttributes::is_link() const {
  return has_mode && S_ISLNK(mode);
}

SftpBody& SftpBody::number(std::uint32_t value) {
  append(bytes_, value, 4);
  return *this;
}
SftpBody& SftpBody::large(std::uint64_t value) {
  append(bytes_, value, 8);
  return *this;
}
SftpBody& SftpBody::text(std::string_view value) {
  append(bytes_, value.size(), 4);
  bytes_ += value;
  return *this;
}
SftpBody& SftpBody::mode(std::uint32_t permissions) {
  return number(has_permissions).number(permissions);
}

std::string_view SftpReader::take(std::size_t size) {
  if (size > rest_.size()) throw operators::TaskFailed("SFTP: the server sent a message that is shorter than it says");
  const std::string_view taken = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return taken;
}
std::uint32_t SftpReader::number() {
  return static_cast<std::uint32_t>(number_of(take(4)));
}
std::uint64_t SftpReader::large() {
  return number_of(take(8));
}
std::string_view SftpReader::text() {
  return take(number());
}
SftpAttributes SftpReader::attributes() {
  SftpAttributes attributes;
  const std::uint32_t there = number();
  if ((there & has_size) != 0) {
    attributes.has_size = true;
    attributes.size = large();
  }
  if ((there & has_owner) != 0) (void)large();
  if ((there & has_permissions) != 0) {
    attributes.has_mode = true;
    attributes.mode = number();
  }
  if ((there & has_times) != 0) {
    (void)number();  // of the last access
    attributes.has_times = true;
    attributes.modified = Time(std::chrono::seconds(number()));
  }
  if ((there & has_more) != 0) {
    for (std::uint32_t i = number(); i > 0; --i) {
      (void)text();
      (void)text();
    }
  }
  return attributes;
}

std::string sftp_packet(SftpType type, std::uint32_t id, std::string_view body) {
  // The two that begin have no id.
  const bool is_init = type == SftpType::init;
  std::string packet;
  packet.reserve(body.size() + 9);
  append(packet, 1 + (is_init ? 0 : 4) + body.size(), 4);
  packet += static_cast<char>(type);
  if (!is_init) append(packet, id, 4);
  packet += body;
  return packet;
}

}  // namespace venturi::providers
