#include "worker/keeper_link.h"

#include <poll.h>

#include "base/errno_error.h"
#include "task/frame.h"

namespace venturi::worker {
namespace {

Array to_array(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

}  // namespace

void KeeperLink::add(const Value& body, std::span<const int> fds) {
  if (parts_.empty() || parts_.back().bytes.size() > most_bytes || parts_.back().fds.size() + fds.size() > most_fds) {
    parts_.emplace_back();
  }
  task::append_frame(parts_.back().bytes, 0, body);
  parts_.back().fds.insert(parts_.back().fds.end(), fds.begin(), fds.end());
}

void KeeperLink::open(std::uint64_t id, std::string_view label, const std::string& log_path,
                      const std::vector<std::string>& secrets, std::span<const LogKind> kinds, std::span<const int> fds) {
  Array names;
  for (const LogKind kind : kinds) names.emplace_back(static_cast<int>(kind));
  add(Array{"open", id, label, log_path, to_array(secrets), std::move(names)}, fds);
}

void KeeperLink::stream(std::uint64_t id, LogKind kind, int fd) {
  add(Array{"stream", id, static_cast<int>(kind)}, std::span(&fd, 1));
}

void KeeperLink::mask(std::uint64_t id, const std::vector<std::string>& secrets) {
  add(Array{"mask", id, to_array(secrets)});
}

void KeeperLink::held(std::uint64_t id, std::size_t stream, std::string_view bytes) {
  add(Array{"held", id, stream, bytes});
}

void KeeperLink::close(std::uint64_t id) {
  add(Array{"close", id});
}

void KeeperLink::flush() {
  for (const Part& part : parts_) {
    while (!send_with_fds(socket_.get(), part.bytes, part.fds)) {
      // Too many descriptors under way for this user: the keeper takes them in a moment.
      if (errno == EPIPE || errno == ECONNRESET) throw KeeperGone(errno, std::generic_category(), "send to the keeper");
      if (errno != ETOOMANYREFS) throw errno_error("send to the keeper");
      ::poll(nullptr, 0, 1);
    }
  }
  parts_.clear();
}

}  // namespace venturi::worker
