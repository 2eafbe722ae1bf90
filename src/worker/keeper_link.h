// What the supervisor tells its keeper, so that the keeper can finish the logs of tries after the supervisor's death: for each
// try the log file, the secrets to mask in it, and duplicates of the read ends of its sockets (SCM_RIGHTS). Frames of the task
// protocol; the body is an array that begins with the word:
//
//   supervisor: ["open", try, label, log path, [secret...], [kind...]]   + one descriptor for each kind
//               ["stream", try, kind]                                    + one descriptor
//               ["mask", try, [secret...]]
//               ["held", try, number of the stream, bytes]     taken from the socket already, not yet in the log
//               ["close", try]
//   keeper:     ["drain"]
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/fd.h"
#include "venturi/value.h"
#include "worker/log_stream.h"

namespace venturi::worker {

inline constexpr int keeper_fd = 3;  // the supervisor's end

// Nobody is at the other end any more.
class KeeperGone : public std::system_error {
 public:
  using std::system_error::system_error;
};

// The supervisor's side. Everything is queued until flush(), in order.
class KeeperLink {
 public:
  explicit KeeperLink(Fd socket) : socket_(std::move(socket)) {}

  // The descriptors must stay open until flush().
  void open(std::uint64_t id, std::string_view label, const std::string& log_path, const std::vector<std::string>& secrets,
            std::span<const LogKind> kinds, std::span<const int> fds);
  void stream(std::uint64_t id, LogKind kind, int fd);
  void mask(std::uint64_t id, const std::vector<std::string>& secrets);
  void held(std::uint64_t id, std::size_t stream, std::string_view bytes);
  void close(std::uint64_t id);

  // Throws KeeperGone where the keeper is dead, std::system_error for anything else.
  void flush();
  [[nodiscard]] int fd() const { return socket_.get(); }

 private:
  // SCM_RIGHTS takes 253 descriptors; messages are kept far below the socket's buffer.
  static constexpr std::size_t most_fds = 240, most_bytes = 64 << 10;
  struct Part {
    std::string bytes;
    std::vector<int> fds;
  };
  void add(const Value& body, std::span<const int> fds = {});

  Fd socket_;
  std::vector<Part> parts_;
};

}  // namespace venturi::worker
