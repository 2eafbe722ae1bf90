#include "server/disk_guard.h"

#include <sys/statvfs.h>

#include <chrono>
#include <utility>

namespace venturi::server {
namespace {

using namespace std::chrono_literals;

constexpr auto look_every = 5s;
constexpr auto look_soon = 1s;  // while it is too little

}  // namespace

std::vector<std::filesystem::path> written_folders(const Home& home, const std::filesystem::path& database) {
  return {home.root, database.parent_path(), home.logs(), home.files(), home.xcoms()};
}

std::optional<DiskRoom> least_room(const std::vector<std::filesystem::path>& paths) {
  std::optional<DiskRoom> least;
  for (const std::filesystem::path& path : paths) {
    struct statvfs disk{};
    if (::statvfs(path.c_str(), &disk) != 0) continue;
    const std::uint64_t free = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
    if (!least || free < least->free_bytes) least = DiskRoom{path, free};
  }
  return least;
}

std::string too_little_room(const DiskRoom& room, std::int64_t least_mib) {
  return std::to_string(room.free_bytes >> 20U) + " MiB are free on the disk of " + room.path.string() +
         ", and [core] min_free_disk_mib is " + std::to_string(least_mib);
}

DiskGuard::DiskGuard(EventLoop& loop, std::vector<std::filesystem::path> paths,
                     std::function<void(const std::string&)> on_change)
    : loop_(loop), paths_(std::move(paths)), on_change_(std::move(on_change)) {}

DiskGuard::~DiskGuard() {
  if (timer_) loop_.cancel(*timer_);
}

void DiskGuard::set_least(std::int64_t mib) {
  least_mib_ = mib;
  look();
  if (!timer_) arm();
}

void DiskGuard::arm() {
  timer_ = loop_.after(why_.empty() ? std::chrono::microseconds(look_every) : std::chrono::microseconds(look_soon), [this] {
    look();
    arm();
  });
}

void DiskGuard::look() {
  room_ = least_room(paths_);
  const bool was_short = !why_.empty();
  // A little more to go on than to stop, so that it does not change with every log line.
  const std::uint64_t least = static_cast<std::uint64_t>(least_mib_) << 20U;
  const bool is_short = room_ && room_->free_bytes < (was_short ? least + least / 10 : least);
  why_ = is_short ? too_little_room(*room_, least_mib_) : std::string();
  if (is_short != was_short) on_change_(why_);
}

}  // namespace venturi::server
