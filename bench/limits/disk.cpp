#include "disk.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>

namespace venturi::bench {
namespace {

constexpr std::size_t block = 4096, blocks = 1024;

void write_block(int file, const std::array<char, block>& bytes, std::size_t index) {
  if (::pwrite(file, bytes.data(), block, static_cast<off_t>(index * block)) != block) fail("writing 4 KiB");
}

}  // namespace

Seconds fdatasync_4k(const std::string& folder, Seconds time) {
  const int file = ::open((folder + "/fdatasync").c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) fail("making a file in " + folder);
  std::array<char, block> bytes{};
  for (std::size_t i = 0; i < blocks; ++i) write_block(file, bytes, i);
  if (::fsync(file) != 0) fail("fsync");
  bytes.fill('x');
  std::size_t next = 0;
  const auto times = repeat(time, [&] {
    write_block(file, bytes, next++ % blocks);
    if (::fdatasync(file) != 0) fail("fdatasync");
  });
  ::close(file);
  return median(times);
}

}  // namespace venturi::bench
