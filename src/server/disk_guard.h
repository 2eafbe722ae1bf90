// Looks how much room the disks of a home have. When it is too little ([core] min_free_disk_mib), nothing new is begun, before
// the disk is full and holds up what is under way; when there is room again, it goes on by itself.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/event_loop.h"
#include "home/home.h"

namespace venturi::server {

struct DiskRoom {
  std::filesystem::path path;  // where the least room is
  std::uint64_t free_bytes = 0;
};
// The folders of a home that are written into, which may lie on disks of their own.
[[nodiscard]] std::vector<std::filesystem::path> written_folders(const Home& home, const std::filesystem::path& database);
// Of the disks on which these lie; nothing where none can be asked.
[[nodiscard]] std::optional<DiskRoom> least_room(const std::vector<std::filesystem::path>& paths);
// "120 MiB are free on the disk of /home/me/.venturi, and [core] min_free_disk_mib is 200"
[[nodiscard]] std::string too_little_room(const DiskRoom& room, std::int64_t least_mib);

class DiskGuard {
 public:
  // on_change: why nothing new is to be begun; empty: there is room again.
  DiskGuard(EventLoop& loop, std::vector<std::filesystem::path> paths, std::function<void(const std::string&)> on_change);
  ~DiskGuard();
  DiskGuard(const DiskGuard&) = delete;
  DiskGuard& operator=(const DiskGuard&) = delete;

  void set_least(std::int64_t mib);  // 0: it never is too little
  void look();
  [[nodiscard]] const std::string& why() const { return why_; }
  [[nodiscard]] const std::optional<DiskRoom>& room() const { return room_; }

 private:
  void arm();

  EventLoop& loop_;
  std::vector<std::filesystem::path> paths_;
  std::function<void(const std::string&)> on_change_;
  std::int64_t least_mib_ = 0;
  std::optional<DiskRoom> room_;
  std::string why_;
  std::optional<EventLoop::TimerId> timer_;
};

}  // namespace venturi::server
