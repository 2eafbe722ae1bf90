// The keeper's copy of what it takes to finish the logs of running tries (keeper_link.h draws the messages).
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "task/frame.h"
#include "worker/log_stream.h"

namespace venturi::worker {

class KeptLogs {
 public:
  // Takes what is in the socket, without waiting. False when the supervisor's end is closed.
  // Throws task::ProtocolError or ValueError for what no supervisor sends.
  bool receive(int socket);
  // The supervisor and everything below it are dead: brings what is left into the logs, and forgets the tries.
  void finish();
  [[nodiscard]] std::vector<std::string> labels() const;

 private:
  struct Kept {
    std::string label, log_path;
    std::vector<std::string> secrets;
    std::vector<LogStream> streams;
  };
  void apply(const Array& message);
  Fd take_fd();
  static void add_secrets(Kept& kept, const Array& secrets);

  task::FrameReader reader_;
  std::deque<Fd> fds_;  // received, their message not read yet
  std::map<std::uint64_t, Kept> tries_;
};

}  // namespace venturi::worker
