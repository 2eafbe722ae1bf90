// Messages of the SSH File Transfer Protocol, version 3 (draft-ietf-secsh-filexfer-02), which all servers speak:
//
//   uint32 length │ byte type │ uint32 id │ ...        numbers with the largest byte first; texts are uint32 length, bytes
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"

namespace venturi::providers {

enum class SftpType : std::uint8_t {
  init = 1,
  version = 2,
  open = 3,
  close = 4,
  read = 5,
  write = 6,
  lstat = 7,
  fstat = 8,
  fsetstat = 10,
  opendir = 11,
  readdir = 12,
  remove = 13,
  mkdir = 14,
  rmdir = 15,
  realpath = 16,
  stat = 17,
  rename = 18,
  status = 101,
  handle = 102,
  data = 103,
  name = 104,
  attributes = 105,
  extended = 200,
};

enum class SftpStatus : std::uint32_t {
  ok = 0,
  end_of_file = 1,
  no_such_file = 2,
  permission_denied = 3,
  failure = 4,
  unsupported = 8,
};

struct SftpAttributes {
  bool has_size = false, has_mode = false, has_times = false;
  std::uint64_t size = 0;
  std::uint32_t mode = 0;  // of POSIX: S_IFMT and permissions
  Time modified = {};
  [[nodiscard]] bool is_file() const;
  [[nodiscard]] bool is_folder() const;
  [[nodiscard]] bool is_link() const;
};

struct SftpEntry {
  std::string name;
  SftpAttributes attributes;
};

// What comes behind the id.
class SftpBody {
 public:
  SftpBody& number(std::uint32_t value);
  SftpBody& large(std::uint64_t value);
  SftpBody& text(std::string_view value);
  SftpBody& no_attributes() { return number(0); }
  SftpBody& mode(std::uint32_t permissions);
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

// Reads one. Throws TaskFailed where it is shorter than it says.
class SftpReader {
 public:
  explicit SftpReader(std::string_view bytes) : rest_(bytes) {}
  [[nodiscard]] std::uint32_t number();
  [[nodiscard]] std::uint64_t large();
  [[nodiscard]] std::string_view text();
  [[nodiscard]] SftpAttributes attributes();
  [[nodiscard]] bool is_at_end() const { return rest_.empty(); }

 private:
  [[nodiscard]] std::string_view take(std::size_t size);
  std::string_view rest_;
};

// A whole packet.
[[nodiscard]] std::string sftp_packet(SftpType type, std::uint32_t id, std::string_view body);

}  // namespace venturi::providers
